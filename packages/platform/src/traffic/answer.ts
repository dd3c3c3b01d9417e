import * as z from "zod/mini";

import { GRANULARITIES } from "./bucket";
import { REFUSALS } from "./refusal";

const count = z.number();
/** Milliseconds, within 2 %; null where no latency was logged. */
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
  /** 5xx by all requests, from 0 to 1; 0 where there were none. */
  errorRate: z.number(),
  statuses: z.object({ "1xx": count, "2xx": count, "3xx": count, "4xx": count, "5xx": count }),
  /** Bytes of response bodies. */
  bytes: count,
  latency,
};

/** What `GET /traffic` answers. Times are ISO instants in UTC. */
export const TrafficAnswer = z.object({
  /** The beginning of the first bucket: at or before what was asked for. */
  from: z.string(),
  /** The end of the last bucket: at or after what was asked for. */
  to: z.string(),
  granularity: z.enum(GRANULARITIES),
  totals: z.object(figures),
  /** Every bucket, oldest first, also those without requests. */
  series: z.array(z.object({ start: z.string(), ...figures })),
  /** The busiest first. `(none)`: API Gateway found no route. `(other)`: all beyond the busiest 40. */
  routes: z.array(z.object({ route: z.string(), ...figures })),
  /** The busiest first; what is in `otherCallers` cannot be told apart. */
  callers: z.array(z.object({ kind: z.enum(["user", "client", "address", "unknown"]), id: z.string(), ...counts })),
  otherCallers: z.object(counts),
  /** Requests that API Gateway answered itself, by reason. */
  refusals: z.object(
    Object.fromEntries(REFUSALS.map((refusal) => [refusal, count])) as Record<(typeof REFUSALS)[number], typeof count>,
  ),
  /** Lines of the access log that could not be read: in no other figure. */
  unparseableLines: count,
});

export type TrafficAnswer = z.infer<typeof TrafficAnswer>;
