/**
 * Where the functions of routes log.
 *
 * @returns the names of the log groups by route key, as JSON, and the ARNs to read them by
 */
export function functionLogsOf(targets: Record<string, sst.aws.Function>) {
  const names = Object.entries(targets).map(([routeKey, target]) =>
    groupOf(target).name.apply((name): [string, string] => [routeKey, name]),
  );
  return {
    names: $resolve(names).apply((entries) => JSON.stringify(Object.fromEntries(entries))),
    arns: [...new Set(Object.values(targets))].map((target) => $interpolate`${groupOf(target).arn}:*`),
  };
}

function groupOf({ nodes }: sst.aws.Function) {
  return nodes.logGroup.apply((logGroup) => {
    if (logGroup === undefined) throw new Error("expected a log group of its own for each function of a route");
    return logGroup;
  });
}
