import type { Refusal } from "./refusal";
import { decodeSketch, encodeSketch } from "./sketch";
import { bounded, type CallerTraffic, type RouteTraffic, type Traffic } from "./traffic";

interface Encoded {
  routes: [name: string, statuses: RouteTraffic["statuses"], bytes: number, latency: number[]][];
  callers: [name: string, requests: number, clientErrors: number, serverErrors: number][];
  refusals: [refusal: Refusal, count: number][];
  unparseable: number;
}

/** Traffic as text: at most 380,000 bytes of UTF-8, and the same text for the same counts, in whatever order they were counted. */
export function encodeTraffic(traffic: Traffic): string {
  const { routes, callers, refusals, unparseable } = bounded(traffic);
  const encoded: Encoded = {
    routes: named(routes).map(([name, { statuses, bytes, latency }]) => [name, statuses, bytes, encodeSketch(latency)]),
    callers: named(callers).map(([name, caller]) => [name, caller.requests, caller.clientErrors, caller.serverErrors]),
    refusals: named(refusals),
    unparseable,
  };
  return JSON.stringify(encoded);
}

/** Takes nothing but what `encodeTraffic` made. */
export function decodeTraffic(text: string): Traffic {
  const { routes, callers, refusals, unparseable } = JSON.parse(text) as Encoded;
  return {
    routes: new Map(
      routes.map(([name, statuses, bytes, latency]) => [name, { statuses, bytes, latency: decodeSketch(latency) }]),
    ),
    callers: new Map(
      callers.map(([name, requests, clientErrors, serverErrors]): [string, CallerTraffic] => [
        name,
        { requests, clientErrors, serverErrors },
      ]),
    ),
    refusals: new Map(refusals),
    unparseable,
  };
}

function named<Name extends string, T>(items: Map<Name, T>): [Name, T][] {
  return [...items].sort(([a], [b]) => (a < b ? -1 : 1));
}
