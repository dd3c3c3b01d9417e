import type { Refusal } from "./refusal";
import { decodeSketch, encodeSketch } from "./sketch";
import { type CallerTraffic, limitToBusiest, type RouteTraffic, type Traffic } from "./traffic";

interface Encoded {
  routes: [name: string, statuses: RouteTraffic["statuses"], bytes: number, latency: number[]][];
  callers: [name: string, requests: number, clientErrors: number, serverErrors: number][];
  refusals: [refusal: Refusal, count: number][];
  unparseable: number;
}

/**
 * Encodes traffic as at most 380,000 bytes of UTF-8. Equal counts give equal text, in any order of
 * counting.
 */
export function encodeTraffic(traffic: Traffic): string {
  const { routes, callers, refusals, unparseable } = limitToBusiest(traffic);
  const encoded: Encoded = {
    routes: sortByName(routes).map(([name, { statuses, bytes, latency }]) => [
      name,
      statuses,
      bytes,
      encodeSketch(latency),
    ]),
    callers: sortByName(callers).map(([name, caller]) => [
      name,
      caller.requests,
      caller.clientErrors,
      caller.serverErrors,
    ]),
    refusals: sortByName(refusals),
    unparseable,
  };
  return JSON.stringify(encoded);
}

/** Decodes the output of `encodeTraffic`. Does not validate it. */
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

function sortByName<Name extends string, T>(items: Map<Name, T>): [Name, T][] {
  return [...items].sort(([a], [b]) => (a < b ? -1 : 1));
}
