import { findUnsendableHeader, type HttpResponse } from "../kit/http-message";
import { isRecord } from "../kit/json";

/** Lambda's limit for the response of a synchronous invocation. */
const RESULT_LIMIT_BYTES = 6 * 1024 * 1024;

export type ParsedResult = { ok: true; response: HttpResponse } | { ok: false; reason: string };

/**
 * Parses a function's result as API Gateway does (payload format 2.0). An object with `statusCode`
 * is a response; anything else is the body of a response. Their default content types differ.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response
 *
 * @param json the result as JSON text
 */
export function parseResult(json: string): ParsedResult {
  if (Buffer.byteLength(json) > RESULT_LIMIT_BYTES)
    return rejectResult(`the response has more than ${RESULT_LIMIT_BYTES} bytes`);
  const result: unknown = JSON.parse(json);
  if (typeof result !== "object" || result === null || !("statusCode" in result)) {
    return { ok: true, response: inferResponse(typeof result === "string" ? result : json) };
  }
  const { statusCode, isBase64Encoded, ...rest } = result as Record<string, unknown>;
  const { headers, cookies, body } = {
    headers: rest.headers ?? {},
    cookies: rest.cookies ?? [],
    body: rest.body ?? "",
  };
  if (typeof statusCode !== "number" || !Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599) {
    return rejectResult(`statusCode is ${JSON.stringify(statusCode)}, expected 200 to 599`);
  }
  if (typeof body !== "string") return rejectResult(`body is ${typeof body}, expected a string`);
  if (!isRecord(headers)) return rejectResult(`headers is ${JSON.stringify(headers)}, expected an object`);
  if (!Array.isArray(cookies)) return rejectResult(`cookies is ${JSON.stringify(cookies)}, expected an array`);
  const { "set-cookie": cookie, ...others } = lowerCaseNames(headers);
  const allCookies = [...cookies.map(String), ...(cookie === undefined ? [] : [cookie])];
  const unsendable = findUnsendableHeader({ headers: others, cookies: allCookies });
  if (unsendable !== undefined) return rejectResult(`header ${JSON.stringify(unsendable)} is not allowed in HTTP`);
  return {
    ok: true,
    response: {
      status: statusCode,
      headers: { "content-type": "text/plain; charset=utf-8", ...others },
      cookies: allCookies,
      body: Buffer.from(body, isBase64Encoded === true ? "base64" : "utf8"),
    },
  };
}

function rejectResult(reason: string): ParsedResult {
  return { ok: false, reason };
}

function inferResponse(body: string): HttpResponse {
  return { status: 200, headers: { "content-type": "application/json" }, cookies: [], body: Buffer.from(body) };
}

/** Headers that API Gateway always sets itself (observed by the authors of Architect Sandbox). */
const GATEWAY_HEADERS = new Set([
  "connection",
  "content-length",
  "date",
  "keep-alive",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

function lowerCaseNames(headers: Record<string, unknown>): Record<string, string> {
  const present = Object.entries(headers).filter(([, value]) => value !== null);
  const entries = present.map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  return Object.fromEntries(entries.filter(([name]) => !GATEWAY_HEADERS.has(name)));
}
