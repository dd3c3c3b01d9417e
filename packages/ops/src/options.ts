import { type CommandOptions, REPOSITORY, UsageError } from "@backend/sst-graph/command-line";

/** Options of every command: where to look. */
export const TARGET_OPTIONS = {
  stage: { type: "string", value: "NAME", about: "stage on AWS; with --offline: default dev" },
  offline: { type: "boolean", default: false, about: "the stage that pnpm offline serves on this machine" },
  url: {
    type: "string",
    value: "URL",
    about: "address of the API with its stage (default: AWS is asked for it)",
  },
  "log-group": { type: "string", value: "NAME", about: "access log group (default: the deployment graph's)" },
  region: {
    type: "string",
    value: "NAME",
    about: "AWS region (default: the URL's, then the deployment graph's, then AWS_REGION)",
  },
  project: {
    type: "string",
    default: REPOSITORY,
    value: "DIR",
    about: "folder of the sst.config.ts (default: this repository)",
  },
  json: { type: "boolean", default: false, about: "machine-readable output" },
} as const satisfies CommandOptions;

const DAY_MS = 86_400_000;
const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS };

/** A longer span reaches back beyond 1970, where no log is. */
const MAX_SPAN_DAYS = 18_250;

/** Returns the milliseconds of `90s`, `10m`, `1.5h`, `7d`. */
export function durationOf(option: string, text: string): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text) ?? [];
  const milliseconds = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (!(milliseconds > 0)) throw new UsageError(`${option} ${text}: expected a time span such as 90s, 10m, 24h or 7d`);
  if (milliseconds > MAX_SPAN_DAYS * DAY_MS)
    throw new UsageError(`${option} ${text}: expected a time span of at most ${MAX_SPAN_DAYS}d`);
  return milliseconds;
}

/** Epoch milliseconds of a moment in ISO 8601; one without an offset is UTC. */
function momentOf(option: string, text: string): number {
  const iso = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
  const offset = text.includes("T") && iso?.[1] === undefined ? "Z" : "";
  const moment = iso === null ? Number.NaN : Date.parse(`${text}${offset}`);
  if (Number.isNaN(moment)) {
    throw new UsageError(`${option} ${text}: expected a moment such as 2026-11-23 or 2026-11-23T09:30:00Z`);
  }
  return moment;
}

export interface TimeRange {
  /** Epoch milliseconds, inclusive. */
  from: number;
  /** Epoch milliseconds, exclusive; absent: until now. */
  to?: number;
}

interface RangeOptions {
  since?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** Reads `--since 10m`, or `--from` and `--to`. Log events begin in 1970: a range does, too. */
export function rangeOf({ since, from, to }: RangeOptions, defaultSince: string, now: number): TimeRange {
  if (since !== undefined && from !== undefined) throw new UsageError("--since and --from: expected one of them");
  if (since !== undefined && to !== undefined)
    throw new UsageError("--since runs until now: expected --from with --to");
  if (from === undefined && to !== undefined) throw new UsageError("--to needs --from");
  if (from === undefined) return { from: Math.max(0, now - durationOf("--since", since ?? defaultSince)) };
  const range = { from: Math.max(0, momentOf("--from", from)), ...(to !== undefined && { to: momentOf("--to", to) }) };
  if (range.to !== undefined && range.to <= range.from)
    throw new UsageError(`--to ${to}: expected a moment after --from`);
  return range;
}
