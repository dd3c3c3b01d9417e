import * as z from "zod/mini";

import { GRANULARITIES } from "./bucket";
import { REFUSALS } from "./refusal";

const count = z.number();
/** Milliseconds, accurate to 2 %; null if no latency was logged. */
const latency = z.nullable(z.object({ p50: z.number(), p95: z.number(), p99: z.number() }));

const counts = {
  requests: count,
  /** 4xx. */
  clientErrors: count,
  /** 5xx. */
  serverErrors: count,
};

const figures = {
  ...counts,
  /** Share of 5xx in all requests, from 0 to 1; 0 if there are no requests. */
  errorRate: z.number(),
  statuses: z.object({ "1xx": count, "2xx": count, "3xx": count, "4xx": count, "5xx": count }),
  /** Total size of the response bodies, in bytes. */
  bytes: count,
  latency,
};

/** The response of `GET /traffic`. Times are ISO instants in UTC. */
export const TrafficAnswer = z.object({
  /** Start of the first bucket, at or before the requested `from`. */
  from: z.string(),
  /** End of the last bucket, at or after the requested `to`. */
  to: z.string(),
  granularity: z.enum(GRANULARITIES),
  totals: z.object(figures),
  /** All buckets, oldest first, including empty ones. */
  series: z.array(z.object({ start: z.string(), ...figures })),
  /** Busiest first. `(none)`: no route matched. `(other)`: all except the busiest 40. */
  routes: z.array(z.object({ route: z.string(), ...figures })),
  /** The busiest callers, busiest first. `otherCallers` has the sum of the rest. */
  callers: z.array(z.object({ kind: z.enum(["user", "client", "address", "unknown"]), id: z.string(), ...counts })),
  otherCallers: z.object(counts),
  /** Requests that API Gateway rejected itself or could not hand to a function, by reason. */
  refusals: z.object(
    Object.fromEntries(REFUSALS.map((refusal) => [refusal, count])) as Record<(typeof REFUSALS)[number], typeof count>,
  ),
  /** Unparseable lines of the access log. They are in no other figure. */
  unparseableLines: count,
});

export type TrafficAnswer = z.infer<typeof TrafficAnswer>;
