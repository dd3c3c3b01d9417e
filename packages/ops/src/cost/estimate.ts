import type { ResolvedGraph, ResolvedResource } from "@backend/sst-graph/resolve";

import { PRICES, type PriceName } from "./prices";

/**
 * The assumed load of a month, besides its number of requests. Sizes are measured with
 * `pnpm offline`.
 */
const LOAD = {
  /** Shares of requests that write a record or read records, if a noun has a table. */
  writeShare: 0.1,
  readShare: 0.1,
  /**
   * DynamoDB units. A write: the record, two indexes and the idempotency key. A read: a page of 50
   * records of 0.5 KB, eventually consistent.
   */
  writeUnits: 4,
  readUnits: 3.5,
  /** Bytes of a record with its indexes, and the months of records that are counted at most. */
  recordBytes: 2000,
  maxRecordMonths: 12,
  /** Billed duration of a function. */
  functionSeconds: 0.03,
  responseBytes: 1500,
  accessLogBytes: 711,
  functionLogBytes: 820,
  /** The metric line of a request that records units, with CloudWatch's 26 bytes per event. */
  metricLineBytes: 240,
  /**
   * Metrics of functions that have data in every hour: recorded units of one operation, and what is
   * denied, by operation and in total. Others are rare, and AWS bills metrics by the hour.
   */
  functionMetrics: 3,
  wafLogBytes: 1500,
  /**
   * Requests in one delivery of the access log to RollUpTraffic, and the cost of its partials, from
   * `pnpm soak traffic`.
   */
  deliveryRequests: 500,
  deliveryWriteUnits: 5,
  deliveryReadUnits: 1.2,
  /**
   * A compaction run: reads the watermark, late minutes and partials, and writes a row and the
   * watermark.
   */
  compactionReadUnits: 4,
  compactionWriteUnits: 2,
  compactionSeconds: 0.1,
  /**
   * A traffic page that is open for 8 hours on 22 days. It refreshes every 5 s and reads rows and
   * the partials of a few minutes.
   */
  trafficReads: (22 * 8 * 3600) / 5,
  rowReadUnits: 20,
  partialMinutes: 4,
  /** Tokens of a machine client. Each is valid for an hour. */
  machineTokens: 720,
  /** Monthly active users. */
  people: 100,
};

export interface CostLine {
  price: PriceName;
  quantity: number;
  /** US dollars per month. */
  usd: number;
}

const MINUTES_PER_MONTH = 30 * 24 * 60;

/**
 * Estimates the cost of a stage per month, once logs and records have reached their retention.
 *
 * @param requests requests per month
 */
export function estimate(graph: ResolvedGraph, requests: number): CostLine[] {
  const all = (type: string) => graph.resources.filter((resource) => resource.type === type);
  const [rules] = all("aws:wafv2/webAcl:WebAcl").map(({ inputs }) =>
    Array.isArray(inputs.rules) ? inputs.rules.length : 0,
  );
  const hasEdge = rules !== undefined;
  const gigabytes = (bytes: number) => (requests * bytes) / 1e9;
  const deliveries = Math.ceil(requests / LOAD.deliveryRequests);
  const runs = runsOf(graph);
  const invocations = requests + deliveries;
  const partials = (deliveries / MINUTES_PER_MONTH) * LOAD.partialMinutes;
  const trafficReads =
    runs * LOAD.compactionReadUnits +
    deliveries * LOAD.deliveryReadUnits +
    LOAD.trafficReads * (LOAD.rowReadUnits + partials * LOAD.deliveryReadUnits);
  const quotas = quotaWritesOf(graph);
  // One table holds the traffic, and with quotas another one the counters of requests.
  const share =
    all("aws:dynamodb/table:Table").length > (quotas === undefined ? 1 : 2)
      ? { writing: LOAD.writeShare, reading: LOAD.readShare }
      : { writing: 0, reading: 0 };
  const written = requests * share.writing;
  const stored = gigabytes(share.writing * LOAD.recordBytes) * Math.min(LOAD.maxRecordMonths, retentionOf(graph) / 30);
  const writesMetrics = graph.resources.some((resource) => variableOf(resource, "METRICS_NAMESPACE") !== undefined);
  const logs = [
    { bytes: LOAD.accessLogBytes, group: findLogGroup(graph, "/aws/apigateway/") },
    {
      bytes: LOAD.functionLogBytes + (writesMetrics ? share.writing * LOAD.metricLineBytes : 0),
      group: findLogGroup(graph, "/aws/lambda/"),
    },
    ...(hasEdge ? [{ bytes: LOAD.wafLogBytes, group: findLogGroup(graph, "aws-waf-logs-") }] : []),
  ];
  const machines = all("aws:cognito/userPoolClient:UserPoolClient").filter(isMachine).length;
  // The default is Essentials:
  // https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-sign-in-feature-plans.html
  const [tier] = all("aws:cognito/userPool:UserPool").map(({ inputs }) => inputs.userPoolTier ?? "ESSENTIALS");
  const quantities: Record<PriceName, number> = {
    httpApi: requests,
    lambdaRequests: invocations + runs,
    lambdaTime: (invocations * LOAD.functionSeconds + runs * LOAD.compactionSeconds) * memoryOf(graph),
    logIngestion: logs.reduce((sum, { bytes }) => sum + gigabytes(bytes), 0),
    logStorage: logs.reduce(
      (sum, { bytes, group }) => sum + (gigabytes(bytes) * Number(group.inputs.retentionInDays)) / 30,
      0,
    ),
    alarm: all("aws:cloudwatch/metricAlarm:MetricAlarm").reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    metric: all("aws:cloudwatch/logMetricFilter:LogMetricFilter").length + (writesMetrics ? LOAD.functionMetrics : 0),
    dashboard: all("aws:cloudwatch/dashboard:Dashboard").length,
    tableWrite:
      written * LOAD.writeUnits +
      deliveries * LOAD.deliveryWriteUnits +
      runs * LOAD.compactionWriteUnits +
      requests * (quotas?.ofAll ?? 0) +
      written * (quotas?.ofWriting ?? 0),
    tableRead: requests * share.reading * LOAD.readUnits + trafficReads,
    tableStorage: stored,
    tableRecovery: all("aws:dynamodb/table:Table").some(hasRecovery) ? stored : 0,
    cdnRequests: hasEdge ? requests : 0,
    cdnFunctions: requests * edgeFunctionsOf(graph),
    cdnTransfer: hasEdge ? gigabytes(LOAD.responseBytes) : 0,
    transfer: hasEdge ? 0 : gigabytes(LOAD.responseBytes),
    wafAcl: hasEdge ? 1 : 0,
    wafRule: rules ?? 0,
    wafRequests: hasEdge ? requests : 0,
    peopleLite: tier === "LITE" ? LOAD.people : 0,
    people: tier === "ESSENTIALS" ? LOAD.people : 0,
    peoplePlus: tier === "PLUS" ? LOAD.people : 0,
    machineClient: machines,
    machineToken: machines * LOAD.machineTokens,
  };
  return Object.entries(quantities).flatMap(([name, quantity]) => {
    const price = name as PriceName;
    return quantity === 0 ? [] : [{ price, quantity, usd: (quantity / PRICES[price].per) * PRICES[price].usd }];
  });
}

export function total(lines: CostLine[]): number {
  return lines.reduce((sum, { usd }) => sum + usd, 0);
}

function findLogGroup({ resources, stage }: ResolvedGraph, prefix: string): ResolvedResource {
  const found = resources.find(({ type, inputs }) => {
    return type === "aws:cloudwatch/logGroup:LogGroup" && String(inputs.name).startsWith(prefix);
  });
  if (found === undefined) throw new Error(`the graph of stage "${stage}" has no log group ${prefix}...`);
  return found;
}

/**
 * Counts the functions that the API's distribution runs for each request. Requests to the console
 * are too few to count.
 */
function edgeFunctionsOf({ resources }: ResolvedGraph): number {
  const edge = resources.find(({ inputs }) => inputs.webAclId !== undefined);
  const { functionAssociations } = Object(edge?.inputs.defaultCacheBehavior) as { functionAssociations?: unknown };
  return Array.isArray(functionAssociations) ? functionAssociations.length : 0;
}

/** Returns the runs of all schedules per month. */
function runsOf({ resources }: ResolvedGraph): number {
  const rates = resources
    .filter(({ type }) => type === "aws:scheduler/schedule:Schedule")
    .map(({ inputs }) => /^rate\((\d+) (minute|hour|day)s?\)$/.exec(String(inputs.scheduleExpression)));
  return rates.reduce((sum, rate) => {
    if (rate === null) throw new Error("cannot estimate a schedule that is not a rate(...)");
    return sum + MINUTES_PER_MONTH / (Number(rate[1]) * UNIT_MINUTES[rate[2] as keyof typeof UNIT_MINUTES]);
  }, 0);
}

const UNIT_MINUTES = { minute: 1, hour: 60, day: 24 * 60 };

/** Returns the longest <NAME>_RETENTION_DAYS of a function, or infinity if there is none. */
function retentionOf({ resources }: ResolvedGraph): number {
  const variables = resources.flatMap(({ inputs }) =>
    Object.entries((inputs.environment as { variables?: object } | undefined)?.variables ?? {}),
  );
  const days = variables.filter(([name]) => name.endsWith("_RETENTION_DAYS")).map(([, value]) => Number(value));
  return days.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...days);
}

/** Returns the memory of the largest function, in GB. */
function memoryOf({ resources }: ResolvedGraph): number {
  const functions = resources.filter(({ type }) => type === "aws:lambda/function:Function");
  return Math.max(...functions.map(({ inputs }) => Number(inputs.memorySize))) / 1024;
}

/**
 * Returns the write units that quotas add to each request, and to each request that writes a
 * record. Assumes that every request has a tenant and the kind of caller with more counters. A
 * rejected request costs the same.
 */
function quotaWritesOf({ resources }: ResolvedGraph): { ofAll: number; ofWriting: number } | undefined {
  const declared = resources.map((one) => variableOf(one, "QUOTAS")).find((value) => value !== undefined);
  if (declared === undefined) return undefined;
  const { tenant, client, user } = JSON.parse(declared) as Record<string, Record<string, number>>;
  const counters = (quota: Record<string, number> = {}) => {
    const ofAll = ["requestsPerMinute", "requestsPerDay"].filter((name) => name in quota).length;
    const windows = ["Minute", "Day"].filter((name) => `requestsPer${name}` in quota || `unitsPer${name}` in quota);
    return { ofAll, ofWriting: windows.length - ofAll };
  };
  const ofTenant = counters(tenant);
  const [ofClient, ofUser] = [counters(client), counters(user)];
  const ofCaller = ofClient.ofAll > ofUser.ofAll ? ofClient : ofUser;
  return { ofAll: ofTenant.ofAll + ofCaller.ofAll, ofWriting: ofTenant.ofWriting + ofCaller.ofWriting };
}

function variableOf({ inputs }: ResolvedResource, name: string): string | undefined {
  return (inputs.environment as { variables?: Record<string, string> } | undefined)?.variables?.[name];
}

/** Returns the number of metrics of an alarm, by which AWS bills it. */
function metricsOf({ inputs: { metricQueries } }: ResolvedResource): number {
  if (!Array.isArray(metricQueries)) return 1;
  return metricQueries.filter((query) => typeof query === "object" && query !== null && "metric" in query).length;
}

function hasRecovery({ inputs: { pointInTimeRecovery } }: ResolvedResource): boolean {
  return (pointInTimeRecovery as { enabled?: unknown } | undefined)?.enabled === true;
}

function isMachine({ inputs: { allowedOauthFlows } }: ResolvedResource): boolean {
  return Array.isArray(allowedOauthFlows) && allowedOauthFlows.includes("client_credentials");
}
