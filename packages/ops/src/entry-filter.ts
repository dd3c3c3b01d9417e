import type { AccessLogEntry } from "@backend/platform/access-log/entry";
import { filterPattern, searchFilter, statusSpans } from "@backend/platform/access-log/search-filter";
import { UsageError } from "@backend/sst-graph/command-line";
import * as z from "zod/mini";

/** What filters accept instead of a missing value. */
const NONE = "-";

export interface EntryFilter {
  /** Filter for CloudWatch Logs. It may find more lines than `matches` accepts, never fewer. */
  pattern?: string;
  matches(entry: AccessLogEntry): boolean;
}

export interface FilterOptions {
  /** `404`, `5xx`, or several of them: `4xx,500`. */
  status?: string | undefined;
  route?: string | undefined;
  user?: string | undefined;
  address?: string | undefined;
  request?: string | undefined;
}

const { route: routeKey, user: caller, address: sourceIp, requestId } = searchFilter;
const Options = z.object({
  status: z.optional(
    z.string().check(
      z.refine((list) => list.split(",").every((status) => searchFilter.status.safeParse(status).success), {
        error: "expected statuses such as 404, 5xx or 4xx,500",
      }),
    ),
  ),
  route: routeKey,
  user: caller,
  address: sourceIp,
  request: requestId,
});

/** Throws a UsageError that names the option. */
export function entryFilter(options: FilterOptions): EntryFilter {
  const { status, route, user, address, request } = checkOptions({
    ...options,
    status: options.status?.toLowerCase(),
  });
  const pattern = filterPattern({ status, route, user, address, requestId: request });
  const spans = status === undefined ? undefined : statusSpans(status);
  return {
    ...(pattern !== undefined && { pattern }),
    matches: (entry) =>
      (spans === undefined || spans.some(([first, last]) => entry.status >= first && entry.status <= last)) &&
      (route === undefined || (entry.routeKey ?? NONE) === route) &&
      (user === undefined || isFrom(entry, user)) &&
      (address === undefined || entry.sourceIp === address) &&
      (request === undefined || entry.requestId === request),
  };
}

function isFrom({ user, client }: AccessLogEntry, id: string): boolean {
  if (id === NONE) return user === undefined && client === undefined;
  return user === id || client === id;
}

function checkOptions(options: FilterOptions): FilterOptions {
  const { status, route, user, address, request } = options;
  const result = Options.safeParse({ status, route, user, address, request });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = String(issue?.path[0]) as keyof FilterOptions;
  throw new UsageError(`--${name} ${options[name]}: ${issue?.message}`);
}
