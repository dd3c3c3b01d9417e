import type { RequestChanges } from "./event";

export interface HttpCase {
  title: string;
  request: RequestChanges;
  status: number;
  headers: Record<string, string>;
  /** Members that the JSON body must have. Undefined for no body. */
  body: Record<string, unknown> | undefined;
}

// Source: OWASP REST Security Cheat Sheet, "Security Headers".
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-content-type-options": "nosniff",
};
const JSON_TYPE = { "content-type": "application/json", ...SECURITY_HEADERS };
// RFC 9457, 3: the media type of problem details.
const PROBLEM_TYPE = { "content-type": "application/problem+json", ...SECURITY_HEADERS };

const base64 = (text: string) => Buffer.from(text).toString("base64");
const post = (body: string | undefined, contentType = "application/json", isBase64Encoded = false): RequestChanges => ({
  method: "POST",
  headers: contentType === "" ? {} : { "content-type": contentType },
  ...(body !== undefined && { body }),
  isBase64Encoded,
});

/**
 * Expected responses of SecureBackendFunction, both for direct calls of the handler and through an
 * API.
 */
export const GREETING_CASES: HttpCase[] = [
  greets("GET", {}, "Hello World"),
  { title: "HEAD", request: { method: "HEAD" }, status: 200, headers: JSON_TYPE, body: undefined },
  {
    title: "OPTIONS",
    request: { method: "OPTIONS" },
    status: 204,
    headers: { allow: "GET, HEAD, OPTIONS, POST", ...SECURITY_HEADERS },
    body: undefined,
  },
  greets("a name", post('{"name":"Ada"}'), "Hello Ada"),
  greets("a name with a charset", post('{"name":"Ädä"}', "application/json; charset=utf-8"), "Hello Ädä"),
  greets(
    "a name in a media type with capitals",
    post('{"name":"Ada"}', "Application/JSON ;charset=UTF-8"),
    "Hello Ada",
  ),
  rejects("no body", post(undefined), 400, "body.missing"),
  rejects("an empty body", post(""), 400, "body.missing"),
  rejects("half a body", post('{"name":'), 400, "body.json"),
  rejects("a text that is not JSON", post("Ada"), 400, "body.json"),
  rejects("a wrong type", post('{"name":1}'), 400, "input.invalid"),
  rejects("a name that is too long", post(JSON.stringify({ name: "a".repeat(101) })), 400, "input.invalid"),
  rejects("an unknown property", post('{"name":"Ada","__proto__":{}}'), 400, "input.invalid"),
  rejects("no content type", post(base64("{}"), "", true), 415, "body.media-type"),
  rejects("a form", post(base64("name=Ada"), "application/x-www-form-urlencoded", true), 415, "body.media-type"),
  rejects("a longer media type", post(base64("{}"), "application/jsonp", true), 415, "body.media-type"),
  rejects("65,537 bytes", post(JSON.stringify({ name: "a".repeat(65_537 - 11) })), 413, "body.too-large"),
  rejects(
    "65,536 bytes with a name that is too long",
    post(JSON.stringify({ name: "a".repeat(65_536 - 11) })),
    400,
    "input.invalid",
  ),
  ...["PUT", "DELETE", "PATCH"].map(disallows),
];

function greets(title: string, request: RequestChanges, message: string): HttpCase {
  return { title, request, status: 200, headers: JSON_TYPE, body: { message } };
}

function rejects(title: string, request: RequestChanges, status: number, code: string): HttpCase {
  const type = `urn:problem-type:${code}`;
  return { title, request, status, headers: PROBLEM_TYPE, body: { type, status } };
}

function disallows(method: string): HttpCase {
  const detail = `The method ${method} is not allowed here. Allowed: GET, HEAD, OPTIONS, POST.`;
  return {
    title: method,
    request: { method },
    status: 405,
    headers: { ...PROBLEM_TYPE, allow: "GET, HEAD, OPTIONS, POST" },
    body: { title: "Method Not Allowed", detail },
  };
}
