import { decodePercent, headerOf } from "../kit/http-message";
import type { HttpApi } from "./api";
import type { Authorized } from "./authorizer";
import type { RequestContext } from "./outcome";
import { commonLogTime } from "./time";

/** A request with its route, whose caller is authorized. */
export interface RoutedRequest extends RequestContext {
  readonly routeKey: string;
  readonly pathParameters: Record<string, string> | undefined;
  readonly authorized?: Authorized;
}

/**
 * Returns the event of payload format 2.0 as JSON text. As in recorded events, members without a
 * value are omitted.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function eventOf(api: Pick<HttpApi, "id" | "accountId" | "addresses">, routed: RoutedRequest): string {
  const { request, requestId, routeKey, receivedAt, pathParameters, authorized, arrival } = routed;
  const { domainName } = arrival;
  const { headers, cookies } = headersOf(routed);
  // API Gateway cuts the path at a decoded question mark (recorded in hotsock/voker#8).
  const path = arrival.eventPath.split("?", 1)[0] ?? "";
  const query = queryOf(request.query);
  const isBase64Encoded = request.body.length > 0 && !isText(headers["content-type"]);
  return JSON.stringify({
    version: "2.0",
    routeKey,
    rawPath: path,
    rawQueryString: request.query,
    cookies: cookies.length > 0 ? cookies : undefined,
    headers,
    queryStringParameters: query,
    requestContext: {
      accountId: api.accountId,
      apiId: api.id,
      authorizer: authorized && { jwt: authorized },
      domainName,
      domainPrefix: domainName.split(".", 1)[0],
      http: {
        method: request.method,
        path,
        protocol: "HTTP/1.1",
        sourceIp: request.sourceIp,
        userAgent: headerOf(request, "user-agent") ?? "",
      },
      requestId,
      routeKey,
      stage: api.addresses.stage,
      time: commonLogTime(receivedAt),
      timeEpoch: receivedAt,
    },
    pathParameters,
    body: request.body.length > 0 ? request.body.toString(isBase64Encoded ? "base64" : "utf8") : undefined,
    isBase64Encoded,
  });
}

/**
 * Returns headers by lower-case name, with several values joined by a comma, and cookies
 * separately.
 */
function headersOf({ request, traceId }: RequestContext): { headers: Record<string, string>; cookies: string[] } {
  const { rawHeaders, sourceIp, body } = request;
  const headers: Record<string, string> = Object.create(null);
  const cookies: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    const value = rawHeaders[at + 1] ?? "";
    if (name === "cookie")
      cookies.push(
        ...value
          .split(";")
          .map((cookie) => cookie.trim())
          .filter(Boolean),
      );
    else if (!HOP_BY_HOP.has(name)) headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  const forwarded = headers["x-forwarded-for"];
  headers["x-forwarded-for"] = forwarded === undefined ? sourceIp : `${forwarded}, ${sourceIp}`;
  headers["x-forwarded-port"] = "443";
  headers["x-forwarded-proto"] = "https";
  headers["x-amzn-trace-id"] = traceId;
  headers["content-length"] = String(body.length);
  return { headers, cookies };
}

/** Headers of the connection (RFC 9110, 7.6.1). API Gateway does not forward them. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
]);

/**
 * Decodes the query string. Joins several values with commas. Returns `undefined` if it is empty.
 */
function queryOf(query: string): Record<string, string> | undefined {
  if (query === "") return undefined;
  const parameters: Record<string, string> = Object.create(null);
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = decodeQueryText(at === -1 ? pair : pair.slice(0, at));
    const value = at === -1 ? "" : decodeQueryText(pair.slice(at + 1));
    parameters[name] = parameters[name] === undefined ? value : `${parameters[name]},${value}`;
  }
  return parameters;
}

function decodeQueryText(text: string): string {
  return decodePercent(text.replaceAll("+", " "));
}

/**
 * True for media types whose bodies arrive as text. Others, and bodies without a type, arrive in
 * base64. Source: tested on AWS in ministack#766.
 */
function isText(contentType: string | undefined): boolean {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return type.startsWith("text/") || TEXT.has(type);
}
const TEXT = new Set(["application/json", "application/xml", "application/javascript"]);
