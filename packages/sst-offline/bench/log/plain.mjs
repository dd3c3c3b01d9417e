// Computes the same figures in a few simple lines, as a first version would.
import { createReadStream } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";

/** @type {number[]} */
const latencies = [];
/** @type {Map<string, { latencies: number[], classes: Map<unknown, number> }>} */
const routes = new Map();
const callers = new Map();
const agents = new Map();
const refusals = new Map();
const series = new Map();
/** @type {(map: Map<unknown, number>, key: unknown) => void} */
const count = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);
for await (const line of createInterface({ input: createReadStream(process.argv[2] ?? "") })) {
  const { routeKey, status, responseLatency, requestTimeEpoch, user, client, sourceIp, userAgent, errorMessage } =
    JSON.parse(line);
  latencies.push(responseLatency);
  const route = routes.get(routeKey) ?? { latencies: /** @type {number[]} */ ([]), classes: new Map() };
  routes.set(routeKey, route);
  route.latencies.push(responseLatency);
  count(route.classes, Math.floor(status / 100));
  count(
    callers,
    [user, client, sourceIp].find((name) => name !== undefined && name !== "-"),
  );
  count(agents, userAgent);
  if ([401, 403, 429].includes(status)) count(refusals, errorMessage);
  count(series, Math.floor(requestTimeEpoch / 3_600_000));
}
for (const list of [latencies, ...[...routes.values()].map((route) => route.latencies)]) list.sort((a, b) => a - b);
console.log(latencies.length);
console.error(process.resourceUsage().maxRSS);
