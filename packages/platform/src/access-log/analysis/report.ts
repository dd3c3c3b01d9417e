/** The figures of an access log, as plain data. */
export interface AccessLogReport {
  /** Lines that are not blank, including unparseable ones. */
  lines: number;
  requests: number;
  /** Epoch milliseconds of the first and the last request; absent if there are none. */
  from?: number;
  to?: number;
  /** Total size of the response bodies, in bytes. */
  responseBytes: number;
  /** Requests by status class: index 0 is `1xx`, 4 is `5xx`. */
  statusClasses: StatusClasses;
  /** Absent if no latency was logged. */
  latency?: Percentiles;
  /** Number of requests without a logged latency; absent if all have one. */
  withoutLatency?: number;
  /** Most requested first. */
  routes: RouteReport[];
  /** Slowest first by p99. Only routes with a logged latency. */
  slowest: RouteReport[];
  /** Busiest first. */
  callers: CallerReport[];
  /** Most frequent first. */
  agents: { userAgent: string; requests: number }[];
  /** 401, 403 and 429, most frequent first. */
  refusals: { status: number; reason: string; requests: number }[];
  /** Buckets of equal length, without gaps. */
  series: { /** Length of a bucket, in milliseconds. */ step: number; buckets: Bucket[] };
  unparseable: { lines: number; samples: UnparseableLine[] };
  /**
   * Figures that are not exact, because there were too many different values. Counts are then lower
   * bounds, and some latencies are rounded to three digits.
   */
  approximate: ("routes" | "callers" | "agents" | "refusals" | "latency")[];
}

export type StatusClasses = [informational: number, success: number, redirect: number, client: number, server: number];

/** Percentiles in milliseconds, by the nearest-rank method. */
export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

export interface UnparseableLine {
  /** Name of the input; absent if the only input has no name. */
  source?: string;
  /** Line number in its input, from 1. */
  line: number;
  reason: string;
  sample: string;
}

export interface RouteReport {
  /** Absent for requests that matched no route. */
  routeKey?: string;
  requests: number;
  statusClasses: StatusClasses;
  /** Absent if no latency was logged. */
  latency?: Percentiles;
}

export interface CallerReport {
  kind: "user" | "client" | "address";
  id: string;
  requests: number;
  /** Requests with a status of 400 or more. */
  errors: number;
}

export interface Bucket {
  /** Start, in epoch milliseconds. */
  start: number;
  requests: number;
  statusClasses: StatusClasses;
  /** Absent if no latency was logged. */
  p95?: number;
}
