/** The figures of an access log, as plain data. */
export interface AccessLogReport {
  /** All lines but blank ones, unreadable lines included. */
  lines: number;
  requests: number;
  /** Epoch milliseconds of the first and the last request; absent without one. */
  from?: number;
  to?: number;
  /** Bytes of all response bodies. */
  responseBytes: number;
  /** Requests by first digit of the status: index 0 is `1xx`, 4 is `5xx`. */
  statusClasses: StatusClasses;
  /** Of the requests whose latency was logged; absent without one. */
  latency?: Percentiles;
  /** Requests whose latency was not logged; absent where all were. */
  withoutLatency?: number;
  /** Most requested first. */
  routes: RouteReport[];
  /** Slowest first, by the 99th percentile; only routes with a logged latency. */
  slowest: RouteReport[];
  /** Busiest first. */
  callers: CallerReport[];
  /** Most frequent first. */
  agents: { userAgent: string; requests: number }[];
  /** 401, 403 and 429, most frequent first. */
  refusals: { status: number; reason: string; requests: number }[];
  /** Equal spans of time, without gaps. */
  series: { /** Milliseconds of one span. */ step: number; buckets: Bucket[] };
  unparseable: { lines: number; samples: UnparseableLine[] };
  /** What there was too much of to count each by itself: of these, the figures of the top ones are lower bounds. */
  approximate: ("routes" | "callers" | "agents" | "refusals" | "latency")[];
}

export type StatusClasses = [informational: number, success: number, redirect: number, client: number, server: number];

/** Milliseconds: the smallest values that so many percent of all do not exceed. */
export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

export interface UnparseableLine {
  /** Name of the input that it is in; absent for the only one without a name. */
  source?: string;
  /** Number of the line in its input, from 1. */
  line: number;
  reason: string;
  sample: string;
}

export interface RouteReport {
  /** Absent for requests that matched no route. */
  routeKey?: string;
  requests: number;
  statusClasses: StatusClasses;
  /** Absent where no latency was logged. */
  latency?: Percentiles;
}

export interface CallerReport {
  kind: "user" | "client" | "address";
  id: string;
  requests: number;
  /** Of these, answered with 400 or more. */
  errors: number;
}

export interface Bucket {
  /** Epoch milliseconds at which the span begins. */
  start: number;
  requests: number;
  statusClasses: StatusClasses;
  /** Absent where no latency was logged. */
  p95?: number;
}
