import type { Grant } from "./grant";
import type { LambdaFunction } from "./secure-function";

/**
 * Lets a function search the logs of all other functions of routes, and gives it the names of their
 * log groups by route key, as JSON.
 *
 * @param served functions by route key, once all routes are known
 */
export function grantFunctionLogs(variable: string, served: Promise<ReadonlyMap<string, LambdaFunction>>): Grant {
  const groups = $output(served.then((functions) => groupsOf(functions, grant)));
  const grant: Grant = {
    variable,
    value: groups.apply((all) => JSON.stringify(Object.fromEntries(all.map(({ key, name }) => [key, name])))),
    permissions: [
      {
        actions: ["logs:FilterLogEvents"],
        resources: groups.apply((all) => [...new Set(all.map(({ arn }) => `${arn}:*`))]),
      },
    ],
  };
  return grant;
}

/** Without the function that reads them: reading its own log would write to it. */
function groupsOf(functions: ReadonlyMap<string, LambdaFunction>, own: Grant) {
  return [...functions]
    .filter(([, { uses }]) => !uses.includes(own))
    .map(([key, { lambda }]) =>
      lambda.nodes.logGroup.apply((logGroup) => {
        if (logGroup === undefined) throw new Error(`route "${key}": expected a function with a log group of its own`);
        return $resolve({ key, name: logGroup.name, arn: logGroup.arn });
      }),
    );
}
