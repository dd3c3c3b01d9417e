import { ACCESS_LOG_FIELDS, type AccessLogFieldName } from "./fields";

export interface InsightsQuery {
  /** Unique, in words joined by hyphens. */
  name: string;
  about: string;
  /** CloudWatch Logs Insights QL; the time range is chosen where it is run. */
  query: string;
}

/** A field by its own name: a renamed one is a type error here, not an empty result in the console. */
const field = (name: AccessLogFieldName) => name;
const requestId = field("requestId");
const routeKey = field("routeKey");
const status = field("status");
const latency = field("responseLatency");
const sourceIp = field("sourceIp");
const user = field("user");
const client = field("client");
const integrationError = field("integrationError");
const request = `fields @timestamp, ${requestId}, ${field("httpMethod")}, ${field("path")}, ${status}, ${latency}`;

/**
 * Questions that an operator asks of the access log. Only fields that are logged as numbers are compared as numbers: the
 * others may be `-`.
 */
export const INSIGHTS_QUERIES: InsightsQuery[] = [
  {
    name: "errors-by-route",
    about: "answers with 400 or more, by route and status",
    query: steps(
      `filter ${status} >= 400`,
      `stats count(*) as requests, max(@timestamp) as latest by ${routeKey}, ${status}, ${integrationError}`,
      "sort requests desc",
      "limit 100",
    ),
  },
  {
    name: "slowest-requests",
    about: "the requests that took longest",
    query: steps(
      `${request}, ${field("integrationLatency")}, ${field("integrationRequestId")}`,
      `sort ${latency} desc`,
      "limit 50",
    ),
  },
  {
    name: "latency-by-route",
    about: "percentiles of the whole time in API Gateway, by route",
    query: steps(
      `stats count(*) as requests, ${[50, 95, 99].map((p) => `pct(${latency}, ${p}) as p${p}`).join(", ")} by ${routeKey}`,
      "sort p99 desc",
      "limit 100",
    ),
  },
  {
    name: "refused-by-reason",
    about: "what was refused before or by a function (401, 403, 429), by reason",
    query: steps(
      `filter ${status} in [401, 403, 429]`,
      `stats count(*) as requests, count_distinct(${sourceIp}) as addresses by ${status}, ${field("authorizerError")}, ${field("errorMessage")}, ${routeKey}`,
      "sort requests desc",
      "limit 100",
    ),
  },
  {
    name: "top-callers",
    about: "who calls most, and from where",
    query: steps(`stats count(*) as requests by ${user}, ${client}, ${sourceIp}`, "sort requests desc", "limit 50"),
  },
  {
    name: "one-request",
    about: "everything logged about one request: put its id in",
    query: steps(
      `fields @timestamp, ${Object.keys(ACCESS_LOG_FIELDS).join(", ")}`,
      `filter ${requestId} = "REQUEST-ID"`,
      "limit 10",
    ),
  },
  {
    name: "calls-of-one-user",
    about: "what one user or machine client called: put the id in",
    query: steps(
      `${request}, ${sourceIp}`,
      `filter ${field("user")} = "USER-OR-CLIENT-ID" or ${field("client")} = "USER-OR-CLIENT-ID"`,
      "sort @timestamp desc",
      "limit 1000",
    ),
  },
];

function steps(...commands: string[]): string {
  return commands.join("\n| ");
}
