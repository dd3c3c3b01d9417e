import * as z from "zod/mini";

import type { AccessLogFieldName } from "./fields";

/**
 * The filters of a search. CloudWatch documents no escaping inside quotes, where `*` and `%` are
 * special. So each pattern allows only characters that such a value can contain, and no value can
 * change the meaning of the filter pattern.
 */
export const searchFilter = {
  status: z.optional(
    matchPattern(/^([1-5]xx|[1-5]\d\d)$/, "must be a status such as 404, or a status class such as 5xx"),
  ),
  route: z.optional(
    matchPattern(
      /^(?=.{1,256}$)(-|\$default|[A-Z]{3,7} \/[A-Za-z0-9._~:{}+/-]*)$/,
      "must be a method and path, for example GET /events/{id}, or $default, or - for none",
    ),
  ),
  /** The `sub` or `client_id` of a token, or `-` for requests without a token. */
  user: z.optional(matchPattern(/^[A-Za-z0-9._@:+-]{1,128}$/, "must be a user or client id, or - for none")),
  address: z.optional(matchPattern(/^[0-9A-Fa-f.:]{2,45}$/, "must be an IP address")),
  requestId: z.optional(matchPattern(/^[A-Za-z0-9_=+/-]{1,64}$/, "must be a request id")),
};

/**
 * `status` may also be a list, such as `4xx,500`. The search may then find other statuses too, so
 * the caller must filter the results again.
 */
export type SearchFilter = { [Name in keyof typeof searchFilter]?: string | undefined };

/**
 * Returns the filter as a filter pattern of CloudWatch Logs, or undefined for an empty filter,
 * which matches all lines, including those that are not JSON.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html
 */
export function filterPattern(filter: SearchFilter): string | undefined {
  const conditions = conditionsOf(filter).map((alternatives) => {
    const terms = alternatives.map(([field, operator, value]) => `($.${field} ${operator} ${value})`);
    return terms.length === 1 ? terms[0] : `(${terms.join(" || ")})`;
  });
  return conditions.length === 0 ? undefined : `{ ${conditions.join(" && ")} }`;
}

/** Returns the filter as a Logs Insights query, which searches any range for up to 10,000 lines. */
export function insightsQuery(filter: SearchFilter): string {
  const conditions = conditionsOf(filter).map((alternatives) => {
    const terms = alternatives.map(([field, operator, value]) => `${field} ${operator} ${value}`);
    return terms.length === 1 ? terms[0] : `(${terms.join(" or ")})`;
  });
  return [
    "fields @timestamp, @message",
    ...(conditions.length === 0 ? [] : [`filter ${conditions.join(" and ")}`]),
    "sort @timestamp desc",
    "limit 10000",
  ].join(" | ");
}

type Condition = [field: string, operator: "=" | ">=" | "<", value: string];

/** Conditions in conjunctive form: of each inner list, at least one must be true. */
function conditionsOf({ status, route, user, address, requestId }: SearchFilter): Condition[][] {
  const equals = (field: AccessLogFieldName, value: string): Condition => [field, "=", `"${value}"`];
  return [
    ...(status === undefined ? [] : statusConditions(status)),
    ...(route === undefined ? [] : [[equals("routeKey", route)]]),
    ...(user === undefined ? [] : userConditions([equals("user", user), equals("client", user)], user)),
    ...(address === undefined ? [] : [[equals("sourceIp", address)]]),
    ...(requestId === undefined ? [] : [[equals("requestId", requestId)]]),
  ];
}

/** A token has a user, a client, or both: without a token, both are missing. */
function userConditions(fields: Condition[], user: string): Condition[][] {
  return user === "-" ? fields.map((field) => [field]) : [fields];
}

/** Covers several statuses by one range, which may include other statuses but misses none. */
function statusConditions(statuses: string): Condition[][] {
  const spans = statusSpans(statuses);
  const first = Math.min(...spans.map(([from]) => from));
  const last = Math.max(...spans.map(([, to]) => to));
  if (first === last) return [[["status", "=", String(first)]]];
  return [[["status", ">=", String(first)]], [["status", "<", String(last + 1)]]];
}

/** Returns the first and last status of each part of a list such as `4xx,500`. */
export function statusSpans(statuses: string): [first: number, last: number][] {
  return statuses.split(",").map((status) => {
    const first = Number(status.replace("xx", "00"));
    return [first, status.endsWith("xx") ? first + 99 : first];
  });
}

function matchPattern(pattern: RegExp, error: string) {
  return z.string().check(z.refine((text) => pattern.test(text), { error }));
}
