/** Start of the year 10000, in epoch milliseconds: ISO 8601 then needs more than four digits. */
const YEAR_10000 = 253_402_300_800_000;
/** API Gateway waits for minutes at most. A day leaves room for every kind of API. */
const MAX_LATENCY_MS = 24 * 60 * 60 * 1000;
/** Far above the limits of API Gateway, and low enough for exact sums over a whole log. */
const MAX_BODY_BYTES = 1e12;

/**
 * The fields of the access log. API Gateway's format string (`format.ts`), the parser (`entry.ts`)
 * and the table in the documentation are derived from this list.
 */
export const ACCESS_LOG_FIELDS = {
  requestId: {
    variable: "requestId",
    kind: "text",
    about: "API Gateway's request id, also in the `apigw-requestid` header",
  },
  requestTimeEpoch: {
    variable: "requestTimeEpoch",
    kind: "number",
    range: [0, YEAR_10000 - 1],
    about: "time of arrival, in epoch milliseconds",
  },
  requestTime: { variable: "requestTime", kind: "text", about: "time of arrival, as `23/Nov/2026:09:30:00 +0000`" },
  stage: { variable: "stage", kind: "text", about: "API Gateway stage" },
  routeKey: { variable: "routeKey", kind: "text", about: "matched route, if any" },
  httpMethod: { variable: "httpMethod", kind: "text", about: "HTTP method" },
  path: { variable: "path", kind: "text", about: "path with the stage, without the query string" },
  protocol: { variable: "protocol", kind: "text", about: "protocol: `HTTP/1.1`, also for HTTP/2 clients" },
  status: { variable: "status", kind: "number", range: [100, 599], about: "HTTP status of the response" },
  responseLength: {
    variable: "responseLength",
    kind: "number",
    range: [0, MAX_BODY_BYTES],
    about: "size of the response body, in bytes",
  },
  // Always present in our own format, but missing from many others.
  responseLatency: {
    variable: "responseLatency",
    kind: "number",
    isOptional: true,
    range: [0, MAX_LATENCY_MS],
    about: "total latency, in milliseconds",
  },
  integrationLatency: {
    variable: "integrationLatency",
    kind: "numeric",
    range: [0, MAX_LATENCY_MS],
    about: "latency of the function, in milliseconds",
  },
  // Not `integrationStatus`: that is the status of the Lambda API, 200 even if the function throws.
  integrationStatus: { variable: "integration.status", kind: "numeric", about: "status that the function returned" },
  integrationRequestId: {
    variable: "integration.requestId",
    kind: "text",
    about: "Lambda's request id, which also identifies the function's log events",
  },
  integrationError: {
    variable: "integrationErrorMessage",
    kind: "text",
    about: "error of the integration, such as a timeout of the function",
  },
  // Not `error.messageString`: its value already includes quotes.
  errorMessage: {
    variable: "error.message",
    kind: "text",
    about: "message of an error that API Gateway returned itself",
  },
  errorType: { variable: "error.responseType", kind: "text", about: "type of that error" },
  authorizerError: { variable: "authorizer.error", kind: "text", about: "why the token was rejected" },
  user: { variable: "authorizer.claims.sub", kind: "text", about: "`sub` claim of the access token" },
  client: { variable: "authorizer.claims.client_id", kind: "text", about: "`client_id` claim of the access token" },
  sourceIp: { variable: "identity.sourceIp", kind: "text", about: "IP address of the client" },
  userAgent: { variable: "identity.userAgent", kind: "text", about: "User-Agent header (self-reported)" },
  domainName: { variable: "domainName", kind: "text", about: "host name of the API" },
  apiId: { variable: "apiId", kind: "text", about: "id of the API" },
  accountId: { variable: "accountId", kind: "text", about: "AWS account of the API" },
} as const satisfies Record<string, AccessLogField>;

export interface AccessLogField {
  /**
   * `$context` variable:
   * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
   */
  variable: string;
  /** `number`: always a number. `numeric`: a number or `-`. `text`: text or `-`. */
  kind: "number" | "numeric" | "text";
  /** True for a `number` that may be missing from a valid line. */
  isOptional?: boolean;
  /** Valid range. A line with a value outside of it is unparseable. */
  range?: readonly [smallest: number, largest: number];
  /** Description for the reference documentation and the console. */
  about: string;
}

export type AccessLogFieldName = keyof typeof ACCESS_LOG_FIELDS;
