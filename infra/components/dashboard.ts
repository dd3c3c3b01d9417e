import { INSIGHTS_QUERIES } from "@backend/platform/access-log/insights";

import { METRICS, type Monitored, REFUSALS, type RequestMetric, tablesOf } from "./metrics";

type Metric = (
  | string
  | $util.Output<string>
  | { stat?: string; label?: string; id?: string; expression?: string; visible?: boolean }
)[];

interface Chart {
  title: string;
  metrics: Metric[];
  stat?: "Sum" | "Average" | "Maximum";
  stacked?: boolean;
  unit?: string;
}

/**
 * Columns of a dashboard:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
const COLUMNS = 24;
const HEIGHT = 6;
const PERIOD = 60;

/** The body of the stage's dashboard, as JSON. */
export function dashboardBody({ api, accessLog, functions, deadLetters, prefix }: Monitored): $util.Output<string> {
  const region = aws.getRegionOutput().region;
  const ofApi = (metricName: string, options: Metric[number] = {}): Metric => [
    METRICS.api.namespace,
    metricName,
    "ApiId",
    api.nodes.api.id,
    "Stage",
    $app.stage,
    options,
  ];
  const ofFunctions = (metricName: string): Metric[] =>
    functions.map(({ name, lambda }) => [
      METRICS.lambda.namespace,
      metricName,
      "FunctionName",
      lambda.name,
      { label: name },
    ]);
  const ofTables = (...metricNames: string[]): Metric[] =>
    tablesOf(functions).flatMap(({ name, tableName }) =>
      metricNames.map((metricName) => [
        METRICS.dynamodb.namespace,
        metricName,
        "TableName",
        tableName,
        { label: `${name} ${metricName}` },
      ]),
    );
  /** Of each operation for which functions have written the metric. */
  const written = (...metricNames: RequestMetric[]): Metric[] =>
    metricNames.map((metricName, at) => [
      {
        id: `e${at + 1}`,
        label: `${metricName} \${PROP('Dim.Operation')}`,
        expression: `SEARCH('{"${METRICS.own.namespace}",Operation} MetricName="${metricName}"', 'Sum', ${PERIOD})`,
      },
    ]);
  const rows = [
    [
      chart({ title: "Requests", metrics: [ofApi("Count", { label: "requests" })] }),
      chart({ title: "Errors", metrics: [ofApi("4xx"), ofApi("5xx")], stacked: true }),
      chart({
        title: "Latency, ms",
        metrics: ["p50", "p95", "p99"].map((stat) => ofApi("Latency", { stat, label: stat })),
      }),
    ],
    [
      chart({
        title: "Refused",
        metrics: Object.keys(REFUSALS).map((name) => [METRICS.own.namespace, `${prefix}${name}`]),
        stacked: true,
      }),
      chart({
        title: "Time in functions, 95th percentile, ms",
        metrics: ofFunctions("Duration").map((metric) => withStat(metric, "p95")),
      }),
      chart({
        title: "Functions: errors and throttles",
        metrics: [...ofFunctions("Errors"), ...ofFunctions("Throttles")],
      }),
    ],
    [
      chart({ title: "Units recorded, and failed", metrics: written("UnitsRecorded", "UnitsFailed") }),
      chart({ title: "Denied by functions", metrics: written("Denied"), stacked: true }),
      chart({ title: "Over a quota, and failed", metrics: written("QuotaRefused", "Failed"), stacked: true }),
    ],
    [
      chart({
        title: "Tables: capacity used",
        metrics: ofTables("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"),
      }),
      chart({ title: "Tables: throttled", metrics: ofTables("ReadThrottleEvents", "WriteThrottleEvents") }),
      ...(deadLetters === undefined ? [] : [chartOfDeadLetters(deadLetters)]),
    ],
    [
      answer("Latency by route", "latency-by-route"),
      answer("Refused, by reason", "refused-by-reason"),
      answer("Top callers", "top-callers"),
    ],
  ];
  const widgets = rows.flatMap((row, y) =>
    row.map((widget, x) => {
      const width = COLUMNS / row.length;
      return { ...widget, x: x * width, y: y * HEIGHT, width, height: HEIGHT };
    }),
  );
  return $jsonStringify({ start: "-PT3H", widgets });

  function chartOfDeadLetters({ nodes }: sst.aws.Queue) {
    const metric = [METRICS.sqs.namespace, "ApproximateNumberOfMessagesVisible", "QueueName", nodes.queue.name];
    return chart({ title: "Deliveries that were not counted", metrics: [metric], stat: "Maximum" });
  }

  function chart({ title, metrics, stat = "Sum", stacked = false }: Chart) {
    const properties = { title, region, view: "timeSeries", stacked, period: PERIOD, stat, metrics };
    return { type: "metric", properties };
  }

  /** What a saved query answers, as a table. */
  function answer(title: string, name: string) {
    const saved = INSIGHTS_QUERIES.find((candidate) => candidate.name === name);
    if (saved === undefined) throw new Error(`there is no saved query "${name}"`);
    const query = $interpolate`SOURCE '${accessLog.name}' | ${saved.query}`;
    return { type: "log", properties: { title, region, view: "table", query } };
  }
}

function withStat(metric: Metric, stat: string): Metric {
  const options = metric.at(-1);
  return [...metric.slice(0, -1), { ...(typeof options === "object" ? options : {}), stat }];
}
