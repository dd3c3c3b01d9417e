import { INSIGHTS_QUERIES } from "@backend/platform/access-log/insights";

/** Saves the queries over the access log, in the folder `<app>/<stage>` of Logs Insights. */
export function saveQueries(accessLogGroup: $util.Input<string>, prefix: string): void {
  for (const { name, query } of INSIGHTS_QUERIES) {
    new aws.cloudwatch.QueryDefinition(`${prefix}Query${logicalName(name)}`, {
      name: [$app.name, $app.stage, prefix, name].filter(Boolean).join("/"),
      logGroupNames: [accessLogGroup],
      queryString: query,
    });
  }
}

/** `errors-by-route` -> `ErrorsByRoute`. */
function logicalName(name: string): string {
  return name.replaceAll(/(?:^|-)(\w)/g, (_match, letter: string) => letter.toUpperCase());
}
