import { AppError } from "../error";
import type { ErrorDescription } from "./invocation-record";

/**
 * Metrics of requests, with the sets of dimensions that each is published with. Every set and every
 * operation is a custom metric of CloudWatch that costs money in the hours in which it has data.
 * The empty set is the total of all operations; only metrics with an alarm have it, because an
 * alarm cannot search for operations.
 *
 * Requests that succeed are not among them: the access log counts those by route.
 */
export const REQUEST_METRICS = {
  /** Requests that the function rejected with 401 or 403, without API Gateway's own rejections. */
  Denied: [["Operation"], []],
  /** Requests that were rejected because a quota had no room. */
  QuotaRefused: [["Operation"]],
  /** Requests that got 5xx. */
  Failed: [["Operation"]],
  /** Requests that were served although their quota could not be counted. */
  QuotaError: [[]],
  /** Units of metered operations. The sample count is the number of requests. */
  UnitsRecorded: [["Operation"]],
  /** Units that a successful request did not record. */
  UnitsFailed: [["Operation"]],
} as const satisfies Record<string, readonly (readonly "Operation"[])[]>;

export type Counts = { [Name in keyof typeof REQUEST_METRICS]?: number };

/** Results of the steps of a request, for its log record and its metrics. */
export interface Progress {
  /** Why the caller's quota could not be counted. */
  quotaError?: ErrorDescription;
  /** Units of a metered operation that succeeded. */
  units?: { recorded: number; failed: number };
}

/** Returns the metrics of a request: none for most that succeed. */
export function countsOf(status: number, failure: unknown, { quotaError, units }: Progress): Counts {
  return {
    ...((status === 401 || status === 403) && { Denied: 1 }),
    ...(failure instanceof AppError && failure.code.startsWith("quota.") && { QuotaRefused: 1 }),
    ...(status >= 500 && { Failed: 1 }),
    ...(quotaError !== undefined && { QuotaError: 1 }),
    ...(units !== undefined && units.recorded > 0 && { UnitsRecorded: units.recorded }),
    ...(units !== undefined && units.failed > 0 && { UnitsFailed: units.failed }),
  };
}

interface Counted {
  namespace: string;
  /** Id of the operation, or the route key of a request that no operation serves. */
  operation: string;
  counts: Counts;
  /** Epoch milliseconds. */
  now: number;
}

/**
 * Writes counts to the function's log in CloudWatch's Embedded Metric Format, on one line; nothing
 * if there are none.
 *
 * The document must be the whole log event. `console` would put it into the property `message` of a
 * JSON record, and its metrics would be lost. Lambda does not change lines of standard output that
 * are JSON already:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
export function writeMetrics({ namespace, operation, counts, now }: Counted): void {
  const names = Object.keys(counts) as (keyof Counts)[];
  if (names.length === 0) return;
  const directives = names.map((name) => ({
    Namespace: namespace,
    Dimensions: REQUEST_METRICS[name],
    Metrics: [{ Name: name, Unit: "Count" }],
  }));
  const document = { _aws: { Timestamp: now, CloudWatchMetrics: directives }, Operation: operation, ...counts };
  process.stdout.write(`${JSON.stringify(document)}\n`);
}
