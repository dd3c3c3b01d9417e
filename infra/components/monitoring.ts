import { stagePolicy } from "../stage";
import { alarmTopic } from "./alarm-topic";
import { dashboardBody } from "./dashboard";
import { METRICS, type Monitored, type RequestMetric, refusalMetrics, tablesOf } from "./metrics";
import { physicalName } from "./physical-name";

type Given = "name" | "alarmActions" | "okActions" | "actionsEnabled" | "evaluationPeriods";
type AlarmArgs = Omit<aws.cloudwatch.MetricAlarmArgs, Given> & { evaluationPeriods?: number };

/** Seconds. */
const FIVE_MINUTES = 300;
const HOUR = 3600;

/** Percent of a function's timeout that one invocation in a hundred may take. */
const SLOW_PERCENT = 80;

/**
 * Minutes that an event may wait for a function. Traffic that comes later is not compacted at once.
 */
const MAX_WAIT_MINUTES = 2;

/**
 * Creates a dashboard, and alarms on errors that callers notice and on lost data. Each alarm
 * notifies the stage's recipients.
 *
 * No alarm states a unit: CloudWatch would ignore data with another unit, and the alarm would never
 * go off. Names and dimensions:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html,
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export function monitor(monitored: Monitored): void {
  const { alarms, quotas } = stagePolicy($app.stage);
  const { topic, webhook } = alarmTopic();
  const { api, deadLetters, prefix } = monitored;
  const functions = [...monitored.functions, ...(webhook === undefined ? [] : [webhook.post])];
  const background = [...monitored.background, ...(webhook === undefined ? [] : [webhook.post])];
  const alarm = (name: string, { evaluationPeriods = 1, ...args }: AlarmArgs) =>
    new aws.cloudwatch.MetricAlarm(`${prefix}${name}Alarm`, {
      treatMissingData: "notBreaching", // no requests, no fault
      ...args,
      evaluationPeriods,
      name: `${physicalName("")}-${prefix}${name}`,
      alarmActions: [topic.arn],
      okActions: [topic.arn],
      actionsEnabled: true,
    });
  const ofApi = { ApiId: api.nodes.api.id, Stage: $app.stage };

  alarm("ServerErrors", {
    alarmDescription: `More than ${alarms.serverErrorPercent} % of five minutes' requests were answered with 5xx`,
    comparisonOperator: "GreaterThanThreshold",
    threshold: alarms.serverErrorPercent,
    metricQueries: [
      query("errors", { ...METRICS.api, metricName: "5xx", stat: "Sum", dimensions: ofApi }),
      query("requests", { ...METRICS.api, metricName: "Count", stat: "Sum", dimensions: ofApi }),
      {
        id: "rate",
        label: "5xx, percent",
        expression: "IF(requests > 0, 100 * errors / requests, 0)",
        returnData: true,
      },
    ],
  });
  alarm("SlowRequests", {
    alarmDescription: `One request in a hundred took longer than ${alarms.latencyP99} ms, for a quarter of an hour`,
    ...METRICS.api,
    metricName: "Latency",
    extendedStatistic: "p99",
    dimensions: ofApi,
    period: FIVE_MINUTES,
    evaluationPeriods: 3,
    evaluateLowSampleCountPercentiles: "ignore",
    comparisonOperator: "GreaterThanThreshold",
    threshold: alarms.latencyP99,
  });
  for (const { name, lambda, timeoutSeconds } of functions) {
    const ofFunction = { ...METRICS.lambda, statistic: "Sum", dimensions: { FunctionName: lambda.name } };
    alarm(`${name}Errors`, {
      alarmDescription: `${name} failed: it threw, ran out of time or of memory`,
      ...atLeastOne({ ...ofFunction, metricName: "Errors" }),
    });
    alarm(`${name}Throttles`, {
      alarmDescription: `${name} was not run: the account's concurrency is used up`,
      ...atLeastOne({ ...ofFunction, metricName: "Throttles" }),
    });
    alarm(`${name}Slow`, {
      alarmDescription: `p99 of ${name} was over ${SLOW_PERCENT} % of its timeout for a quarter of an hour`,
      ...METRICS.lambda,
      metricName: "Duration",
      extendedStatistic: "p99",
      dimensions: { FunctionName: lambda.name },
      period: FIVE_MINUTES,
      evaluationPeriods: 3,
      evaluateLowSampleCountPercentiles: "ignore",
      comparisonOperator: "GreaterThanThreshold",
      threshold: timeoutSeconds * 10 * SLOW_PERCENT, // milliseconds
    });
  }
  for (const { name, lambda } of background) {
    alarm(`${name}Late`, {
      alarmDescription: `Events waited for ${name} longer than ${MAX_WAIT_MINUTES} minutes`,
      ...METRICS.lambda,
      metricName: "AsyncEventAge",
      statistic: "Maximum",
      dimensions: { FunctionName: lambda.name },
      period: FIVE_MINUTES,
      comparisonOperator: "GreaterThanThreshold",
      threshold: MAX_WAIT_MINUTES * 60_000,
    });
  }
  for (const { name, tableName } of tablesOf(functions)) {
    const ofTable = { ...METRICS.dynamodb, stat: "Sum", dimensions: { TableName: tableName } };
    alarm(`${name}TableThrottles`, {
      alarmDescription: `DynamoDB refused reads or writes of the table ${name}: too many at once`,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      metricQueries: [
        query("reads", { ...ofTable, metricName: "ReadThrottleEvents" }),
        query("writes", { ...ofTable, metricName: "WriteThrottleEvents" }),
        // A metric without throttles has no data, and a sum with a missing part would be missing.
        { id: "throttles", label: "throttles", expression: "FILL(reads, 0) + FILL(writes, 0)", returnData: true },
      ],
    });
  }
  if (alarms.accountConcurrency !== undefined) {
    alarm("AccountConcurrency", {
      alarmDescription: `The functions of the account used or reserved ${alarms.accountConcurrency} executions at once`,
      ...METRICS.lambda,
      metricName: "ClaimedAccountConcurrency",
      statistic: "Maximum",
      period: FIVE_MINUTES,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: alarms.accountConcurrency,
    });
  }
  for (const { refusal, metricName, what } of refusalMetrics(monitored.accessLog.name, prefix)) {
    alarm(refusal, {
      alarmDescription: `More than ${alarms.refusals[refusal]} requests in five minutes were ${what}`,
      namespace: METRICS.own.namespace,
      metricName,
      statistic: "Sum",
      period: FIVE_MINUTES,
      comparisonOperator: "GreaterThanThreshold",
      threshold: alarms.refusals[refusal],
    });
  }
  const written = { namespace: METRICS.own.namespace, statistic: "Sum", period: FIVE_MINUTES };
  alarm("DeniedRequests", {
    alarmDescription:
      `Functions denied more than ${alarms.refusals.DeniedRequests} requests in five minutes ` +
      "(missing group or tenant, or not through the edge)",
    ...written,
    metricName: "Denied" satisfies RequestMetric,
    comparisonOperator: "GreaterThanThreshold",
    threshold: alarms.refusals.DeniedRequests,
  });
  if (quotas !== undefined) {
    alarm("QuotaErrors", {
      alarmDescription: "Requests were served without counting them: quotas have no effect",
      ...atLeastOne({ ...written, metricName: "QuotaError" satisfies RequestMetric }),
    });
  }
  if (deadLetters !== undefined) {
    alarm("DeadLetters", {
      alarmDescription:
        "Deliveries of the access log could not be counted: docs/operating.md says how they are replayed",
      ...hasMessages(deadLetters),
    });
  }
  if (webhook !== undefined) {
    alarm("AlarmWebhookDeadLetters", {
      alarmDescription: "Alarms could not be posted to the webhook",
      ...hasMessages(webhook.deadLetters),
    });
  }
  if (alarms.noTraffic) {
    alarm("NoTraffic", {
      alarmDescription: "There was not one request in an hour",
      ...METRICS.api,
      metricName: "Count",
      statistic: "Sum",
      dimensions: ofApi,
      period: HOUR,
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      treatMissingData: "breaching",
    });
  }
  new aws.cloudwatch.Dashboard(`${prefix}Dashboard`, {
    dashboardName: physicalName(prefix),
    dashboardBody: dashboardBody({ ...monitored, functions }),
  });
}

function atLeastOne(metric: Omit<AlarmArgs, "comparisonOperator">): AlarmArgs {
  return { ...metric, period: FIVE_MINUTES, comparisonOperator: "GreaterThanOrEqualToThreshold", threshold: 1 };
}

function hasMessages({ nodes }: sst.aws.Queue): AlarmArgs {
  return atLeastOne({
    ...METRICS.sqs,
    metricName: "ApproximateNumberOfMessagesVisible",
    statistic: "Maximum",
    dimensions: { QueueName: nodes.queue.name },
  });
}

function query(id: string, metric: Omit<aws.types.input.cloudwatch.MetricAlarmMetricQueryMetric, "period">) {
  return { id, metric: { ...metric, period: FIVE_MINUTES }, returnData: false };
}
