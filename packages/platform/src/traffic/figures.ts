import type { LoggedCaller } from "../access-log/caller";
import type { TrafficAnswer } from "./answer";
import { REFUSALS } from "./refusal";
import { mergeSketch, quantile, type Sketch } from "./sketch";
import { limitToBusiest, OTHER, type RouteTraffic, requestsOf, type Traffic, UNKNOWN } from "./traffic";

type Figures = TrafficAnswer["totals"];
type Summary = Pick<TrafficAnswer, "totals" | "routes" | "callers" | "otherCallers" | "refusals" | "unparseableLines">;

/** Returns the response of `GET /traffic` without the series. */
export function summaryOf(traffic: Traffic): Summary {
  const { routes, callers, refusals, unparseable } = limitToBusiest(traffic);
  const named = [...callers].filter(([name]) => name !== OTHER);
  return {
    totals: figuresOf(traffic),
    routes: busiestFirst(
      [...routes].map(([route, counted]) => ({ route, ...figures(counted) })),
      "route",
    ),
    callers: busiestFirst(
      named.map(([name, counts]) => ({ ...parseCaller(name), ...counts })),
      "id",
    ),
    otherCallers: callers.get(OTHER) ?? { requests: 0, clientErrors: 0, serverErrors: 0 },
    refusals: Object.fromEntries(
      REFUSALS.map((refusal) => [refusal, refusals.get(refusal) ?? 0]),
    ) as Summary["refusals"],
    unparseableLines: unparseable,
  };
}

/** Returns the figures of all routes together. */
export function figuresOf({ routes }: Traffic): Figures {
  const all: RouteTraffic = { statuses: [0, 0, 0, 0, 0], bytes: 0, latency: new Map() };
  for (const { statuses, bytes, latency } of routes.values()) {
    for (const index of [0, 1, 2, 3, 4] as const) all.statuses[index] += statuses[index];
    all.bytes += bytes;
    mergeSketch(all.latency, latency);
  }
  return figures(all);
}

function figures({ statuses, bytes, latency }: RouteTraffic): Figures {
  const requests = requestsOf(statuses);
  const [informational, successful, redirected, clientErrors, serverErrors] = statuses;
  return {
    requests,
    clientErrors,
    serverErrors,
    errorRate: requests === 0 ? 0 : serverErrors / requests,
    statuses: {
      "1xx": informational,
      "2xx": successful,
      "3xx": redirected,
      "4xx": clientErrors,
      "5xx": serverErrors,
    },
    bytes,
    latency: latencyOf(latency),
  };
}

function latencyOf(sketch: Sketch): Figures["latency"] {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((at) => quantile(sketch, at));
  return p50 === undefined || p95 === undefined || p99 === undefined ? null : { p50, p95, p99 };
}

function parseCaller(name: string): LoggedCaller {
  if (name === UNKNOWN) return { kind: "unknown", id: "" };
  const colon = name.indexOf(":");
  return { kind: name.slice(0, colon) as LoggedCaller["kind"], id: name.slice(colon + 1) };
}

function busiestFirst<Name extends string, T extends Record<Name, string> & { requests: number }>(
  items: T[],
  name: Name,
): T[] {
  return items.sort((a, b) => b.requests - a.requests || (a[name] < b[name] ? -1 : 1));
}
