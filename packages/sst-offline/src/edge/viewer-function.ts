import vm from "node:vm";

import { findUnsendableHeader, type HttpResponse, type IncomingRequest } from "../kit/http-message";
import { isRecord } from "../kit/json";

/** The result of a viewer function: a changed request, or a response. */
export type ViewerOutcome = { request: IncomingRequest } | { response: HttpResponse };

export type ViewerFunction = (request: IncomingRequest) => Promise<ViewerOutcome>;

/**
 * The failure of a viewer function. CloudFront then responds with 503.
 * https://repost.aws/knowledge-center/cloudfront-503-error
 */
export class ViewerFunctionError extends Error {
  override readonly name = "ViewerFunctionError";
}

interface Field {
  value: string;
  multiValue?: { value: string }[];
}
type Fields = Record<string, Field>;

/** Limits the time to load the code, and each call. CloudFront allows about one millisecond. */
const CALL_LIMIT_MS = 1000;

/** Calls the handler. Only JSON text passes between the contexts. */
const CALL = `globalThis.__settled = undefined;
Promise.resolve().then(() => handler(JSON.parse(globalThis.__event))).then(
  (value) => { globalThis.__settled = JSON.stringify({ value }); },
  (error) => { globalThis.__settled = JSON.stringify({ error: String(error?.message ?? error) }); },
).catch((error) => { globalThis.__settled = JSON.stringify({ error: String(error?.message) }); });`;

/**
 * Compiles a CloudFront function of event type viewer-request.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 *
 * @param code of runtime `cloudfront-js-2.0`
 * @returns a function that throws a ViewerFunctionError
 * @throws Error if the code cannot be loaded or has no handler
 */
export function compileViewerFunction(code: string, distribution: { id: string; domainName: string }): ViewerFunction {
  // A separate microtask queue lets the timeout also interrupt a loop after an `await`.
  const context = vm.createContext({ console: SILENT }, { microtaskMode: "afterEvaluate" });
  const isFunction: unknown = vm.runInContext(`${code}\n;typeof handler`, context, { timeout: CALL_LIMIT_MS });
  if (isFunction !== "function") throw new Error("expected a function named handler");
  const script = new vm.Script(CALL);

  return async (request) => {
    const event = {
      version: "1.0",
      context: {
        distributionDomainName: distribution.domainName,
        distributionId: distribution.id,
        eventType: "viewer-request",
        requestId: "offline",
      },
      viewer: { ip: request.sourceIp },
      request: eventRequestOf(request),
    };
    try {
      const { value: result, error } = call(JSON.stringify(event));
      if (error !== undefined) throw new Error(error);
      if (!isRecord(result)) throw new Error("expected a request or a response, found neither");
      if (result.statusCode !== undefined) return { response: responseOf(result) };
      return { request: requestFrom(result, request) };
    } catch (error) {
      throw new ViewerFunctionError(error instanceof Error ? error.message : String(error), { cause: error });
    }
  };

  function call(event: string): { value?: unknown; error?: string } {
    context.__event = event;
    script.runInContext(context, { timeout: CALL_LIMIT_MS });
    if (typeof context.__settled !== "string") throw new Error("the promise of the handler never settled");
    return JSON.parse(context.__settled);
  }
}

/** The function's log goes to CloudWatch Logs in us-east-1, which is not simulated. */
const SILENT = Object.freeze({ log() {}, error() {}, warn() {}, info() {}, debug() {} });

function eventRequestOf({ method, path, query, rawHeaders }: IncomingRequest) {
  const headers = fields();
  const cookies = fields();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = "", value = ""] = [rawHeaders[at]?.toLowerCase(), rawHeaders[at + 1]];
    if (name !== "cookie") add(headers, name, value);
    else for (const cookie of value.split(";")) addPair(cookies, cookie.trim());
  }
  const querystring = fields();
  for (const pair of query.split("&")) addPair(querystring, pair);
  return { method, uri: path, querystring, headers, cookies };
}

function fields(): Fields {
  return Object.create(null);
}

function addPair(to: Fields, pair: string): void {
  if (pair === "") return;
  const at = pair.indexOf("=");
  if (at === -1) add(to, pair, "");
  else add(to, pair.slice(0, at), pair.slice(at + 1));
}

function add(to: Fields, name: string, value: string): void {
  const field = to[name];
  if (field === undefined) to[name] = { value };
  else field.multiValue = [...(field.multiValue ?? [{ value: field.value }]), { value }];
}

/**
 * Builds the request that a function returned. A function cannot change the method.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 */
function requestFrom(result: Record<string, unknown>, original: IncomingRequest): IncomingRequest {
  const { uri, querystring, headers, cookies } = result;
  if (typeof uri !== "string" || !uri.startsWith("/")) throw new Error(`uri: expected a path that begins with /`);
  const cookie = pairsOf("cookies", cookies).map(join);
  const rawHeaders = pairsOf("headers", headers).flat();
  return {
    ...original,
    path: uri,
    query: typeof querystring === "string" ? querystring : pairsOf("querystring", querystring).map(join).join("&"),
    rawHeaders: cookie.length === 0 ? rawHeaders : [...rawHeaders, "cookie", cookie.join("; ")],
  };
}

function join([name, value]: [string, string]): string {
  return value === "" ? name : `${name}=${value}`;
}

function pairsOf(what: string, value: unknown): [string, string][] {
  if (value === undefined) return [];
  if (!isRecord(value)) throw new Error(`${what}: expected an object`);
  return Object.entries(value).flatMap(([name, field]) => {
    if (!isRecord(field)) throw new Error(`${what}.${name}: expected an object with a value`);
    const values = Array.isArray(field.multiValue) ? field.multiValue : [field];
    return values.map((item): [string, string] => {
      const text = isRecord(item) ? item.value : undefined;
      if (typeof text !== "string") throw new Error(`${what}.${name}: expected a string as value`);
      return [name, text];
    });
  });
}

function responseOf({ statusCode, headers, cookies, body }: Record<string, unknown>): HttpResponse {
  if (typeof statusCode !== "number" || !Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599)
    throw new Error("statusCode: expected a number from 200 to 599");
  const response = {
    status: statusCode,
    headers: Object.fromEntries(pairsOf("headers", headers).map(([name, value]) => [name.toLowerCase(), value])),
    cookies: isRecord(cookies) ? Object.entries(cookies).flatMap(([name, field]) => setCookies(name, field)) : [],
    body: bodyOf(body),
  };
  const unsendable = findUnsendableHeader(response);
  if (unsendable !== undefined) throw new Error(`header ${JSON.stringify(unsendable)} is not allowed in HTTP`);
  return response;
}

function setCookies(name: string, field: unknown): string[] {
  const { multiValue } = Object(field) as { multiValue?: unknown };
  return (Array.isArray(multiValue) ? multiValue : [field]).map((item) => {
    const { value = "", attributes = "" } = Object(item) as Record<string, unknown>;
    return `${name}=${value}${attributes === "" ? "" : `; ${attributes}`}`;
  });
}

function bodyOf(body: unknown): Buffer {
  if (typeof body === "string") return Buffer.from(body);
  if (!isRecord(body)) return Buffer.alloc(0);
  const { encoding, data } = body;
  return Buffer.from(String(data ?? ""), encoding === "base64" ? "base64" : "utf8");
}
