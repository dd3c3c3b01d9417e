import { INSIGHTS_QUERIES } from "@secure-backend/core/access-log/insights";

/** Saves the queries over the access log, in the console's folder `secure-backend/<stage>` of Logs Insights. */
export function saveQueries(accessLogGroup: $util.Input<string>): void {
  for (const { name, query } of INSIGHTS_QUERIES) {
    new aws.cloudwatch.QueryDefinition(`Query${logicalName(name)}`, {
      name: `${$app.name}/${$app.stage}/${name}`,
      logGroupNames: [accessLogGroup],
      queryString: query,
    });
  }
}

/** `errors-by-route` -> `ErrorsByRoute`. */
function logicalName(name: string): string {
  return name.replaceAll(/(?:^|-)(\w)/g, (_match, letter: string) => letter.toUpperCase());
}
