import type { Resource, Value } from "@backend/sst-graph/graph";
import { isObject } from "@backend/sst-graph/reference";
import { inputListOf, inputOf, type View } from "./view";

const FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter";

/** A metric that an alarm uses. */
export interface Metric {
  /** Prefix of its paths in the alarm's inputs: empty, or `metricQueries.0.metric.`. */
  at: string;
  namespace: Value | undefined;
  metricName: Value | undefined;
  dimensions: Record<string, Value>;
}

const cache = new WeakMap<Resource, Metric[]>();

/** Returns the metric of an alarm, or the metrics of its queries. */
export function metricsOf(alarm: Resource): Metric[] {
  const metrics = cache.get(alarm) ?? readMetrics(alarm);
  cache.set(alarm, metrics);
  return metrics;
}

function readMetrics(alarm: Resource): Metric[] {
  const queries = inputListOf(alarm, "metricQueries");
  const prefixes =
    queries.length === 0
      ? [""]
      : queries.flatMap((_query, index) =>
          inputOf(alarm, `metricQueries.${index}.expression`) === undefined ? [`metricQueries.${index}.metric.`] : [],
        );
  return prefixes.map((at) => {
    const dimensions = inputOf(alarm, `${at}dimensions`);
    return {
      at,
      namespace: inputOf(alarm, `${at}namespace`),
      metricName: inputOf(alarm, `${at}metricName`),
      dimensions: dimensions !== undefined && dimensions !== null && isObject(dimensions) ? dimensions : {},
    };
  });
}

/**
 * Metrics that AWS publishes, by namespace, and the sets of dimensions that it publishes them with:
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

/**
 * Returns what is wrong with a metric's name or dimensions, or undefined if AWS, a metric filter
 * of the deployment or one of its functions publishes it.
 */
export function findFault(view: View, { namespace, metricName, dimensions }: Metric): string | undefined {
  const names = Object.keys(dimensions).sort().join();
  if (typeof namespace !== "string" || typeof metricName !== "string") return "expected a namespace and a metric";
  const published = PUBLISHED[namespace];
  if (published !== undefined) {
    if (!published.metrics.includes(metricName)) return `${namespace} has no metric "${metricName}"`;
    return published.dimensions.includes(names)
      ? undefined
      : `${metricName} is not published with the dimensions "${names}"`;
  }
  const written = view.promises.metrics?.(view.graph.stage)[namespace]?.[metricName];
  if (written !== undefined) {
    return written.some((set) => [...set].sort().join() === names)
      ? undefined
      : `functions do not write ${metricName} with the dimensions "${names}"`;
  }
  const isPublished = view
    .all(FILTER)
    .some(
      (filter) =>
        inputOf(filter, "metricTransformation.namespace") === namespace &&
        inputOf(filter, "metricTransformation.name") === metricName,
    );
  if (!isPublished) return `nothing publishes "${metricName}" in "${namespace}"`;
  return names === "" ? undefined : `a metric filter publishes "${metricName}" without dimensions`;
}
