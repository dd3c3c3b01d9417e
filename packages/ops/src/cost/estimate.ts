import type { ResolvedGraph, ResolvedResource } from "@backend/sst-graph/resolve";

import { PRICES, type PriceName } from "./prices";

/**
 * What a month is assumed to hold beside its number of requests. The bytes are what the offline
 * backend writes for these requests.
 */
const LOAD = {
  /** Share of requests that write a record, and that read records, where a noun has a table; the others touch none. */
  writing: 0.1,
  reading: 0.1,
  /**
   * DynamoDB: the record, two indexes and the idempotency key; a page of 50 records of half a
   * kilobyte, eventually consistent.
   */
  writeUnits: 4,
  readUnits: 3.5,
  /**
   * Bytes of a record with its indexes, and months of them that are looked at, where the stage
   * keeps them for longer.
   */
  recordBytes: 2000,
  months: 12,
  /** Seconds of a function. */
  seconds: 0.03,
  responseBytes: 1500,
  accessLogBytes: 711,
  functionLogBytes: 820,
  wafLogBytes: 1500,
  /**
   * Requests of the access log that come to RollUpTraffic in one delivery, and what its partial
   * costs: `pnpm soak traffic`.
   */
  delivery: 500,
  deliveryWriteUnits: 5,
  deliveryReadUnits: 1.2,
  /**
   * A run of the traffic's compaction: the watermark, late minutes and partials are read, a row and
   * the watermark written.
   */
  compactionReadUnits: 4,
  compactionWriteUnits: 2,
  compactionSeconds: 0.1,
  /**
   * A page of the traffic that is open for eight hours of 22 days asks every 5 s, for rows and the
   * partials of some minutes.
   */
  trafficAnswers: (22 * 8 * 3600) / 5,
  rowReadUnits: 20,
  partialMinutes: 4,
  /** Tokens of one machine client: each is good for an hour. */
  tokens: 720,
  /** People who sign in. */
  people: 100,
};

export interface CostLine {
  price: PriceName;
  quantity: number;
  /** US dollars a month. */
  usd: number;
}

const MINUTES_A_MONTH = 30 * 24 * 60;

/**
 * Returns what a stage costs in a month of so many requests, once logs and records are as old as the
 * stage keeps them.
 */
export function estimate(graph: ResolvedGraph, requests: number): CostLine[] {
  const all = (type: string) => graph.resources.filter((resource) => resource.type === type);
  const [rules] = all("aws:wafv2/webAcl:WebAcl").map(({ inputs }) =>
    Array.isArray(inputs.rules) ? inputs.rules.length : 0,
  );
  const hasEdge = rules !== undefined;
  const gigabytes = (bytes: number) => (requests * bytes) / 1e9;
  const deliveries = Math.ceil(requests / LOAD.delivery);
  const runs = runsOf(graph);
  const invocations = requests + deliveries;
  const partials = (deliveries / MINUTES_A_MONTH) * LOAD.partialMinutes;
  const trafficReads =
    runs * LOAD.compactionReadUnits +
    deliveries * LOAD.deliveryReadUnits +
    LOAD.trafficAnswers * (LOAD.rowReadUnits + partials * LOAD.deliveryReadUnits);
  const quotas = quotaWritesOf(graph);
  // One table is the traffic's, and one counts requests where there are quotas.
  const share =
    all("aws:dynamodb/table:Table").length > (quotas === undefined ? 1 : 2)
      ? { writing: LOAD.writing, reading: LOAD.reading }
      : { writing: 0, reading: 0 };
  const written = requests * share.writing;
  const stored = gigabytes(share.writing * LOAD.recordBytes) * Math.min(LOAD.months, retentionOf(graph) / 30);
  const logs = [
    { bytes: LOAD.accessLogBytes, group: find(graph, "/aws/apigateway/") },
    { bytes: LOAD.functionLogBytes, group: find(graph, "/aws/lambda/") },
    ...(hasEdge ? [{ bytes: LOAD.wafLogBytes, group: find(graph, "aws-waf-logs-") }] : []),
  ];
  const machines = all("aws:cognito/userPoolClient:UserPoolClient").filter(isMachine).length;
  // Essentials unless set: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-sign-in-feature-plans.html
  const [tier] = all("aws:cognito/userPool:UserPool").map(({ inputs }) => inputs.userPoolTier ?? "ESSENTIALS");
  const quantities: Record<PriceName, number> = {
    httpApi: requests,
    lambdaRequests: invocations + runs,
    lambdaTime: (invocations * LOAD.seconds + runs * LOAD.compactionSeconds) * memoryOf(graph),
    logIngestion: logs.reduce((sum, { bytes }) => sum + gigabytes(bytes), 0),
    logStorage: logs.reduce(
      (sum, { bytes, group }) => sum + (gigabytes(bytes) * Number(group.inputs.retentionInDays)) / 30,
      0,
    ),
    alarm: all("aws:cloudwatch/metricAlarm:MetricAlarm").reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    metric: all("aws:cloudwatch/logMetricFilter:LogMetricFilter").length,
    dashboard: all("aws:cloudwatch/dashboard:Dashboard").length,
    tableWrite:
      written * LOAD.writeUnits +
      deliveries * LOAD.deliveryWriteUnits +
      runs * LOAD.compactionWriteUnits +
      requests * (quotas?.ofAll ?? 0) +
      written * (quotas?.ofWriting ?? 0),
    tableRead: requests * share.reading * LOAD.readUnits + trafficReads,
    tableStorage: stored,
    tableRecovery: all("aws:dynamodb/table:Table").some(recoverable) ? stored : 0,
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
    machineToken: machines * LOAD.tokens,
  };
  return Object.entries(quantities).flatMap(([name, quantity]) => {
    const price = name as PriceName;
    return quantity === 0 ? [] : [{ price, quantity, usd: (quantity / PRICES[price].per) * PRICES[price].usd }];
  });
}

export function total(lines: CostLine[]): number {
  return lines.reduce((sum, { usd }) => sum + usd, 0);
}

function find({ resources, stage }: ResolvedGraph, prefix: string): ResolvedResource {
  const found = resources.find(({ type, inputs }) => {
    return type === "aws:cloudwatch/logGroup:LogGroup" && String(inputs.name).startsWith(prefix);
  });
  if (found === undefined) throw new Error(`the graph of stage "${stage}" has no log group ${prefix}...`);
  return found;
}

/** Functions that the API's distribution runs for each request. The console's own are asked too seldom to count. */
function edgeFunctionsOf({ resources }: ResolvedGraph): number {
  const edge = resources.find(({ inputs }) => inputs.webAclId !== undefined);
  const { functionAssociations } = Object(edge?.inputs.defaultCacheBehavior) as { functionAssociations?: unknown };
  return Array.isArray(functionAssociations) ? functionAssociations.length : 0;
}

/** Runs of schedules in a month. */
function runsOf({ resources }: ResolvedGraph): number {
  const rates = resources
    .filter(({ type }) => type === "aws:scheduler/schedule:Schedule")
    .map(({ inputs }) => /^rate\((\d+) (minute|hour|day)s?\)$/.exec(String(inputs.scheduleExpression)));
  return rates.reduce((sum, rate) => {
    if (rate === null) throw new Error("a schedule is not a rate(...): its runs in a month are not known");
    return sum + MINUTES_A_MONTH / (Number(rate[1]) * MINUTES[rate[2] as keyof typeof MINUTES]);
  }, 0);
}

const MINUTES = { minute: 1, hour: 60, day: 24 * 60 };

/** Days for which records are kept: for ever, where no variable <NAME>_RETENTION_DAYS says how long. */
function retentionOf({ resources }: ResolvedGraph): number {
  const variables = resources.flatMap(({ inputs }) =>
    Object.entries((inputs.environment as { variables?: object } | undefined)?.variables ?? {}),
  );
  const days = variables.filter(([name]) => name.endsWith("_RETENTION_DAYS")).map(([, value]) => Number(value));
  return days.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...days);
}

/** Gigabytes of the largest function. */
function memoryOf({ resources }: ResolvedGraph): number {
  const functions = resources.filter(({ type }) => type === "aws:lambda/function:Function");
  return Math.max(...functions.map(({ inputs }) => Number(inputs.memorySize))) / 1024;
}

/**
 * Write units that quotas cost: of each request, and in addition of each that writes a record. Every
 * request is taken to be a tenant's, by the kind of caller with more counters. A refusal costs as much.
 */
function quotaWritesOf({ resources }: ResolvedGraph): { ofAll: number; ofWriting: number } | undefined {
  const variables = resources.map(({ inputs }) => (inputs.environment as Variables | undefined)?.variables?.QUOTAS);
  const declared = variables.find((value) => value !== undefined);
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

interface Variables {
  variables?: Record<string, string>;
}

/** An alarm is paid for by the metric. */
function metricsOf({ inputs: { metricQueries } }: ResolvedResource): number {
  if (!Array.isArray(metricQueries)) return 1;
  return metricQueries.filter((query) => typeof query === "object" && query !== null && "metric" in query).length;
}

function recoverable({ inputs: { pointInTimeRecovery } }: ResolvedResource): boolean {
  return (pointInTimeRecovery as { enabled?: unknown } | undefined)?.enabled === true;
}

function isMachine({ inputs: { allowedOauthFlows } }: ResolvedResource): boolean {
  return Array.isArray(allowedOauthFlows) && allowedOauthFlows.includes("client_credentials");
}
