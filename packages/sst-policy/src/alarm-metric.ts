import type { Resource, Value } from "@backend/sst-graph/graph";
import { isObject } from "@backend/sst-graph/reference";
import { raw, rawList, type View } from "./view";

const FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter";

/** A metric that an alarm is about. */
export interface Metric {
  /** Where it stands in the alarm's inputs: empty, or `metricQueries.0.metric.`. */
  at: string;
  namespace: Value | undefined;
  metricName: Value | undefined;
  dimensions: Record<string, Value>;
}

const read = new WeakMap<Resource, Metric[]>();

/** The metrics of an alarm: its own, or those of its queries. */
export function metricsOf(alarm: Resource): Metric[] {
  const known = read.get(alarm) ?? readMetrics(alarm);
  read.set(alarm, known);
  return known;
}

function readMetrics(alarm: Resource): Metric[] {
  const queries = rawList(alarm, "metricQueries");
  const places =
    queries.length === 0
      ? [""]
      : queries.flatMap((_query, index) =>
          raw(alarm, `metricQueries.${index}.expression`) === undefined ? [`metricQueries.${index}.metric.`] : [],
        );
  return places.map((at) => {
    const dimensions = raw(alarm, `${at}dimensions`);
    return {
      at,
      namespace: raw(alarm, `${at}namespace`),
      metricName: raw(alarm, `${at}metricName`),
      dimensions: dimensions !== undefined && dimensions !== null && isObject(dimensions) ? dimensions : {},
    };
  });
}

/**
 * Metrics of AWS's own by namespace, and the sets of dimensions that they are published with:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html,
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html,
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html,
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html,
 * https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html,
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
 */
const PUBLISHED: Record<string, { metrics: string[]; dimensions: string[] }> = {
  "AWS/ApiGateway": {
    metrics: ["4xx", "5xx", "Count", "DataProcessed", "IntegrationLatency", "Latency"],
    dimensions: ["ApiId", "ApiId,Stage", "ApiId,Method,Resource,Stage"],
  },
  "AWS/Lambda": {
    metrics: [
      ...["Errors", "Throttles", "Invocations", "Duration", "ConcurrentExecutions", "DeadLetterErrors"],
      ...["AsyncEventsReceived", "AsyncEventAge", "AsyncEventsDropped", "DestinationDeliveryFailures"],
      "ClaimedAccountConcurrency",
    ],
    dimensions: ["", "FunctionName", "FunctionName,Resource"],
  },
  "AWS/SQS": {
    metrics: [
      ...["ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"],
      ...["ApproximateAgeOfOldestMessage", "NumberOfMessagesSent", "NumberOfMessagesReceived"],
    ],
    dimensions: ["QueueName"],
  },
  "AWS/DynamoDB": {
    metrics: [
      ...["ReadThrottleEvents", "WriteThrottleEvents", "ThrottledRequests", "SystemErrors", "UserErrors"],
      ...["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "SuccessfulRequestLatency"],
    ],
    dimensions: ["", "TableName", "GlobalSecondaryIndexName,TableName", "Operation,TableName"],
  },
  "AWS/CloudFront": {
    metrics: ["Requests", "4xxErrorRate", "5xxErrorRate", "TotalErrorRate"],
    dimensions: ["DistributionId,Region"],
  },
  "AWS/WAFV2": {
    metrics: ["AllowedRequests", "BlockedRequests", "CountedRequests"],
    dimensions: ["Rule,WebACL", "Region,Rule,WebACL"],
  },
  "AWS/Scheduler": {
    metrics: ["InvocationAttemptCount", "TargetErrorCount", "TargetErrorThrottledCount", "InvocationDroppedCount"],
    dimensions: ["", "ScheduleGroup"],
  },
};

/** What is wrong with a metric's name or dimensions; undefined for one that AWS, or a metric filter of the deployment, publishes. */
export function faultOf(view: View, { namespace, metricName, dimensions }: Metric): string | undefined {
  const names = Object.keys(dimensions).sort().join();
  if (typeof namespace !== "string" || typeof metricName !== "string") return "expected a namespace and a metric";
  const published = PUBLISHED[namespace];
  if (published !== undefined) {
    if (!published.metrics.includes(metricName)) return `${namespace} has no metric "${metricName}"`;
    return published.dimensions.includes(names)
      ? undefined
      : `${metricName} is not published by the dimensions "${names}"`;
  }
  const own = view
    .all(FILTER)
    .some(
      (filter) =>
        raw(filter, "metricTransformation.namespace") === namespace &&
        raw(filter, "metricTransformation.name") === metricName,
    );
  if (!own) return `nothing publishes "${metricName}" in "${namespace}"`;
  return names === "" ? undefined : `a metric filter publishes "${metricName}" without dimensions`;
}
