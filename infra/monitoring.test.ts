import path from "node:path";
import { fileURLToPath } from "node:url";

import { REQUEST_METRICS } from "@backend/platform/lambda/metrics";
import { loadGraph } from "@backend/sst-graph/load";
import { type ResolvedGraph, resolve } from "@backend/sst-graph/resolve";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { APP } from "./app";
import { withPrefix } from "./components/prefix";
import { stagePolicy } from "./stage";

interface Metric {
  namespace: string;
  metricName: string;
  dimensions: Record<string, string>;
}

/**
 * What each service says of itself: metric -> dimensions by which it can be read.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
const DOCUMENTED: Record<string, { metrics: string[]; dimensions: string[] }> = {
  "AWS/ApiGateway": {
    metrics: ["4xx", "5xx", "Count", "Latency", "IntegrationLatency", "DataProcessed"],
    dimensions: ["ApiId", "Stage"],
  },
  "AWS/Lambda": {
    metrics: ["Errors", "Throttles", "Duration", "Invocations", "AsyncEventAge"],
    dimensions: ["FunctionName"],
  },
  "AWS/DynamoDB": {
    metrics: ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents", "WriteThrottleEvents"],
    dimensions: ["TableName"],
  },
  "AWS/SQS": { metrics: ["ApproximateNumberOfMessagesVisible"], dimensions: ["QueueName"] },
};

describe.each(["dev", "test", "prod"])("the monitoring of %s", (stage) => {
  const graph = resolve(loadGraph(path.join(fileURLToPath(new URL("graph", import.meta.url)), `${stage}.json`)));
  const all = (type: string) => graph.resources.filter((resource) => resource.type === type);
  const alarms = all("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs);
  const named = (name: string) => {
    const found = alarms.filter((alarm) => alarm.name === `${APP.prefix}-${stage}-${name}`);
    expect(found, name).toHaveLength(1);
    return found[0] ?? {};
  };
  const own = `${APP.prefix}/${stage}`;
  const filters = all("aws:cloudwatch/logMetricFilter:LogMetricFilter").map(({ inputs }) => inputs);

  function expectMetric({ namespace, metricName, dimensions }: Metric): void {
    if (namespace === own && metricName in REQUEST_METRICS) {
      const sets: readonly (readonly string[])[] = REQUEST_METRICS[metricName as keyof typeof REQUEST_METRICS];
      expect(sets).toContainEqual(Object.keys(dimensions));
      return;
    }
    if (namespace === own) {
      const transformations = filters.map(({ metricTransformation }) => metricTransformation);
      expect(transformations).toContainEqual(
        expect.objectContaining({ namespace, name: metricName, value: "1", defaultValue: "0" }),
      );
      expect(dimensions).toEqual({});
      return;
    }
    // Of the account, without dimensions: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-concurrency.html
    if (metricName === "ClaimedAccountConcurrency") {
      expect([namespace, dimensions]).toEqual(["AWS/Lambda", {}]);
      return;
    }
    expect(DOCUMENTED[namespace]?.metrics).toContain(metricName);
    expect(Object.keys(dimensions)).toEqual(DOCUMENTED[namespace]?.dimensions);
    for (const [name, value] of Object.entries(dimensions)) expect(valuesOf(graph, name), name).toContain(value);
  }

  it("tells the stage's topic of every alarm, and of its end", () => {
    const topic = all("aws:sns/topic:Topic")[0]?.outputs.arn;
    expect(alarms.length).toBeGreaterThan(15);
    for (const { alarmActions, okActions, actionsEnabled, treatMissingData, name } of alarms) {
      expect([name, alarmActions, okActions, actionsEnabled]).toEqual([name, [topic], [topic], true]);
      expect(["notBreaching", "breaching"]).toContain(treatMissingData);
    }
    const recipients = all("aws:sns/topicSubscription:TopicSubscription").map(({ inputs }) => inputs.endpoint);
    expect(recipients).toEqual(stagePolicy(stage).alarms.recipients);
  });

  it("asks for metrics by the names and dimensions that AWS gives them", () => {
    for (const { metricQueries, ...alarm } of alarms) {
      if (metricQueries === undefined) expectMetric({ dimensions: {}, ...alarm } as unknown as Metric);
      else {
        const metrics = (metricQueries as unknown as { metric?: Metric }[]).flatMap(({ metric }) => metric ?? []);
        expect(metrics.length).toBeGreaterThan(0);
        for (const metric of metrics) expectMetric(metric);
      }
    }
  });

  it("watches every function for errors and throttles", () => {
    const functions = all("aws:lambda/function:Function");
    expect(functions.length).toBeGreaterThanOrEqual(6); // those of the platform and the greeting
    for (const { name: resource, inputs } of functions) {
      const name = resource.replace(/Function$/, "");
      const FunctionName = String(inputs.name);
      for (const metricName of ["Errors", "Throttles"]) {
        expect(named(`${name}${metricName}`)).toMatchObject({
          metricName,
          dimensions: { FunctionName },
          comparisonOperator: "GreaterThanOrEqualToThreshold",
          threshold: 1,
          statistic: "Sum",
        });
      }
    }
  });

  it("watches the time of every function, by the time that it has", () => {
    for (const { name: resource, inputs } of all("aws:lambda/function:Function"))
      expect(named(`${resource.replace(/Function$/, "")}Slow`)).toMatchObject({
        metricName: "Duration",
        extendedStatistic: "p99",
        dimensions: { FunctionName: inputs.name },
        threshold: Number(inputs.timeout) * 800,
      });
  });

  it("watches every table for throttles", () => {
    const tables = all("aws:dynamodb/table:Table");
    expect(tables.length).toBeGreaterThan(0);
    for (const { name } of tables)
      expect(named(`${name}Throttles`)).toMatchObject({
        metricQueries: expect.arrayContaining([
          expect.objectContaining({ expression: "FILL(reads, 0) + FILL(writes, 0)", returnData: true }),
        ]),
      });
  });

  it("watches how long events wait for the functions that no route leads to", () => {
    for (const name of ["RollUpTraffic", "CompactTraffic"])
      expect(named(`${name}Late`)).toMatchObject({ metricName: "AsyncEventAge", statistic: "Maximum" });
  });

  it("protects the logs that are evidence, and says that others are not", () => {
    const protectedGroups = all("aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) => [
      /^(\/aws\/apigateway\/|aws-waf-logs-)/.test(String(inputs.name)),
      inputs.deletionProtectionEnabled,
    ]);
    expect(protectedGroups.filter(([isEvidence]) => isEvidence).length).toBe(stage === "prod" ? 2 : 1);
    for (const [isEvidence, isProtected] of protectedGroups)
      expect(isProtected).toBe(isEvidence ? stage === "prod" : undefined);
  });

  it("watches the share of errors, p99 latency, rejections, dead letters, and silence in prod", () => {
    const { serverErrorPercent, latencyP99, refusals } = stagePolicy(stage).alarms;
    const { metricQueries, threshold } = named("ServerErrors");
    expect(threshold).toBe(serverErrorPercent);
    const returned = (metricQueries as unknown as { returnData: boolean; expression?: string }[]).filter(
      ({ returnData }) => returnData,
    );
    expect(returned).toEqual([expect.objectContaining({ expression: "IF(requests > 0, 100 * errors / requests, 0)" })]);
    expect(named("SlowRequests")).toMatchObject({ extendedStatistic: "p99", threshold: latencyP99 });
    expect(named("ThrottledRequests")).toMatchObject({ threshold: refusals.ThrottledRequests });
    expect(named("UnauthorizedRequests")).toMatchObject({ threshold: refusals.UnauthorizedRequests });
    expect(named("DeniedRequests")).toMatchObject({ metricName: "Denied", threshold: refusals.DeniedRequests });
    expect(named("DeadLetters")).toMatchObject({ statistic: "Maximum", threshold: 1 });
    if (stage !== "prod")
      return expect(alarms.map(({ name }) => name)).not.toContain(`${APP.prefix}-${stage}-NoTraffic`);
    expect(named("NoTraffic")).toMatchObject({
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      treatMissingData: "breaching",
    });
  });

  it("watches what functions write only where they write it: requests with callers, where there are quotas", () => {
    const hasQuotas = stagePolicy(stage).quotas !== undefined;
    expect(alarms.filter(({ metricName }) => metricName === "QuotaError")).toHaveLength(hasQuotas ? 1 : 0);
    const guarded = all("aws:apigatewayv2/route:Route")
      .filter(({ inputs }) => inputs.authorizationType === "JWT")
      .map(({ inputs }) => String(inputs.target).replace("integrations/", ""));
    const integrations = all("aws:apigatewayv2/integration:Integration");
    for (const { name, inputs, outputs } of all("aws:lambda/function:Function")) {
      const { variables } = inputs.environment as { variables: Record<string, string> };
      const served = integrations.filter((one) => one.inputs.integrationUri === outputs.arn);
      expect([name, variables.METRICS_NAMESPACE]).toEqual([name, served.length > 0 ? own : undefined]);
      const isCounted = hasQuotas && served.some((one) => guarded.includes(String(one.outputs.id)));
      expect([name, "QUOTAS" in variables, "QUOTAS_TABLE" in variables]).toEqual([name, isCounted, isCounted]);
    }
  });

  it("lets alarms of this account publish, and no key get in their way", () => {
    const [topic] = all("aws:sns/topic:Topic");
    expect(topic?.inputs).not.toHaveProperty("kmsMasterKeyId");
    const policy = JSON.parse(String(all("aws:sns/topicPolicy:TopicPolicy")[0]?.inputs.policy));
    expect(policy.Statement).toEqual([
      {
        Sid: "AlarmsOfThisAccount",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: topic?.outputs.arn,
        Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
      },
      expect.objectContaining({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
    ]);
  });

  it("has a dashboard of the documented structure, over metrics that exist", () => {
    const [dashboard] = all("aws:cloudwatch/dashboard:Dashboard");
    expect(dashboard?.inputs.dashboardName).toBe(`${APP.prefix}-${stage}`);
    const { widgets } = Body.parse(JSON.parse(String(dashboard?.inputs.dashboardBody)));
    expect(widgets.map(({ properties: { title } }) => title)).toEqual(
      expect.arrayContaining([
        "Requests",
        "Errors",
        "Latency, ms",
        "Latency by route",
        "Refused",
        "Tables: throttled",
        "Top callers",
      ]),
    );
    const logGroup = `/aws/apigateway/${withPrefix("SecureBackendAPI")}/${stage}`;
    for (const widget of widgets) {
      if (widget.type === "log") {
        expect(widget.properties.query).toMatch(new RegExp(`^SOURCE '${logGroup}' \\| `));
        continue;
      }
      for (const [namespace, metricName, ...rest] of widget.properties.metrics) {
        if (typeof namespace === "object") {
          const [, of, name = ""] = SEARCH.exec("expression" in namespace ? namespace.expression : "") ?? [];
          expectMetric({ namespace: String(of), metricName: name, dimensions: { Operation: "any" } });
          continue;
        }
        const pairs = rest.filter((part) => typeof part === "string");
        const dimensions = Object.fromEntries(
          pairs.flatMap((key, at) => (at % 2 === 0 ? [[key, pairs[at + 1] ?? ""]] : [])),
        );
        expectMetric({ namespace: String(namespace), metricName: String(metricName), dimensions });
      }
    }
    for (const [index, a] of widgets.entries())
      for (const b of widgets.slice(index + 1)) expect(overlap(a, b)).toBe(false);
  });
});

/** The values that a dimension can have in this stage. */
function valuesOf({ resources, stage }: ResolvedGraph, dimension: string): unknown[] {
  const [type, output] = {
    ApiId: ["aws:apigatewayv2/api:Api", "id"],
    FunctionName: ["aws:lambda/function:Function", "name"],
    TableName: ["aws:dynamodb/table:Table", "name"],
    QueueName: ["aws:sqs/queue:Queue", "name"],
  }[dimension] ?? ["", ""];
  return dimension === "Stage"
    ? [stage]
    : resources.filter((resource) => resource.type === type).map(({ outputs }) => outputs[output]);
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
const place = {
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  width: z.int().min(1).max(24),
  height: z.int().min(1).max(1000),
};
const options = z.strictObject({ label: z.string().optional(), stat: z.string().optional() });
// Syntax: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
const SEARCH = /^SEARCH\('\{"([^"]+)",Operation\} MetricName="(\w+)"', 'Sum', 60\)$/;
const search = z.strictObject({
  id: z.string().regex(/^[a-z]\w*$/),
  label: z.string(),
  expression: z.string().regex(SEARCH),
});
const metric = z.union([z.tuple([search]), z.array(z.union([z.string(), options])).min(2)]);
const chart = z.strictObject({
  title: z.string(),
  region: z.string(),
  view: z.enum(["timeSeries", "singleValue", "gauge", "bar", "pie", "table"]),
  stacked: z.boolean(),
  period: z.int().multipleOf(60),
  stat: z.enum(["Average", "Minimum", "Maximum", "Sum", "SampleCount"]),
  metrics: z.array(metric).min(1).max(500),
});
const answer = z.strictObject({ title: z.string(), region: z.string(), view: z.literal("table"), query: z.string() });
const Body = z.strictObject({
  start: z.string().regex(/^-P(?:T?\d+[MHDW])$/),
  widgets: z
    .array(
      z.discriminatedUnion("type", [
        z.strictObject({ type: z.literal("metric"), ...place, properties: chart }),
        z.strictObject({ type: z.literal("log"), ...place, properties: answer }),
      ]),
    )
    .max(500),
});

type Place = { x: number; y: number; width: number; height: number };

function overlap(a: Place, b: Place): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
