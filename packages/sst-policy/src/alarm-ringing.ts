import type { Resource, Value } from "@backend/sst-graph/graph";
import { isObject } from "@backend/sst-graph/reference";
import { findFault, metricsOf } from "./alarm-metric";
import type { Finding, Rule } from "./rule";
import { expectThat, flag, inputListOf, inputOf, type View } from "./view";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

const OPERATORS = [
  ...["GreaterThanOrEqualToThreshold", "GreaterThanThreshold"],
  ...["LessThanOrEqualToThreshold", "LessThanThreshold"],
];
const STATISTICS = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
/**
 * Highest thresholds that a metric can still exceed when something is wrong, in the metric's unit.
 * The API waits at most 30 s, which limits latencies:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const MAX_THRESHOLDS: Record<string, number> = {
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
/** Highest threshold of an expression, which gives a percentage. */
const MAX_PERCENT_THRESHOLD = 25;
/** Highest threshold of any other metric. */
const MAX_OTHER_THRESHOLD = 1000;
/** Metrics of single events, which only a sum shows. */
const EVENT_METRICS = [
  "AWS/ApiGateway 5xx",
  "AWS/Lambda Errors",
  "AWS/Lambda Throttles",
  "AWS/Lambda DeadLetterErrors",
];
const LATENCIES = ["AWS/ApiGateway Latency", "AWS/ApiGateway IntegrationLatency"];
/** Longest time until an alarm goes off. */
const MAX_DELAY_SECONDS = 3600;

export const ALARM_RINGING_RULES: Rule[] = [
  {
    id: "alarm-metric-published",
    severity: "high",
    title: "An alarm uses a metric that AWS, a metric filter or a function publishes, with the dimensions that it has",
    reason: "A metric that nobody publishes has no data, and its alarm never goes off.",
    fix: "Take namespace, name and dimensions from AWS's documentation of the metric.",
    check: (view) =>
      view.all(ALARM).flatMap((alarm) =>
        metricsOf(alarm).flatMap((metric) => {
          const fault = findFault(view, metric);
          return fault === undefined ? [] : [flag(alarm, `${metric.at}metricName`, fault)];
        }),
      ),
  },
  {
    id: "alarm-can-ring",
    severity: "high",
    title: "An alarm has a reachable threshold and a fitting statistic, and goes off within an hour",
    reason:
      "With a threshold that is out of reach, an alarm is always green. With a threshold of 0 it is always " +
      "red, and nobody looks.",
    fix: "Set comparisonOperator, threshold, period, evaluationPeriods and a statistic.",
    check: (view) => view.all(ALARM).flatMap((alarm) => [...thresholdFindings(view, alarm), ...queryFindings(alarm)]),
  },
];

function thresholdFindings(view: View, alarm: Resource): Finding[] {
  const expected = (path: string, test: (value: Value | undefined) => boolean, message: string) =>
    expectThat(view, alarm, path, test, message);
  const periods = Number(inputOf(alarm, "evaluationPeriods"));
  const metrics = metricsOf(alarm).map(({ namespace, metricName }) => `${namespace} ${metricName}`);
  const hasExpression = inputListOf(alarm, "metricQueries").length > 0;
  const most = hasExpression ? MAX_PERCENT_THRESHOLD : (MAX_THRESHOLDS[metrics[0] ?? ""] ?? MAX_OTHER_THRESHOLD);
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
      const percentile = at === "" ? inputOf(alarm, "extendedStatistic") : inputOf(alarm, statistic);
      return [
        ...expected(
          `${at}period`,
          (period) => isPeriod(Number(period)) && Number(period) * (periods || 1) <= MAX_DELAY_SECONDS,
          `expected 10, 20, 30 or a multiple of 60 seconds, and at most ${MAX_DELAY_SECONDS} seconds for all periods`,
        ),
        ...(EVENT_METRICS.includes(metric)
          ? expected(statistic, (value) => value === "Sum", "expected Sum: other statistics hide a single event")
          : []),
        ...(LATENCIES.includes(metric) &&
        !/^(p9\d(\.\d+)?|Maximum)$/.test(String(percentile ?? inputOf(alarm, statistic)))
          ? [flag(alarm, `${at}extendedStatistic`, "expected p90 or higher: other statistics hide slow requests")]
          : []),
        ...(/^p\d{1,2}(\.\d+)?$/.test(String(percentile))
          ? []
          : expected(statistic, (value) => STATISTICS.includes(String(value)), `expected ${STATISTICS.join(", ")}`)),
      ];
    }),
  ];
}

/**
 * Periods in seconds:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
function isPeriod(period: number): boolean {
  return [10, 20, 30].includes(period) || (period > 0 && period % 60 === 0);
}

/** Checks an alarm on an expression: one query returns the value, the others are its operands. */
function queryFindings(alarm: Resource): Finding[] {
  const queries = inputListOf(alarm, "metricQueries").map((query) => (query !== null && isObject(query) ? query : {}));
  if (queries.length === 0) return [];
  const ids = queries.map(({ id }) => String(id));
  const returned = queries.filter(({ returnData }) => returnData === true);
  const expressions = queries.filter(({ expression }) => expression !== undefined);
  const wrong = ids.filter((id, index) => !/^[a-z]\w*$/.test(id) || ids.indexOf(id) !== index);
  return [
    ...wrong.map((id) => flag(alarm, "metricQueries", `"${id}" is not a valid, unique ID`)),
    ...(returned.length === 1 && returned.every((query) => expressions.length === 0 || expressions.includes(query))
      ? []
      : [flag(alarm, "metricQueries", "expected only the expression to return data")]),
    ...expressions.flatMap(({ expression }) => {
      const used = String(expression).match(/\b[a-z]\w*/g) ?? [];
      const missing = used.length === 0 ? [String(expression)] : used.filter((name) => !ids.includes(name));
      return missing.map((name) => flag(alarm, "metricQueries", `no query has the ID "${name}"`));
    }),
  ];
}
