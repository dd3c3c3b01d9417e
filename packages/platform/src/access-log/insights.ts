import { ACCESS_LOG_FIELDS, type AccessLogFieldName } from "./fields";

export interface InsightsQuery {
  /** Unique, in kebab-case. */
  name: string;
  about: string;
  /** Logs Insights QL. The console sets the time range when it runs the query. */
  query: string;
}

/** Returns the name of a field. A renamed field is then a type error, not an empty result. */
const field = (name: AccessLogFieldName) => name;
const requestId = field("requestId");
const routeKey = field("routeKey");
const status = field("status");
const latency = field("responseLatency");
const sourceIp = field("sourceIp");
const user = field("user");
const client = field("client");
const integrationError = field("integrationError");
const reason = `${field("authorizerError")}, ${field("errorMessage")}`;
const percentiles = [50, 95, 99].map((p) => `pct(${latency}, ${p}) as p${p}`).join(", ");
const request = `fields @timestamp, ${requestId}, ${field("httpMethod")}, ${field("path")}, ${status}, ${latency}`;

/**
 * Saved queries for operators. They compare only fields that are always numbers, because the others
 * may be `-`.
 */
export const INSIGHTS_QUERIES: InsightsQuery[] = [
  {
    name: "errors-by-route",
    about: "responses with a status of 400 or more, by route and status",
    query: steps(
      `filter ${status} >= 400`,
      `stats count(*) as requests, max(@timestamp) as latest by ${routeKey}, ${status}, ${integrationError}`,
      "sort requests desc",
      "limit 100",
    ),
  },
  {
    name: "slowest-requests",
    about: "the requests with the highest latency",
    query: steps(
      `${request}, ${field("integrationLatency")}, ${field("integrationRequestId")}`,
      `sort ${latency} desc`,
      "limit 50",
    ),
  },
  {
    name: "latency-by-route",
    about: "latency percentiles by route",
    query: steps(`stats count(*) as requests, ${percentiles} by ${routeKey}`, "sort p99 desc", "limit 100"),
  },
  {
    name: "refused-by-reason",
    about: "rejected requests (401, 403, 429), by reason",
    query: steps(
      `filter ${status} in [401, 403, 429]`,
      `stats count(*) as requests, count_distinct(${sourceIp}) as addresses by ${status}, ${reason}, ${routeKey}`,
      "sort requests desc",
      "limit 100",
    ),
  },
  {
    name: "top-callers",
    about: "the callers with the most requests, and their addresses",
    query: steps(`stats count(*) as requests by ${user}, ${client}, ${sourceIp}`, "sort requests desc", "limit 50"),
  },
  {
    name: "one-request",
    about: "all fields of one request: replace REQUEST-ID",
    query: steps(
      `fields @timestamp, ${Object.keys(ACCESS_LOG_FIELDS).join(", ")}`,
      `filter ${requestId} = "REQUEST-ID"`,
      "limit 10",
    ),
  },
  {
    name: "calls-of-one-user",
    about: "the requests of one user or machine client: replace USER-OR-CLIENT-ID",
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
