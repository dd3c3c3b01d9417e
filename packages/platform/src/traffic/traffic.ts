import { callerOf } from "../access-log/caller";
import { type AccessLogEntry, parseAccessLogLine } from "../access-log/entry";
import { type Refusal, refusalOf } from "./refusal";
import { addLatency, mergeSketch, type Sketch } from "./sketch";

/** Counts of access-log lines. They are whole numbers, so the order of merging does not matter. */
export interface Traffic {
  /** By route key, `NO_ROUTE` or `OTHER`. */
  routes: Map<string, RouteTraffic>;
  /** By `user:<sub>`, `client:<client_id>`, `address:<ip>`, `UNKNOWN` or `OTHER`. */
  callers: Map<string, CallerTraffic>;
  refusals: Map<Refusal, number>;
  /** Unparseable lines. They are in no other count. */
  unparseable: number;
}

export interface RouteTraffic {
  /** Requests by status class, from 1xx to 5xx. */
  statuses: [number, number, number, number, number];
  /** Total size of the response bodies. */
  bytes: number;
  latency: Sketch;
}

export interface CallerTraffic {
  requests: number;
  clientErrors: number;
  serverErrors: number;
}

/** Name of the sum of all but the busiest. No route key or caller is in parentheses. */
export const OTHER = "(other)";
/** Name of the requests that matched no route. */
export const NO_ROUTE = "(none)";
/** Name of the requests without a caller. */
export const UNKNOWN = "(unknown)";

/**
 * Routes and callers that an item and a response list. With `MAX_NAME_LENGTH`, these limits keep an
 * item below DynamoDB's 400 KB.
 */
export const MAX_ROUTES = 40;
export const MAX_CALLERS = 200;
/** UTF-16 code units. Each takes at most 6 bytes in JSON. */
const MAX_NAME_LENGTH = 96;
/**
 * API Gateway's limit. A larger logged size counts as this, so that sums are exact up to 850
 * million requests.
 */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

export function noTraffic(): Traffic {
  return { routes: new Map(), callers: new Map(), refusals: new Map(), unparseable: 0 };
}

/** Adds one line of the access log to the counts. */
export function countLine(traffic: Traffic, line: string): void {
  const parsed = parseAccessLogLine(line);
  if (parsed.ok) countEntry(traffic, parsed.entry);
  else traffic.unparseable += 1;
}

function countEntry(traffic: Traffic, entry: AccessLogEntry): void {
  const statusClass = Math.floor(entry.status / 100);
  const route = routeIn(traffic, (entry.routeKey ?? NO_ROUTE).slice(0, MAX_NAME_LENGTH));
  route.statuses[(statusClass - 1) as 0 | 1 | 2 | 3 | 4] += 1;
  route.bytes += Math.min(MAX_BODY_BYTES, Math.round(entry.responseLength));
  if (entry.responseLatency !== undefined) addLatency(route.latency, entry.responseLatency);
  addCaller(traffic, callerNameOf(entry), {
    requests: 1,
    clientErrors: statusClass === 4 ? 1 : 0,
    serverErrors: statusClass === 5 ? 1 : 0,
  });
  const refusal = refusalOf(entry);
  if (refusal !== undefined) addRefusals(traffic, refusal, 1);
}

/** Adds the counts of `from` to `into`. */
export function mergeTraffic(into: Traffic, from: Traffic): void {
  for (const [name, { statuses, bytes, latency }] of from.routes) {
    const route = routeIn(into, name);
    for (const index of [0, 1, 2, 3, 4] as const) route.statuses[index] += statuses[index];
    route.bytes += bytes;
    mergeSketch(route.latency, latency);
  }
  for (const [name, counts] of from.callers) addCaller(into, name, counts);
  for (const [refusal, count] of from.refusals) addRefusals(into, refusal, count);
  into.unparseable += from.unparseable;
}

/** Merges all but the busiest 40 routes and 200 callers into `OTHER`. Totals do not change. */
export function limitToBusiest(traffic: Traffic): Traffic {
  const result = noTraffic();
  const routes = busiest(traffic.routes, MAX_ROUTES, ({ statuses }) => requestsOf(statuses));
  const callers = busiest(traffic.callers, MAX_CALLERS, ({ requests }) => requests);
  mergeTraffic(result, { ...traffic, routes: new Map(), callers: new Map() });
  for (const [name, route] of traffic.routes) {
    mergeTraffic(result, { ...noTraffic(), routes: new Map([[routes.has(name) ? name : OTHER, route]]) });
  }
  for (const [name, caller] of traffic.callers) addCaller(result, callers.has(name) ? name : OTHER, caller);
  return result;
}

export function requestsOf(statuses: RouteTraffic["statuses"]): number {
  return statuses.reduce((sum, count) => sum + count, 0);
}

function callerNameOf(entry: AccessLogEntry): string {
  const { kind, id } = callerOf(entry);
  return kind === "unknown" ? UNKNOWN : `${kind}:${id}`.slice(0, MAX_NAME_LENGTH);
}

function routeIn({ routes }: Traffic, name: string): RouteTraffic {
  const found = routes.get(name) ?? { statuses: [0, 0, 0, 0, 0], bytes: 0, latency: new Map() };
  routes.set(name, found);
  return found;
}

function addCaller({ callers }: Traffic, name: string, { requests, clientErrors, serverErrors }: CallerTraffic): void {
  const found = callers.get(name) ?? { requests: 0, clientErrors: 0, serverErrors: 0 };
  found.requests += requests;
  found.clientErrors += clientErrors;
  found.serverErrors += serverErrors;
  callers.set(name, found);
}

function addRefusals({ refusals }: Traffic, refusal: Refusal, count: number): void {
  refusals.set(refusal, (refusals.get(refusal) ?? 0) + count);
}

/**
 * Returns the names of the busiest items. Ties are broken by name, so equal counts give equal
 * names.
 */
function busiest<T>(items: Map<string, T>, limit: number, requests: (item: T) => number): Set<string> {
  const named = [...items].filter(([name]) => name !== OTHER);
  named.sort(([a, one], [b, two]) => requests(two) - requests(one) || (a < b ? -1 : 1));
  return new Set(named.slice(0, limit).map(([name]) => name));
}
