import { type AccessLogEntry, parseAccessLogLine } from "@secure-backend/core/access-log/entry";

import type { AccessLogReport, Bucket, CallerReport, Percentiles, StatusClasses } from "./access-log-report";

export interface Analysis {
  push(chunk: Uint8Array): void;
  finish(): AccessLogReport;
}

interface Group {
  requests: number;
  classes: StatusClasses;
  latencies: number[];
}

const TOP = 20;
const SAMPLES = 10;
const BUCKETS = 120;
const STEPS = [1, 10, 60, 300, 900, 3600, 21_600, 86_400].map((seconds) => seconds * 1000);

/** Reads an access log in chunks, cut anywhere, and says what is in it. */
export function analyseAccessLog(): Analysis {
  const decoder = new TextDecoder();
  const entries: Pick<AccessLogEntry, "requestTimeEpoch" | "status" | "responseLatency">[] = [];
  const routes = new Map<string | undefined, Group>();
  const callers = new Map<string, CallerReport>();
  const agents = new Map<string, number>();
  const refusals = new Map<string, AccessLogReport["refusals"][number]>();
  const samples: AccessLogReport["unparseable"]["samples"] = [];
  const all = emptyGroup();
  let [rest, line, lines, bad, bytes] = ["", 0, 0, 0, 0];

  return {
    push(chunk) {
      const whole = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = whole.pop() ?? "";
      for (const text of whole) read(text);
    },
    finish() {
      read(rest + decoder.decode());
      const byRequests = [...routes].map(([routeKey, group]) => ({ ...(routeKey && { routeKey }), ...summary(group) }));
      byRequests.sort((a, b) => b.requests - a.requests);
      const times = entries.map(({ requestTimeEpoch }) => requestTimeEpoch);
      const [from, to] = [least(times), -least(times.map((time) => -time))];
      return {
        lines,
        requests: all.requests,
        ...(all.requests > 0 && { from, to, latency: percentiles(all.latencies) }),
        responseBytes: bytes,
        statusClasses: all.classes,
        routes: byRequests.slice(0, TOP),
        slowest: byRequests.toSorted((a, b) => b.latency.p99 - a.latency.p99).slice(0, TOP),
        callers: [...callers.values()].sort((a, b) => b.requests - a.requests).slice(0, TOP),
        agents: [...agents]
          .map(([userAgent, requests]) => ({ userAgent, requests }))
          .sort((a, b) => b.requests - a.requests)
          .slice(0, TOP),
        refusals: [...refusals.values()].sort((a, b) => b.requests - a.requests).slice(0, TOP),
        series: all.requests === 0 ? { step: 0, buckets: [] } : seriesOf(from, to),
        unparseable: { lines: bad, samples },
      };
    },
  };

  function read(text: string): void {
    line++;
    if (text.trim() === "") return;
    lines++;
    const parsed = parseAccessLogLine(text);
    if (!parsed.ok) {
      bad++;
      if (samples.length < SAMPLES) samples.push({ line, reason: parsed.reason, sample: parsed.sample });
      return;
    }
    const { entry } = parsed;
    const { status, responseLatency, requestTimeEpoch, routeKey, userAgent } = entry;
    entries.push({ requestTimeEpoch, status, responseLatency });
    bytes += entry.responseLength;
    add(all, entry);
    add(routes.get(routeKey) ?? set(routes, routeKey, emptyGroup()), entry);
    const [kind, id] = callerOf(entry);
    const caller = callers.get(`${kind} ${id}`) ?? set(callers, `${kind} ${id}`, { kind, id, requests: 0, errors: 0 });
    caller.requests++;
    if (status >= 400) caller.errors++;
    if (userAgent !== undefined) agents.set(userAgent, (agents.get(userAgent) ?? 0) + 1);
    if (![401, 403, 429].includes(status)) return;
    const reason = entry.authorizerError ?? entry.errorMessage ?? "no reason logged";
    const key = `${status} ${reason}`;
    (refusals.get(key) ?? set(refusals, key, { status, reason, requests: 0 })).requests++;
  }

  function seriesOf(from: number, to: number): AccessLogReport["series"] {
    const step = STEPS.find((candidate) => (to - from) / candidate < BUCKETS) ?? Math.ceil((to - from) / BUCKETS);
    const first = Math.floor(from / step);
    const groups = Array.from({ length: Math.floor(to / step) - first + 1 }, emptyGroup);
    for (const entry of entries) add(groups[Math.floor(entry.requestTimeEpoch / step) - first] ?? all, entry);
    const buckets = groups.map(({ requests, classes, latencies }, index): Bucket => {
      const p95 = requests === 0 ? {} : { p95: percentiles(latencies).p95 };
      return { start: (first + index) * step, requests, statusClasses: classes, ...p95 };
    });
    return { step, buckets };
  }
}

function emptyGroup(): Group {
  return { requests: 0, classes: [0, 0, 0, 0, 0], latencies: [] };
}

function add(group: Group, { status, responseLatency }: Pick<AccessLogEntry, "status" | "responseLatency">): void {
  group.requests++;
  group.latencies.push(responseLatency);
  const index = Math.floor(status / 100) - 1;
  if (index >= 0 && index < 5) group.classes[index as 0]++;
}

function summary({ requests, classes, latencies }: Group) {
  return { requests, statusClasses: classes, latency: percentiles(latencies) };
}

/** The smallest value that so many percent of all do not exceed ("nearest rank"). */
function percentiles(values: number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (percent: number) => sorted[Math.max(Math.ceil((percent / 100) * sorted.length) - 1, 0)] ?? 0;
  return { p50: at(50), p95: at(95), p99: at(99), max: at(100) };
}

function callerOf({ user, client, sourceIp }: AccessLogEntry): [CallerReport["kind"], string] {
  if (user !== undefined) return ["user", user];
  return client === undefined ? ["address", sourceIp ?? "unknown"] : ["client", client];
}

function least(values: number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function set<K, V>(map: Map<K, V>, key: K, value: V): V {
  map.set(key, value);
  return value;
}
