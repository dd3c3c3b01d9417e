import { randomBytes } from "node:crypto";

import type { Authorized } from "./authorizer";

/** A request as it came in, with nothing decided yet. */
export interface IncomingRequest {
  method: string;
  /** As sent: encoded, without the query string. */
  path: string;
  /** As sent, without `?`. */
  query: string;
  /** Name, value, name, value ... as they came. */
  rawHeaders: string[];
  body: Buffer;
  sourceIp: string;
}

/** What the steps find out about a request: the source of every variable of the access log. */
export interface Exchange {
  readonly request: IncomingRequest;
  readonly requestId: string;
  readonly traceId: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** Decoded, with the stage. */
  readonly path: string;
  readonly userAgent: string;
  routeKey?: string;
  pathParameters?: Record<string, string>;
  /** Milliseconds. */
  integrationLatency?: number;
  /** Status of the Lambda service's own answer. */
  integrationServiceStatus?: number;
  /** Status that the function returned. */
  integrationStatus?: number;
  integrationRequestId?: string;
  integrationError?: string;
  errorMessage?: string;
  errorType?: string;
  authorized?: Authorized;
  authorizerError?: string;
  /** A defect of this gateway: shown at the terminal, since AWS's log has no place for it. */
  internalError?: unknown;
}

export interface GatewayResponse {
  status: number;
  headers: Record<string, string>;
  cookies: string[];
  body: Buffer;
}

/** The part of a body that goes over the wire: none in answer to HEAD, none with a status that has no body. */
export function sentBody(method: string, { status, body }: GatewayResponse): Buffer {
  return method === "HEAD" || status === 204 || status === 304 ? EMPTY : body;
}
const EMPTY = Buffer.alloc(0);

export function openExchange(request: IncomingRequest, receivedAt: number): Exchange {
  return {
    request,
    requestId: newRequestId(),
    traceId: headerOf(request, "x-amzn-trace-id") ?? newTraceId(receivedAt),
    receivedAt,
    path: decoded(request.path),
    userAgent: headerOf(request, "user-agent") ?? "",
  };
}

/** The header of that (lower-case) name; several are joined by a comma, as the function sees them. */
export function headerOf({ rawHeaders }: IncomingRequest, name: string): string | undefined {
  let joined: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== name) continue;
    joined = joined === undefined ? rawHeaders[at + 1] : `${joined},${rawHeaders[at + 1]}`;
  }
  return joined;
}

/** Percent-decoded; a text that is not well encoded stays as it is. */
export function decoded(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// Random bytes are asked for in bulk: the system call would cost more than the rest of the id.
let pool = Buffer.alloc(0);
let used = 0;
function random(length: number): Buffer {
  if (used + length > pool.length) {
    pool = randomBytes(4096);
    used = 0;
  }
  used += length;
  return pool.subarray(used - length, used);
}

/** 16 characters: 11 bytes in URL-safe base64, with its `=`, as in recorded events (`JCJM3j95PHcEJHg=`). */
export function newRequestId(): string {
  return `${random(11).toString("base64url")}=`;
}

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-traceids */
export function newTraceId(receivedAt: number): string {
  return `Root=1-${Math.floor(receivedAt / 1000).toString(16)}-${random(12).toString("hex")}`;
}
