import type { Resource, Value } from "@backend/sst-graph/graph";
import { type Metric, metricsOf } from "./alarm-metric";
import { accessLogs } from "./logs";
import { isDeadLetterQueue } from "./messaging";
import type { Finding, Rule } from "./rule";
import { expectTarget, expectThat, flag, inputOf, targetOf, type View } from "./view";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter";
const STAGE = "aws:apigatewayv2/stage:Stage";
const GROUP = "aws:cloudwatch/logGroup:LogGroup";

/** Statuses of rejected requests. HTTP APIs have no separate metrics for them. */
const REJECTIONS = ["401", "403", "429"];

export const ALARM_COVERAGE_RULES: Rule[] = [
  {
    id: "function-has-alarms",
    severity: "medium",
    title: "Functions have alarms for errors and throttles",
    reason:
      "Nobody waits for the response of a background function, so its failures stay unnoticed. Behind the " +
      "API, only the caller sees the 500.",
    fix: "Add an aws.cloudwatch.MetricAlarm for each of these metrics of the function.",
    check: (view) =>
      view
        .all("aws:lambda/function:Function")
        .flatMap((lambda) =>
          ["Errors", "Throttles"]
            .filter((metricName) => !isWatched(view, "AWS/Lambda", metricName, { FunctionName: lambda }))
            .map((metricName) => flag(lambda, "@", `no alarm on ${metricName}`)),
        ),
  },
  {
    id: "api-has-alarms",
    severity: "medium",
    title: "APIs have alarms for 5xx responses and latency; in prod also for missing requests",
    reason: "Without alarms, callers notice first. An API that nobody can reach produces no errors.",
    fix: "Add an aws.cloudwatch.MetricAlarm for each of these metrics of the API's stage.",
    check: (view) =>
      view.all(STAGE).flatMap((stage) => {
        const api = targetOf(view, inputOf(stage, "apiId"))?.resource;
        if (api === undefined) return []; // stage-auto-deploy reports this
        const dimensions = { ApiId: api, Stage: stage };
        const isLow = (alarm: Resource) => /^Less/.test(String(inputOf(alarm, "comparisonOperator")));
        return ["5xx", "Latency", ...(view.strict ? ["Count"] : [])]
          .filter(
            (name) =>
              !isWatched(view, "AWS/ApiGateway", name, dimensions, (alarm) => isLow(alarm) === (name === "Count")),
          )
          .map((metricName) => flag(stage, "@", `no alarm on ${metricName}`));
      }),
  },
  {
    id: "dead-letters-have-alarm",
    severity: "medium",
    title: "Dead-letter queues have an alarm",
    reason: "Dead letters are deleted after 14 days, and nobody looks into a queue without a reason.",
    fix: "Add an aws.cloudwatch.MetricAlarm for the queue's ApproximateNumberOfMessagesVisible.",
    check: (view) =>
      view
        .all("aws:sqs/queue:Queue")
        .filter((queue) => isDeadLetterQueue(view, queue))
        .filter((queue) => !isWatched(view, "AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: queue }))
        .map((queue) => flag(queue, "@", "no alarm on ApproximateNumberOfMessagesVisible")),
  },
  {
    id: "refusals-counted",
    severity: "medium",
    title: "Rejected requests (401, 403, 429) are counted from the access log, and have alarms",
    reason:
      "HTTP APIs count all of them as 4xx. An attack with stolen tokens then looks like the usual mistakes " +
      "of callers.",
    fix: "For each status, add an aws.cloudwatch.LogMetricFilter on the access log and an alarm for its metric.",
    check: (view) =>
      accessLogs(view).flatMap((group) => {
        const filters = view
          .all(FILTER)
          .filter((filter) => targetOf(view, inputOf(filter, "logGroupName"))?.resource === group);
        const patterns = filters
          .filter((filter) => isAlarmed(view, filter))
          .map((filter) => inputOf(filter, "pattern"));
        const counted = patterns.flatMap((pattern) => statusesOf(String(pattern)));
        return REJECTIONS.filter((status) => !counted.includes(status)).map((status) =>
          flag(group, "@", `no metric with an alarm counts every rejected request with status ${status}`),
        );
      }),
  },
  {
    id: "metric-filter-counts",
    severity: "medium",
    title: "A metric filter counts entries of this deployment's access log, by fields that the log has",
    reason: "A filter on a missing field never counts anything, and its alarm never goes off.",
    fix: "In the pattern, use only fields of the access log's format.",
    check: (view) => view.all(FILTER).flatMap((filter) => filterFindings(view, filter)),
  },
];

/** True if an alarm that passes the test uses the metric with exactly these dimensions. */
function isWatched(
  view: View,
  namespace: string,
  metricName: string,
  dimensions: Record<string, Resource>,
  test: (alarm: Resource) => boolean = () => true,
): boolean {
  return view
    .all(ALARM)
    .filter(test)
    .some((alarm) =>
      metricsOf(alarm).some(
        (metric) =>
          metric.namespace === namespace &&
          metric.metricName === metricName &&
          Object.keys(metric.dimensions).length === Object.keys(dimensions).length &&
          Object.entries(dimensions).every(([name, resource]) => isNameOf(view, metric.dimensions[name], resource)),
      ),
    );
}

/** True for an output of the resource, and for its name: alarms name a stage by its name. */
function isNameOf(view: View, value: Value | undefined, resource: Resource): boolean {
  const target = targetOf(view, value);
  if (target !== undefined) return target.resource === resource;
  return value !== undefined && value === resource.inputs.name;
}

function isAlarmed(view: View, filter: Resource): boolean {
  const [namespace, metricName] = [
    inputOf(filter, "metricTransformation.namespace"),
    inputOf(filter, "metricTransformation.name"),
  ];
  const matches = (metric: Metric) => metric.namespace === namespace && metric.metricName === metricName;
  return view.all(ALARM).some((alarm) => metricsOf(alarm).some(matches));
}

function filterFindings(view: View, filter: Resource): Finding[] {
  const group = targetOf(view, inputOf(filter, "logGroupName"))?.resource;
  const fields = view
    .all(STAGE)
    .filter((stage) => targetOf(view, inputOf(stage, "accessLogSettings.destinationArn"))?.resource === group)
    .flatMap((stage) => fieldsOf(inputOf(stage, "accessLogSettings.format")));
  const text = (path: string, test: (value: string) => boolean, message: string) =>
    expectThat(view, filter, path, (value) => typeof value === "string" && test(value), message);
  return [
    ...expectTarget(
      view,
      filter,
      "logGroupName",
      [GROUP],
      "expected an access log of this deployment",
      (one, output) => accessLogs(view).includes(one) && output === "name",
    ),
    ...text(
      "pattern",
      (pattern) => {
        const used = [...pattern.matchAll(/\$\.(\w+)/g)].map(([, field = ""]) => field);
        return /^\{.+\}$/.test(pattern) && used.length > 0 && used.every((field) => fields.includes(field));
      },
      "expected a JSON pattern that uses only fields of the log",
    ),
    ...text("metricTransformation.value", (value) => value === "1", "expected 1 for each entry"),
    ...text("metricTransformation.defaultValue", (value) => value === "0", "expected 0 if no entry matches"),
    ...expectThat(
      view,
      filter,
      "metricTransformation.unit",
      (unit) => unit === undefined || unit === "Count" || unit === "None",
      "expected Count",
    ),
    ...text("metricTransformation.name", (name) => /^[\w./#-]+$/.test(name), "expected a name"),
    ...text("metricTransformation.namespace", (name) => /^(?!AWS\/)[\w./#-]+$/.test(name), "expected a namespace"),
  ];
}

/** True if API Gateway itself rejected the request. Functions do not set these fields. */
const BY_GATEWAY = /^\$\.(errorMessage|errorType) != "-"$/;

/**
 * Returns the statuses for which a metric filter's pattern counts every request that API Gateway
 * rejects: `{ ($.status = 401 || $.status = 403) && $.errorMessage != "-" }`. Any other condition
 * would miss some requests.
 */
function statusesOf(pattern: string): string[] {
  const conditions = pattern.replace(/^\{(.*)\}$/, "$1").split("&&");
  const statuses: string[] = [];
  for (const condition of conditions.map((one) => one.trim())) {
    if (BY_GATEWAY.test(condition)) continue;
    const choices = condition.replace(/^\((.*)\)$/, "$1").split("||");
    for (const choice of choices.map((one) => one.trim())) {
      const [, status] = /^\$\.status = (\d{3})$/.exec(choice) ?? [];
      if (status === undefined) return [];
      statuses.push(status);
    }
  }
  return statuses;
}

function fieldsOf(format: Value | undefined): string[] {
  return [...String(format).matchAll(/"(\w+)"\s*:/g)].map(([, field = ""]) => field);
}
