import { type FieldNames, readAccessLogLine } from "@backend/platform/access-log/analysis/read-line";
import type {
  AccessLogReport,
  CallerReport,
  Percentiles,
  StatusClasses,
} from "@backend/platform/access-log/analysis/report";
import type { AccessLogEntry } from "@backend/platform/access-log/entry";

const STEPS = [1, 10, 60, 300, 900, 3600, 21_600, 86_400, 604_800, 2_419_200, 31_449_600].map((step) => step * 1000);

/**
 * Analyses an access log in the simplest way: parses each line, keeps all entries and sorts them.
 */
export function plainAnalysis(log: Uint8Array, names: FieldNames = {}): AccessLogReport {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(log);
  const lines = text.split("\n").map((line, index) => ({ line: index + 1, text: line }));
  const read = lines
    .filter(({ text }) => text.trim() !== "")
    .map(({ line, text }) => ({ line, parsed: readAccessLogLine(text, names) }));
  const entries = read.flatMap(({ parsed }) => (parsed.ok ? [parsed.entry] : []));
  const refused = read.flatMap(({ line, parsed }) => (parsed.ok ? [] : [{ line, ...parsed }]));
  const times = entries.map(({ requestTimeEpoch }) => requestTimeEpoch).sort((a, b) => a - b);
  const [from = 0, to = 0] = [times[0], times.at(-1)];
  const routes = [...groups(entries, ({ routeKey }) => routeKey)].map(([routeKey, group]) => ({
    ...(routeKey !== undefined && { routeKey }),
    requests: group.length,
    statusClasses: classesOf(group),
    ...latencyOf(group),
  }));
  const refusals = entries.filter(({ status }) => [401, 403, 429].includes(status));
  return {
    lines: read.length,
    requests: entries.length,
    ...(entries.length > 0 && { from, to }),
    ...latencyOf(entries),
    ...(entries.some(isWithoutLatency) && { withoutLatency: entries.filter(isWithoutLatency).length }),
    responseBytes: entries.reduce((sum, { responseLength }) => sum + responseLength, 0),
    statusClasses: classesOf(entries),
    routes: top(
      routes,
      ({ requests }) => requests,
      ({ routeKey = "\uffff" }) => routeKey,
    ),
    slowest: top(
      routes.filter(({ latency }) => latency !== undefined),
      ({ latency }) => latency?.p99 ?? 0,
      ({ routeKey = "\uffff" }) => routeKey,
    ),
    callers: top(
      [...groups(entries, callerOf)].map(([caller, group]) => {
        const [kind, ...id] = caller.split(" ");
        const errors = group.filter(({ status }) => status >= 400).length;
        return { kind: kind as CallerReport["kind"], id: id.join(" "), requests: group.length, errors };
      }),
      ({ requests }) => requests,
      ({ kind, id }) => `${id} ${kind}`,
    ),
    agents: top(
      [...groups(entries, ({ userAgent }) => userAgent)].flatMap(([userAgent, group]) => {
        return userAgent === undefined ? [] : [{ userAgent, requests: group.length }];
      }),
      ({ requests }) => requests,
      ({ userAgent }) => userAgent,
    ),
    refusals: top(
      [...groups(refusals, (entry) => `${entry.status} ${reasonOf(entry)}`)].map(([key, group]) => {
        return { status: Number(key.slice(0, 3)), reason: key.slice(4), requests: group.length };
      }),
      ({ requests }) => requests,
      ({ status, reason }) => `${status} ${reason}`,
    ),
    series: seriesOf(entries, from, to),
    unparseable: {
      lines: refused.length,
      samples: refused.slice(0, 10).map(({ line, reason, sample }) => ({ line, reason, sample })),
    },
    approximate: [],
  };
}

function seriesOf(entries: AccessLogEntry[], from: number, to: number): AccessLogReport["series"] {
  if (entries.length === 0) return { step: 0, buckets: [] };
  let step = STEPS.find((candidate) => (to - from) / candidate < 120) ?? (STEPS.at(-1) ?? 1) * 2;
  while ((to - from) / step >= 120) step *= 2;
  const first = Math.floor(from / step);
  const spans = groups(entries, ({ requestTimeEpoch }) => Math.floor(requestTimeEpoch / step));
  const buckets = Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) => {
    const group = spans.get(first + index) ?? [];
    const { latency } = latencyOf(group);
    const p95 = latency === undefined ? {} : { p95: latency.p95 };
    return { start: (first + index) * step, requests: group.length, statusClasses: classesOf(group), ...p95 };
  });
  return { step, buckets };
}

function groups<Key>(entries: AccessLogEntry[], keyOf: (entry: AccessLogEntry) => Key): Map<Key, AccessLogEntry[]> {
  const found = new Map<Key, AccessLogEntry[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const group = found.get(key);
    if (group === undefined) found.set(key, [entry]);
    else group.push(entry);
  }
  return found;
}

function callerOf({ user, client, sourceIp = "unknown" }: AccessLogEntry): string {
  // Cognito's token for a machine client has the client's ID as `sub` (RFC 9068, section 2.2).
  if (user !== undefined && user !== client) return `user ${user}`;
  return client === undefined ? `address ${sourceIp}` : `client ${client}`;
}

function reasonOf({ authorizerError, errorMessage }: AccessLogEntry): string {
  return (authorizerError ?? errorMessage) || "no reason logged";
}

function classesOf(entries: AccessLogEntry[]): StatusClasses {
  return [1, 2, 3, 4, 5].map((first) => {
    return entries.filter(({ status }) => Math.floor(status / 100) === first).length;
  }) as StatusClasses;
}

function isWithoutLatency({ responseLatency }: AccessLogEntry): boolean {
  return responseLatency === undefined;
}

/** Computes percentiles by nearest rank. */
function latencyOf(entries: AccessLogEntry[]): { latency?: Percentiles } {
  const sorted = entries.flatMap(({ responseLatency }) => responseLatency ?? []).sort((a, b) => a - b);
  const at = (percent: number) => sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0;
  return sorted.length === 0 ? {} : { latency: { p50: at(50), p95: at(95), p99: at(99), max: at(100) } };
}

function top<T>(items: T[], figure: (item: T) => number, name: (item: T) => string): T[] {
  return items.sort((a, b) => figure(b) - figure(a) || (name(a) < name(b) ? -1 : 1)).slice(0, 20);
}
