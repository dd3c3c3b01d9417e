import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

import { type HttpResponse, type IncomingRequest, sentBody } from "../kit/http-message";
import { newRequestId } from "../kit/ids";
import { BODY_LIMIT_BYTES } from "./gateway";
import type { Outcome } from "./outcome";

export interface ApiServer {
  server: Server;
  /** Accepts no more requests, waits for those in flight, then ends every connection. */
  drain(): Promise<void>;
}

export interface ApiServerOptions {
  /** Handles a request. Returns `undefined` while offline is still starting. */
  handle(request: IncomingRequest): Promise<Outcome> | undefined;
  /** Called with each outcome after its response was sent. */
  onHandled(outcome: Outcome): void;
  /** Called with an error of `handle` or `onHandled`, which should never happen. */
  onError(error: Error): void;
  /** Limits how long `drain` waits for requests: a caller may never read its response. */
  drainLimitMs?: number;
}

/**
 * API Gateway's limit for the request line and the headers together.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const HEADER_LIMIT_BYTES = 10_240;

/** Longer than the 30 seconds that an integration may take. */
const DRAIN_LIMIT_MS = 35_000;

const STARTING: HttpResponse = {
  status: 503,
  headers: { "content-type": "application/json", "retry-after": "1" },
  cookies: [],
  body: Buffer.from('{"message":"offline is starting"}'),
};

/** Creates the HTTP server in front of the gateway, which reads requests and writes responses. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { handle, onHandled, onError, drainLimitMs = DRAIN_LIMIT_MS } = options;
  /** Responses of requests in flight, by connection. */
  const inFlight = new Map<Socket, Set<ServerResponse>>();
  let onIdle: (() => void) | undefined;
  const limits = { maxHeaderSize: 2 * HEADER_LIMIT_BYTES, keepAliveTimeout: 60_000, requireHostHeader: false };
  const server = createServer(limits, accept);
  server.maxHeadersCount = 0; // API Gateway limits the bytes of the headers, not their number
  server.on("checkExpectation", accept); // ignores every expectation except 100-continue
  server.on("connect", (_message, socket: Socket) => rejectConnection(socket, 400, "Bad Request"));
  server.on("clientError", rejectMalformed);
  // A queued response emits no "close" when its connection ends.
  server.on("connection", (socket: Socket) => socket.once("close", () => forget(socket)));
  return { server, drain };

  function accept(message: IncomingMessage, response: ServerResponse): void {
    if (countHeaderBytes(message) > HEADER_LIMIT_BYTES) {
      rejectMalformed({ code: "HPE_HEADER_OVERFLOW" }, message.socket);
      return;
    }
    if (message.headers.upgrade !== undefined) response.shouldKeepAlive = false; // Node.js drops later requests
    readBody(message, (body, bodyLength) => {
      track(message.socket, response);
      handleRequest(requestOf(message, body, bodyLength), response).catch((error: Error) => {
        onError(error);
        response.destroy();
      });
    });
  }

  function track(socket: Socket, response: ServerResponse): void {
    const responses = inFlight.get(socket) ?? new Set();
    inFlight.set(socket, responses.add(response));
    response.once("close", () => {
      responses.delete(response);
      if (responses.size === 0) forget(socket);
    });
  }

  function forget(socket: Socket): void {
    if (inFlight.delete(socket) && inFlight.size === 0) onIdle?.();
  }

  async function handleRequest(request: IncomingRequest, response: ServerResponse): Promise<void> {
    const outcome = await handle(request);
    if (outcome === undefined) return respond(response, request.method, STARTING, "close");
    const isKeptAlive = response.shouldKeepAlive && server.listening;
    respond(response, request.method, outcome.response, isKeptAlive ? "keep-alive" : "close");
    onHandled(outcome);
  }

  async function drain(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    if (inFlight.size > 0) {
      await new Promise<void>((resolve) => {
        onIdle = resolve;
        setTimeout(resolve, drainLimitMs).unref();
      });
    }
    server.closeAllConnections(); // the idle ones, and those with half a request
    await closed;
  }

  function rejectMalformed(error: { code?: string }, socket: Socket): void {
    const send = () => {
      if (error.code === "HPE_HEADER_OVERFLOW") rejectConnection(socket, 431, "Request Header Fields Too Large");
      else rejectConnection(socket, 400, "Bad Request");
    };
    // Responses keep the order of the requests, so earlier ones on this connection go first.
    const previous = [...(inFlight.get(socket) ?? [])].at(-1);
    if (previous === undefined) send();
    else previous.once("close", send);
  }
}

/**
 * Counts all bytes of the request line and headers. Node.js does not count separators and line
 * breaks.
 */
function countHeaderBytes({ method = "", url = "", rawHeaders }: IncomingMessage): number {
  const line = `${method} ${url} HTTP/1.1\r\n\r\n`.length;
  // ": " after a name and CRLF after a value have 2 bytes each.
  return rawHeaders.reduce((sum, text) => sum + text.length + 2, line);
}

/** Reads a body to its end. Of a body over the limit, it passes on only the length. */
function readBody(message: IncomingMessage, onRead: (body: Buffer, length: number) => void): void {
  message.on("error", () => {}); // the caller disconnected before its request was complete
  const { headers } = message;
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) {
    onRead(EMPTY, 0);
    return;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  message.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length <= BODY_LIMIT_BYTES) chunks.push(chunk);
  });
  message.on("end", () => onRead(length <= BODY_LIMIT_BYTES ? Buffer.concat(chunks) : EMPTY, length));
}
const EMPTY = Buffer.alloc(0);

function requestOf(message: IncomingMessage, body: Buffer, bodyLength: number): IncomingRequest {
  const target = targetOf(message.url ?? "/");
  const at = target.indexOf("?");
  return {
    method: message.method ?? "GET",
    path: at === -1 ? target : target.slice(0, at),
    query: at === -1 ? "" : target.slice(at + 1),
    rawHeaders: message.rawHeaders,
    body,
    bodyLength,
    sourceIp: message.socket.remoteAddress ?? "127.0.0.1",
  };
}

/** Returns path and query, also of a request target in absolute form (RFC 9112, 3.2.2). */
function targetOf(url: string): string {
  const rest = url.replace(/^https?:\/\/[^/?]*/i, "");
  return rest.startsWith("/") || rest.startsWith("*") ? rest : `/${rest}`;
}

function respond(response: ServerResponse, method: string, content: HttpResponse, connection: string): void {
  if (response.destroyed) return;
  const { status, headers, cookies, body } = content;
  const hasLength = status !== 204 && status !== 304;
  try {
    response.writeHead(status, {
      ...headers,
      ...(cookies.length > 0 && { "set-cookie": [...cookies] }),
      ...(hasLength && { "content-length": body.length }),
      connection,
    });
  } catch {
    response.destroy(); // an invalid header must not end the server
    return;
  }
  // Node.js sends a Latin-1 string together with the headers, but a buffer in a separate write.
  response.end(sentBody(method, content).toString("latin1"), "latin1");
}

/** Sends an error response to bytes that are not a valid request, which is never logged. */
function rejectConnection(socket: Socket, status: number, reason: string): void {
  // Node.js removes its own listener before a CONNECT, so a reset would end the process.
  socket.on("error", () => {});
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify({ message: reason });
  const headers = {
    date: new Date().toUTCString(),
    "content-type": "application/json",
    "content-length": body.length,
    "apigw-requestid": newRequestId(),
    connection: "close",
  };
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${reason}\r\n${fields.join("")}\r\n${body}`);
}
