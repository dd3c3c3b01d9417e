import type { AccessLogEntry } from "@secure-backend/core/access-log/entry";
import { UsageError } from "@secure-backend/graph/command-line";

import { quoted } from "./aws/filter-pattern";

export interface EntryFilter {
  /** What CloudWatch Logs is asked for: it may find more than `matches` lets through, never less. */
  pattern?: string;
  matches(entry: AccessLogEntry): boolean;
}

export interface FilterOptions {
  status?: string | undefined;
  route?: string | undefined;
  user?: string | undefined;
  request?: string | undefined;
}

interface Condition {
  pattern: string;
  matches(entry: AccessLogEntry): boolean;
}

/** Throws a UsageError that names the option. */
export function entryFilter({ status, route, user, request }: FilterOptions): EntryFilter {
  const conditions: Condition[] = [];
  if (status !== undefined) conditions.push(statusCondition(status));
  if (route !== undefined) {
    conditions.push({ pattern: `$.routeKey = ${quoted(route)}`, matches: ({ routeKey }) => routeKey === route });
  }
  if (user !== undefined) {
    conditions.push({
      pattern: `($.user = ${quoted(user)} || $.client = ${quoted(user)})`,
      matches: (entry) => entry.user === user || entry.client === user,
    });
  }
  if (request !== undefined) {
    conditions.push({ pattern: `$.requestId = ${quoted(request)}`, matches: ({ requestId }) => requestId === request });
  }
  return {
    ...(conditions.length > 0 && { pattern: `{ ${conditions.map(({ pattern }) => pattern).join(" && ")} }` }),
    matches: (entry) => conditions.every(({ matches }) => matches(entry)),
  };
}

/** `404`, `5xx`, or several of them: `4xx,500`. */
function statusCondition(text: string): Condition {
  const ranges = text.split(",").map((part): [number, number] => {
    if (/^[1-5]xx$/i.test(part)) return [Number(part[0]) * 100, Number(part[0]) * 100 + 99];
    if (/^[1-5]\d\d$/.test(part)) return [Number(part), Number(part)];
    throw new UsageError(`--status ${text}: expected statuses such as 404, 5xx or 4xx,500`);
  });
  // One span around all of them: brackets within brackets are nowhere documented.
  const [lowest, highest] = [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))];
  return {
    pattern: `$.status >= ${lowest} && $.status <= ${highest}`,
    matches: ({ status }) => ranges.some(([low, high]) => status >= low && status <= high),
  };
}
