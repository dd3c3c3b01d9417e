/** Epoch milliseconds at which the year 10000 begins: from then on ISO 8601 needs more than four digits. */
const YEAR_10000 = 253_402_300_800_000;
/** API Gateway waits for a response for minutes at most; this leaves room for every kind of API. */
const MAX_LATENCY_MS = 24 * 60 * 60 * 1000;
/** API Gateway sends bodies of megabytes, a streaming API more. Below this, sums over a whole log stay exact. */
const MAX_BODY_BYTES = 1e12;

/**
 * The fields of the access log. API Gateway's format string (`format.ts`), the parser (`entry.ts`) and the table in
 * the documentation are derived from this list.
 */
export const ACCESS_LOG_FIELDS = {
  requestId: {
    variable: "requestId",
    kind: "text",
    about: "API Gateway's id of the request; also in the `apigw-requestid` header",
  },
  requestTimeEpoch: {
    variable: "requestTimeEpoch",
    kind: "number",
    range: [0, YEAR_10000 - 1],
    about: "when it arrived, in epoch milliseconds",
  },
  requestTime: { variable: "requestTime", kind: "text", about: "when it arrived, as `23/Nov/2026:09:30:00 +0000`" },
  stage: { variable: "stage", kind: "text", about: "API Gateway stage" },
  routeKey: { variable: "routeKey", kind: "text", about: "route that was chosen; absent where none was" },
  httpMethod: { variable: "httpMethod", kind: "text", about: "method" },
  path: { variable: "path", kind: "text", about: "path, with the stage, without the query string" },
  protocol: { variable: "protocol", kind: "text", about: "`HTTP/1.1`, also for HTTP/2 clients" },
  status: { variable: "status", kind: "number", range: [100, 599], about: "status that the caller received" },
  responseLength: {
    variable: "responseLength",
    kind: "number",
    range: [0, MAX_BODY_BYTES],
    about: "bytes of the response's body",
  },
  // Always there in our own format; many other formats do not have it.
  responseLatency: {
    variable: "responseLatency",
    kind: "number",
    isOptional: true,
    range: [0, MAX_LATENCY_MS],
    about: "whole time in API Gateway, in milliseconds",
  },
  integrationLatency: {
    variable: "integrationLatency",
    kind: "numeric",
    range: [0, MAX_LATENCY_MS],
    about: "time in Lambda, in milliseconds",
  },
  // Not `integrationStatus`, which is Lambda's own answer: 200 also when the function throws.
  integrationStatus: { variable: "integration.status", kind: "numeric", about: "status that the function returned" },
  integrationRequestId: {
    variable: "integration.requestId",
    kind: "text",
    about: "Lambda's request id: leads to the function's log",
  },
  integrationError: { variable: "integrationErrorMessage", kind: "text", about: "why the function could not be used" },
  // Not `error.messageString`, which comes with quotes of its own.
  errorMessage: {
    variable: "error.message",
    kind: "text",
    about: "message of an error that API Gateway answered itself",
  },
  errorType: { variable: "error.responseType", kind: "text", about: "kind of that error" },
  authorizerError: { variable: "authorizer.error", kind: "text", about: "why a token was refused" },
  user: { variable: "authorizer.claims.sub", kind: "text", about: "`sub` of the caller's token" },
  client: { variable: "authorizer.claims.client_id", kind: "text", about: "`client_id` of the caller's token" },
  sourceIp: { variable: "identity.sourceIp", kind: "text", about: "address that the connection came from" },
  userAgent: { variable: "identity.userAgent", kind: "text", about: "User-Agent header: the caller's own words" },
  domainName: { variable: "domainName", kind: "text", about: "host of the API" },
  apiId: { variable: "apiId", kind: "text", about: "id of the API" },
  accountId: { variable: "accountId", kind: "text", about: "AWS account of the API" },
} as const satisfies Record<string, AccessLogField>;

export interface AccessLogField {
  /**
   * `$context` variable:
   * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
   */
  variable: string;
  /** `number`: API Gateway always has it. `numeric`: a number or `-`. `text`: text or `-`. */
  kind: "number" | "numeric" | "text";
  /** True for a `number` that a line may lack: an entry is readable without it. */
  isOptional?: boolean;
  /** Smallest and largest possible value. A line with another value is unreadable. */
  range?: readonly [smallest: number, largest: number];
  about: string;
}

export type AccessLogFieldName = keyof typeof ACCESS_LOG_FIELDS;
