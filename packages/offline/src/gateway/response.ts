import type { GatewayResponse } from "./exchange";

/** Lambda's own limit for the answer to a synchronous invocation, in bytes. */
const LIMIT = 6 * 1024 * 1024;

export type Interpreted = { ok: true; response: GatewayResponse } | { ok: false; reason: string };

/**
 * What API Gateway makes of a function's result (payload format 2.0): an object with `statusCode` is a response, anything else
 * is the body of one. The two have different default content types.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response
 *
 * @param json the result as JSON text
 */
export function interpret(json: string): Interpreted {
  if (Buffer.byteLength(json) > LIMIT) return { ok: false, reason: `the response has more than ${LIMIT} bytes` };
  const result: unknown = JSON.parse(json);
  if (typeof result !== "object" || result === null || !("statusCode" in result)) {
    return { ok: true, response: inferred(typeof result === "string" ? result : json) };
  }
  const {
    statusCode,
    headers = {},
    cookies = [],
    body = "",
    isBase64Encoded = false,
  } = result as Record<string, unknown>;
  if (typeof statusCode !== "number" || !Number.isInteger(statusCode) || statusCode < 100 || statusCode > 599) {
    return { ok: false, reason: `statusCode is ${JSON.stringify(statusCode)}, expected a status` };
  }
  if (typeof body !== "string" && body !== null)
    return { ok: false, reason: `body is ${typeof body}, expected a string` };
  if (!isRecord(headers) || !Array.isArray(cookies))
    return { ok: false, reason: "headers or cookies are of the wrong type" };
  return {
    ok: true,
    response: {
      status: statusCode,
      headers: { "content-type": "text/plain; charset=utf-8", ...lowerCased(headers) },
      cookies: cookies.map(String),
      body: Buffer.from(body ?? "", isBase64Encoded === true ? "base64" : "utf8"),
    },
  };
}

function inferred(body: string): GatewayResponse {
  return { status: 200, headers: { "content-type": "application/json" }, cookies: [], body: Buffer.from(body) };
}

/** Headers that the gateway sets itself, whatever the function says (observed by the authors of Architect Sandbox). */
const OWN = new Set(["connection", "content-length", "date", "keep-alive", "transfer-encoding", "upgrade"]);

function lowerCased(headers: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  return Object.fromEntries(entries.filter(([name]) => !OWN.has(name)));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
