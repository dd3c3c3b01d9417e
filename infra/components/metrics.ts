import type { AccessLogFieldName } from "@backend/platform/access-log/fields";
import type { Counts } from "@backend/platform/lambda/metrics";

import { metricNamespace } from "./prefix";
import type { LambdaFunction } from "./secure-function";

/** What `monitor` watches. */
export interface Monitored {
  api: sst.aws.ApiGatewayV2;
  accessLog: { name: $util.Input<string> };
  /** Of routes, and those that run by themselves. Their tables are watched as well. */
  functions: LambdaFunction[];
  /**
   * Those of them that services invoke asynchronously: their events wait in a queue of Lambda's.
   */
  background: LambdaFunction[];
  deadLetters: sst.aws.Queue | undefined;
  /** Before the names of alarms, filters and the dashboard. */
  prefix: string;
}

export const METRICS = {
  api: { namespace: "AWS/ApiGateway" },
  lambda: { namespace: "AWS/Lambda" },
  dynamodb: { namespace: "AWS/DynamoDB" },
  sqs: { namespace: "AWS/SQS" },
  /** Made from the access log, and written by functions to their logs. */
  own: {
    get namespace() {
      return metricNamespace($app.stage);
    },
  },
};

const field = (name: AccessLogFieldName) => `$.${name}`;

/** Refusals for which HTTP APIs have no separate metric: they all count as `4xx`. */
export const REFUSALS = {
  // What a function refuses has no error message of API Gateway's.
  ThrottledRequests: {
    what: "throttled by API Gateway",
    pattern: `{ ${field("status")} = 429 && ${field("errorMessage")} != "-" }`,
  },
  UnauthorizedRequests: {
    what: "refused because the token or its scope is missing",
    pattern: `{ (${field("status")} = 401 || ${field("status")} = 403) && ${field("errorMessage")} != "-" }`,
  },
};

export type RefusalMetric = keyof typeof REFUSALS;

/** Names of the metrics that functions write. */
export type RequestMetric = keyof Counts;

/** Each table that a function uses, once. */
export function tablesOf(functions: LambdaFunction[]) {
  const tables = functions.flatMap(({ uses }) => uses.flatMap(({ table }) => table ?? []));
  return [...new Map(tables.map((table) => [table.name, table])).values()];
}

/** Counts refusals in the access log. */
export function refusalMetrics(logGroupName: $util.Input<string>, prefix: string) {
  return (Object.keys(REFUSALS) as RefusalMetric[]).map((refusal) => {
    const { what, pattern } = REFUSALS[refusal];
    const metricName = `${prefix}${refusal}`;
    new aws.cloudwatch.LogMetricFilter(`${metricName}Filter`, {
      name: `${metricName}-${$app.stage}`,
      logGroupName,
      pattern,
      metricTransformation: {
        name: metricName,
        namespace: METRICS.own.namespace,
        value: "1",
        defaultValue: "0",
        unit: "Count",
      },
    });
    return { refusal, metricName, what };
  });
}
