import type { Resource, Value } from "@backend/sst-graph/graph";
import { type Metric, metricsOf } from "./alarm-metric";
import { accessLogs } from "./logs";
import { isDeadLetterQueue } from "./messaging";
import type { Finding, Rule } from "./rule";
import { expectTarget, expectThat, found, raw, targetOf, type View } from "./view";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter";
const STAGE = "aws:apigatewayv2/stage:Stage";
const GROUP = "aws:cloudwatch/logGroup:LogGroup";

/** Statuses of refusals that HTTP APIs have no metric of their own for. */
const REFUSALS = ["401", "403", "429"];

export const ALARM_COVERAGE_RULES: Rule[] = [
  {
    id: "function-has-alarms",
    severity: "medium",
    title: "Somebody is told when a function fails or is not run",
    reason:
      "What runs by itself fails without anyone waiting for its answer; behind the API a 500 is the caller's to report.",
    fix: "Add an aws.cloudwatch.MetricAlarm for each of these metrics of the function.",
    check: (view) =>
      view
        .all("aws:lambda/function:Function")
        .flatMap((lambda) =>
          ["Errors", "Throttles"]
            .filter((metricName) => !isWatched(view, "AWS/Lambda", metricName, { FunctionName: lambda }))
            .map((metricName) => found(lambda, "@", `no alarm watches its ${metricName}`)),
        ),
  },
  {
    id: "api-has-alarms",
    severity: "medium",
    title: "Somebody is told when an API answers with 5xx or slowly; in prod also when nobody calls it",
    reason: "Callers notice first, and a backend that is cut off raises no error at all.",
    fix: "Add an aws.cloudwatch.MetricAlarm for each of these metrics of the API's stage.",
    check: (view) =>
      view.all(STAGE).flatMap((stage) => {
        const api = targetOf(view, raw(stage, "apiId"))?.resource;
        if (api === undefined) return []; // stage-auto-deploy tells
        const of = { ApiId: api, Stage: stage };
        const isLow = (alarm: Resource) => /^Less/.test(String(raw(alarm, "comparisonOperator")));
        return ["5xx", "Latency", ...(view.strict ? ["Count"] : [])]
          .filter(
            (name) => !isWatched(view, "AWS/ApiGateway", name, of, (alarm) => isLow(alarm) === (name === "Count")),
          )
          .map((metricName) => found(stage, "@", `no alarm watches its ${metricName}`));
      }),
  },
  {
    id: "dead-letters-have-alarm",
    severity: "medium",
    title: "Somebody is told of dead letters",
    reason: "They are kept for 14 days, and nobody looks into a queue unasked.",
    fix: "Add an aws.cloudwatch.MetricAlarm for ApproximateNumberOfMessagesVisible of the queue.",
    check: (view) =>
      view
        .all("aws:sqs/queue:Queue")
        .filter((queue) => isDeadLetterQueue(view, queue))
        .filter((queue) => !isWatched(view, "AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: queue }))
        .map((queue) => found(queue, "@", "no alarm watches its ApproximateNumberOfMessagesVisible")),
  },
  {
    id: "refusals-counted",
    severity: "medium",
    title:
      "Calls that the API refuses (401, 403, 429) are counted from the access log, and somebody is told when they are many",
    reason: "To HTTP APIs all of them are 4xx: an attack on tokens looks like a caller's typing mistakes.",
    fix: "Add an aws.cloudwatch.LogMetricFilter of the access log for each status, and an alarm for its metric.",
    check: (view) =>
      accessLogs(view).flatMap((group) => {
        const filters = view
          .all(FILTER)
          .filter((filter) => targetOf(view, raw(filter, "logGroupName"))?.resource === group);
        const patterns = filters.filter((filter) => isAlarmed(view, filter)).map((filter) => raw(filter, "pattern"));
        const counted = patterns.flatMap((pattern) => statusesOf(String(pattern)));
        return REFUSALS.filter((status) => !counted.includes(status)).map((status) =>
          found(group, "@", `no metric with an alarm counts every refusal with the status ${status}`),
        );
      }),
  },
  {
    id: "metric-filter-counts",
    severity: "medium",
    title: "A metric filter counts lines of an access log of the deployment, by fields that are in it",
    reason: "A filter on a field that the log does not have counts nothing, for good, and its alarm never rings.",
    fix: "Name in the pattern only fields that the access log's format has.",
    check: (view) => view.all(FILTER).flatMap((filter) => filterFindings(view, filter)),
  },
];

/** Whether an alarm that passes the test is about a metric of just these resources. A stage goes by its name too. */
function isWatched(
  view: View,
  namespace: string,
  metricName: string,
  of: Record<string, Resource>,
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
          Object.keys(metric.dimensions).length === Object.keys(of).length &&
          Object.entries(of).every(([name, resource]) => names(view, metric.dimensions[name], resource)),
      ),
    );
}

function names(view: View, value: Value | undefined, resource: Resource): boolean {
  const target = targetOf(view, value);
  if (target !== undefined) return target.resource === resource;
  return value !== undefined && value === resource.inputs.name;
}

function isAlarmed(view: View, filter: Resource): boolean {
  const [namespace, metricName] = [
    raw(filter, "metricTransformation.namespace"),
    raw(filter, "metricTransformation.name"),
  ];
  const isOf = (metric: Metric) => metric.namespace === namespace && metric.metricName === metricName;
  return view.all(ALARM).some((alarm) => metricsOf(alarm).some(isOf));
}

function filterFindings(view: View, filter: Resource): Finding[] {
  const group = targetOf(view, raw(filter, "logGroupName"))?.resource;
  const fields = view
    .all(STAGE)
    .filter((stage) => targetOf(view, raw(stage, "accessLogSettings.destinationArn"))?.resource === group)
    .flatMap((stage) => fieldsOf(raw(stage, "accessLogSettings.format")));
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
        const asked = [...pattern.matchAll(/\$\.(\w+)/g)].map(([, field = ""]) => field);
        return /^\{.+\}$/.test(pattern) && asked.length > 0 && asked.every((field) => fields.includes(field));
      },
      "expected a JSON pattern of fields that the log has",
    ),
    ...text("metricTransformation.value", (value) => value === "1", "expected 1 for each line"),
    ...text("metricTransformation.defaultValue", (value) => value === "0", "expected 0 where no line matches"),
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

/** Whether API Gateway itself refused: what a function refuses has no error message of the gateway's. */
const BY_GATEWAY = /^\$\.(errorMessage|errorType) != "-"$/;

/**
 * The statuses of which a metric filter's pattern counts every line that API Gateway wrote for a refusal:
 * `{ ($.status = 401 || $.status = 403) && $.errorMessage != "-" }`. Any other condition leaves some out.
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
