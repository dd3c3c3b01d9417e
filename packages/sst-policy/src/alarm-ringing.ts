import type { Resource, Value } from "@backend/sst-graph/graph";
import { isObject } from "@backend/sst-graph/reference";
import { faultOf, metricsOf } from "./alarm-metric";
import type { Finding, Rule } from "./rule";
import { expectThat, found, raw, rawList, type View } from "./view";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

const OPERATORS = [
  ...["GreaterThanOrEqualToThreshold", "GreaterThanThreshold"],
  ...["LessThanOrEqualToThreshold", "LessThanThreshold"],
];
const STATISTICS = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
/**
 * What a metric can still reach when something is wrong. The API waits no longer than 30 s, so that a latency is below
 * that: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const MOST: Record<string, number> = {
  "AWS/ApiGateway Latency": 29_000,
  "AWS/ApiGateway IntegrationLatency": 29_000,
  "AWS/ApiGateway 5xx": 100,
  "AWS/Lambda Duration": 900_000,
  // Lambda discards an event after 6 hours: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
  "AWS/Lambda AsyncEventAge": 3_600_000,
  "AWS/Lambda Errors": 10,
  "AWS/Lambda Throttles": 10,
  "AWS/Lambda DeadLetterErrors": 10,
  "AWS/SQS ApproximateNumberOfMessagesVisible": 10,
};
/** Of an expression, which gives a percentage, and of any other metric. */
const [MOST_PERCENT, MOST_OTHERS] = [25, 1000];
/** Single events that only their sum shows. */
const EVENTS = ["AWS/ApiGateway 5xx", "AWS/Lambda Errors", "AWS/Lambda Throttles", "AWS/Lambda DeadLetterErrors"];
const LATENCIES = ["AWS/ApiGateway Latency", "AWS/ApiGateway IntegrationLatency"];
/** Seconds after which somebody has to be told. */
const LONGEST_WAIT = 3600;

export const ALARM_RINGING_RULES: Rule[] = [
  {
    id: "alarm-metric-published",
    severity: "high",
    title:
      "An alarm is about a metric that AWS or a metric filter publishes, by the dimensions that it is published with",
    reason: "A metric that nobody publishes has no data, and no data is no alarm.",
    fix: "Take namespace, name and dimensions from AWS's documentation of the metric.",
    check: (view) =>
      view.all(ALARM).flatMap((alarm) =>
        metricsOf(alarm).flatMap((metric) => {
          const fault = faultOf(view, metric);
          return fault === undefined ? [] : [found(alarm, `${metric.at}metricName`, fault)];
        }),
      ),
  },
  {
    id: "alarm-can-ring",
    severity: "high",
    title: "An alarm has a threshold that can be passed, by a statistic that shows it, within an hour",
    reason:
      "With a threshold out of reach the alarm is green for good; with one of 0 it is red for good, and nobody looks.",
    fix: "State comparisonOperator, threshold, period, evaluationPeriods and a statistic.",
    check: (view) => view.all(ALARM).flatMap((alarm) => [...thresholdFindings(view, alarm), ...queryFindings(alarm)]),
  },
];

function thresholdFindings(view: View, alarm: Resource): Finding[] {
  const expected = (path: string, test: (value: Value | undefined) => boolean, message: string) =>
    expectThat(view, alarm, path, test, message);
  const periods = Number(raw(alarm, "evaluationPeriods"));
  const metrics = metricsOf(alarm).map(({ namespace, metricName }) => `${namespace} ${metricName}`);
  const hasExpression = rawList(alarm, "metricQueries").length > 0;
  const most = hasExpression ? MOST_PERCENT : (MOST[metrics[0] ?? ""] ?? MOST_OTHERS);
  return [
    ...expected("comparisonOperator", (value) => OPERATORS.includes(String(value)), `expected ${OPERATORS.join(", ")}`),
    ...expected(
      "threshold",
      (value) => typeof value === "number" && value > 0 && value <= most,
      `expected more than 0 and at most ${most}`,
    ),
    ...expected("evaluationPeriods", (value) => Number.isInteger(value) && Number(value) > 0, "expected 1 or more"),
    ...expected(
      "datapointsToAlarm",
      (value) => value === undefined || (Number(value) >= 1 && Number(value) <= periods),
      "expected no more data points than evaluationPeriods",
    ),
    ...metricsOf(alarm).flatMap(({ at }, index) => {
      const metric = metrics[index] ?? "";
      const statistic = at === "" ? "statistic" : `${at}stat`;
      const percentile = at === "" ? raw(alarm, "extendedStatistic") : raw(alarm, statistic);
      return [
        ...expected(
          `${at}period`,
          (period) => isPeriod(Number(period)) && Number(period) * (periods || 1) <= LONGEST_WAIT,
          `expected 10, 20, 30 or a multiple of 60 seconds, all periods together within ${LONGEST_WAIT} seconds`,
        ),
        ...(EVENTS.includes(metric)
          ? expected(statistic, (value) => value === "Sum", "expected Sum: any other hides a single one")
          : []),
        ...(LATENCIES.includes(metric) && !/^(p9\d(\.\d+)?|Maximum)$/.test(String(percentile ?? raw(alarm, statistic)))
          ? [found(alarm, `${at}extendedStatistic`, "expected p90 or more: others hide slow requests")]
          : []),
        ...(/^p\d{1,2}(\.\d+)?$/.test(String(percentile))
          ? []
          : expected(statistic, (value) => STATISTICS.includes(String(value)), `expected ${STATISTICS.join(", ")}`)),
      ];
    }),
  ];
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
function isPeriod(period: number): boolean {
  return [10, 20, 30].includes(period) || (period > 0 && period % 60 === 0);
}

/** Of an alarm on an expression: one query gives the value, the others are what it is made of. */
function queryFindings(alarm: Resource): Finding[] {
  const queries = rawList(alarm, "metricQueries").map((query) => (query !== null && isObject(query) ? query : {}));
  if (queries.length === 0) return [];
  const ids = queries.map(({ id }) => String(id));
  const shown = queries.filter(({ returnData }) => returnData === true);
  const made = queries.filter(({ expression }) => expression !== undefined);
  const wrong = ids.filter((id, index) => !/^[a-z]\w*$/.test(id) || ids.indexOf(id) !== index);
  return [
    ...wrong.map((id) => found(alarm, "metricQueries", `"${id}" is no id of its own`)),
    ...(shown.length === 1 && shown.every((query) => made.length === 0 || made.includes(query))
      ? []
      : [found(alarm, "metricQueries", "expected one query to return data: the expression")]),
    ...made.flatMap(({ expression }) => {
      const asked = String(expression).match(/\b[a-z]\w*/g) ?? [];
      const strange = asked.length === 0 ? [String(expression)] : asked.filter((name) => !ids.includes(name));
      return strange.map((name) => found(alarm, "metricQueries", `no query is called "${name}"`));
    }),
  ];
}
