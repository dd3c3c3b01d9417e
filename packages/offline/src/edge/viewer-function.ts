import vm from "node:vm";

import type { HttpResponse, IncomingRequest } from "../kit/http-message";
import { isRecord } from "../kit/json";

/** What a viewer function makes of a request: another request, or the answer itself. */
export type ViewerOutcome = { request: IncomingRequest } | { response: HttpResponse };

export type ViewerFunction = (request: IncomingRequest) => Promise<ViewerOutcome>;

/** A viewer function has failed. CloudFront answers 503 (https://repost.aws/knowledge-center/cloudfront-503-error). */
export class ViewerFunctionError extends Error {
  override readonly name = "ViewerFunctionError";
}

interface Field {
  value: string;
  multiValue?: { value: string }[];
}
type Fields = Record<string, Field>;

/** Milliseconds that the code may take to load, and for one call. CloudFront allows about one. */
const LIMIT_MS = 1000;

/**
 * Runs a CloudFront function of event type viewer-request.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 *
 * @param code of runtime `cloudfront-js-2.0`
 * @returns a function that throws a ViewerFunctionError
 * @throws Error where the code cannot be loaded or has no handler
 */
export function compileViewerFunction(code: string, distribution: { id: string; domainName: string }): ViewerFunction {
  const context = vm.createContext({ console: SILENT, __event: undefined });
  const handler: unknown = vm.runInContext(`${code}\n;handler`, context, { timeout: LIMIT_MS });
  if (typeof handler !== "function") throw new Error("expected a function named handler");
  const call = new vm.Script("handler(__event)");

  return async (request) => {
    const requestOfEvent = eventRequestOf(request);
    context.__event = {
      version: "1.0",
      context: {
        distributionDomainName: distribution.domainName,
        distributionId: distribution.id,
        eventType: "viewer-request",
        requestId: "offline",
      },
      viewer: { ip: request.sourceIp },
      request: requestOfEvent,
    };
    try {
      const answer: unknown = await within(LIMIT_MS, call.runInContext(context, { timeout: LIMIT_MS }));
      if (!isRecord(answer)) throw new Error("expected a request or a response, found neither");
      if (answer.statusCode !== undefined) return { response: responseOf(answer) };
      return { request: requestFrom(answer, request) };
    } catch (error) {
      const message = error instanceof Error || isRecord(error) ? String((error as Error).message) : String(error);
      throw new ViewerFunctionError(message, { cause: error });
    }
  };
}

/** A function's own `console.log` goes to CloudWatch Logs in us-east-1, which is not simulated. */
const SILENT = Object.freeze({ log() {}, error() {}, warn() {}, info() {}, debug() {} });

function within<T>(ms: number, result: T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`took longer than ${ms} ms`)), ms);
    Promise.resolve(result)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

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

/** The method cannot be changed, says CloudFront's page. */
function requestFrom(answer: Record<string, unknown>, original: IncomingRequest): IncomingRequest {
  const { uri, querystring, headers, cookies } = answer;
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
  if (!isObject(value)) throw new Error(`${what}: expected an object`);
  return Object.entries(value).flatMap(([name, field]) => {
    if (!isObject(field)) throw new Error(`${what}.${name}: expected an object with a value`);
    const values = Array.isArray(field.multiValue) ? field.multiValue : [field];
    return values.map((item): [string, string] => {
      const text = isObject(item) ? item.value : undefined;
      if (typeof text !== "string") throw new Error(`${what}.${name}: expected a string as value`);
      return [name, text];
    });
  });
}

/** Objects of another realm are no instances of this one's classes. */
function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function responseOf({ statusCode, headers, cookies, body }: Record<string, unknown>): HttpResponse {
  if (typeof statusCode !== "number" || !Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599)
    throw new Error("statusCode: expected a number from 200 to 599");
  return {
    status: statusCode,
    headers: Object.fromEntries(pairsOf("headers", headers).map(([name, value]) => [name.toLowerCase(), value])),
    cookies: isObject(cookies) ? Object.entries(cookies).flatMap(([name, field]) => setCookies(name, field)) : [],
    body: bodyOf(body),
  };
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
  if (!isObject(body)) return Buffer.alloc(0);
  const { encoding, data } = body;
  return Buffer.from(String(data ?? ""), encoding === "base64" ? "base64" : "utf8");
}
