import * as z from "zod/mini";

/**
 * What entries are searched for. CloudWatch documents no escape within its quotes, and `*` and `%`
 * mean more than themselves
 * there: characters that no route, user or request id has are refused, so that no value can say more than what it is.
 */
export const searchFilter = {
  status: z.optional(matching(/^([1-5]xx|[1-5]\d\d)$/, "must be a status such as 404, or a class of them such as 5xx")),
  route: z.optional(
    matching(
      /^(?=.{1,256}$)(\$default|[A-Z]{3,7} \/[A-Za-z0-9._~:{}+/-]*)$/,
      "must be a route key such as GET /events/{id}, or $default",
    ),
  ),
  /** `sub` or `client_id` of a token. */
  user: z.optional(matching(/^[A-Za-z0-9._@:+-]{1,128}$/, "must be the id of a user or client")),
  requestId: z.optional(matching(/^[A-Za-z0-9_=+/-]{1,64}$/, "must be the id of a request")),
};

/** A status may also be a list, such as `4xx,500`: then what is found has to be compared with it again. */
export type SearchFilter = { [Name in keyof typeof searchFilter]?: string | undefined };

/**
 * A filter pattern of CloudWatch Logs
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html); undefined for everything,
 * lines that are not JSON included.
 */
export function filterPattern(filter: SearchFilter): string | undefined {
  const conditions = conditionsOf(filter).map((either) =>
    either.map(([field, operator, value]) => `($.${field} ${operator} ${value})`),
  );
  if (conditions.length === 0) return undefined;
  return `{ ${conditions.map((either) => (either.length === 1 ? either[0] : `(${either.join(" || ")})`)).join(" && ")} }`;
}

/** The same question for CloudWatch Logs Insights, which reads any range and answers up to 10,000 lines. */
export function insightsQuery(filter: SearchFilter): string {
  const conditions = conditionsOf(filter).map((either) => {
    const alternatives = either.map(([field, operator, value]) => `${field} ${operator} ${value}`);
    return alternatives.length === 1 ? alternatives[0] : `(${alternatives.join(" or ")})`;
  });
  return [
    "fields @timestamp, @message",
    ...(conditions.length === 0 ? [] : [`filter ${conditions.join(" and ")}`]),
    "sort @timestamp desc",
    "limit 10000",
  ].join(" | ");
}

type Condition = [field: string, operator: "=" | ">=" | "<", value: string];

/** All of these; of each, one or the other. */
function conditionsOf({ status, route, user, requestId }: SearchFilter): Condition[][] {
  const quoted = (value: string) => `"${value}"`;
  return [
    ...(status === undefined ? [] : statusConditions(status)),
    ...(route === undefined ? [] : [[["routeKey", "=", quoted(route)]] satisfies Condition[]]),
    ...(user === undefined
      ? []
      : [
          [
            ["user", "=", quoted(user)],
            ["client", "=", quoted(user)],
          ] satisfies Condition[],
        ]),
    ...(requestId === undefined ? [] : [[["requestId", "=", quoted(requestId)]] satisfies Condition[]]),
  ];
}

/** Several statuses become one span around all of them: it may find more than the list, never less. */
function statusConditions(statuses: string): Condition[][] {
  const spans = statusSpans(statuses);
  const first = Math.min(...spans.map(([from]) => from));
  const last = Math.max(...spans.map(([, to]) => to));
  if (first === last) return [[["status", "=", String(first)]]];
  return [[["status", ">=", String(first)]], [["status", "<", String(last + 1)]]];
}

/** First and last status of each part of a list such as `4xx,500`. */
export function statusSpans(statuses: string): [first: number, last: number][] {
  return statuses.split(",").map((status) => {
    const first = Number(status.replace("xx", "00"));
    return [first, status.endsWith("xx") ? first + 99 : first];
  });
}

function matching(pattern: RegExp, error: string) {
  return z.string().check(z.refine((text) => pattern.test(text), { error }));
}
