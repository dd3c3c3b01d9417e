import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

import { type HttpResponse, type IncomingRequest, sentBody } from "../kit/http-message";
import { newRequestId } from "../kit/ids";
import { BODY_LIMIT_BYTES } from "./gateway";
import type { Outcome } from "./outcome";

export interface ApiServer {
  server: Server;
  /** Takes no more requests, lets complete ones finish for a while, and ends every connection. */
  drain(): Promise<void>;
}

export interface ApiServerOptions {
  /** Answers a request; `undefined` while there is nothing to answer it with yet. */
  handle(request: IncomingRequest): Promise<Outcome> | undefined;
  /** Called with each outcome when its response has been sent. */
  onHandled(outcome: Outcome): void;
  /** Called with what should never happen: an error of `handle` or `onHandled`. */
  onError(error: Error): void;
  /** Milliseconds that `drain` waits for requests at most: a caller may never read its response. */
  drainLimitMs?: number;
}

/**
 * Request line and headers together, in bytes:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const HEADER_LIMIT_BYTES = 10_240;

/** Longer than any integration may take: 30 seconds. */
const DRAIN_LIMIT_MS = 35_000;

const STARTING: HttpResponse = {
  status: 503,
  headers: { "content-type": "application/json", "retry-after": "1" },
  cookies: [],
  body: Buffer.from('{"message":"offline is starting"}'),
};

/** The HTTP server in front of the gateway: it reads requests and writes responses. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { handle, onHandled, onError, drainLimitMs = DRAIN_LIMIT_MS } = options;
  /** Requests that are being answered, by connection. */
  const answering = new Map<Socket, Set<ServerResponse>>();
  let onIdle: (() => void) | undefined;
  const limits = { maxHeaderSize: 2 * HEADER_LIMIT_BYTES, keepAliveTimeout: 60_000, requireHostHeader: false };
  const server = createServer(limits, accept);
  server.maxHeadersCount = 0; // their bytes are limited, not their number
  server.on("checkExpectation", accept); // any expectation but 100-continue is ignored
  server.on("connect", (_message, socket: Socket) => refuse(socket, 400, "Bad Request"));
  server.on("clientError", refuseMalformed);
  server.on("connection", (socket: Socket) => socket.once("close", () => forget(socket))); // queued responses emit no "close"
  return { server, drain };

  function accept(message: IncomingMessage, response: ServerResponse): void {
    if (countHeaderBytes(message) > HEADER_LIMIT_BYTES) {
      refuseMalformed({ code: "HPE_HEADER_OVERFLOW" }, message.socket);
      return;
    }
    if (message.headers.upgrade !== undefined) response.shouldKeepAlive = false; // Node.js drops what comes behind it
    readBody(message, (body, bodyLength) => {
      track(message.socket, response);
      answer(requestOf(message, body, bodyLength), response).catch((error: Error) => {
        onError(error);
        response.destroy();
      });
    });
  }

  function track(socket: Socket, response: ServerResponse): void {
    const responses = answering.get(socket) ?? new Set();
    answering.set(socket, responses.add(response));
    response.once("close", () => {
      responses.delete(response);
      if (responses.size === 0) forget(socket);
    });
  }

  function forget(socket: Socket): void {
    if (answering.delete(socket) && answering.size === 0) onIdle?.();
  }

  async function answer(request: IncomingRequest, response: ServerResponse): Promise<void> {
    const outcome = await handle(request);
    if (outcome === undefined) return respond(response, request.method, STARTING, "close");
    const keep = response.shouldKeepAlive && server.listening;
    respond(response, request.method, outcome.response, keep ? "keep-alive" : "close");
    onHandled(outcome);
  }

  async function drain(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    if (answering.size > 0) {
      await new Promise<void>((resolve) => {
        onIdle = resolve;
        setTimeout(resolve, drainLimitMs).unref();
      });
    }
    server.closeAllConnections(); // those that have sent nothing, or half a request
    await closed;
  }

  function refuseMalformed(error: { code?: string }, socket: Socket): void {
    const send = () => {
      if (error.code === "HPE_HEADER_OVERFLOW") refuse(socket, 431, "Request Header Fields Too Large");
      else refuse(socket, 400, "Bad Request");
    };
    // Responses come in the order of their requests: those before it on this connection go first.
    const before = [...(answering.get(socket) ?? [])].at(-1);
    if (before === undefined) send();
    else before.once("close", send);
  }
}

/** Counts bytes as they came: Node.js does not count what stands between name, value and the next line. */
function countHeaderBytes({ method = "", url = "", rawHeaders }: IncomingMessage): number {
  const line = `${method} ${url} HTTP/1.1\r\n\r\n`.length;
  return rawHeaders.reduce((sum, text) => sum + text.length + 2, line); // ": " after a name, a line break after a value
}

/** Reads a body to its end; one over the limit is dropped and only its length passed on. */
function readBody(message: IncomingMessage, onRead: (body: Buffer, length: number) => void): void {
  message.on("error", () => {}); // the caller left before its request was complete: nobody is left to answer
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

/** Path and query, also of a request target that names the host (RFC 9112, 3.2.2). */
function targetOf(url: string): string {
  const rest = url.replace(/^https?:\/\/[^/?]*/i, "");
  return rest.startsWith("/") || rest.startsWith("*") ? rest : `/${rest}`;
}

function respond(response: ServerResponse, method: string, answer: HttpResponse, connection: string): void {
  if (response.destroyed) return;
  const { status, headers, cookies, body } = answer;
  const hasLength = status !== 204 && status !== 304;
  try {
    response.writeHead(status, {
      ...headers,
      ...(cookies.length > 0 && { "set-cookie": [...cookies] }),
      ...(hasLength && { "content-length": body.length }),
      connection,
    });
  } catch {
    response.destroy(); // a header that cannot be sent must not end the server
    return;
  }
  // As text of one byte a character it is sent together with the headers; a buffer takes a write of its own.
  response.end(sentBody(method, answer).toString("latin1"), "latin1");
}

/** Answers what has not become a request. It is not logged. */
function refuse(socket: Socket, status: number, reason: string): void {
  // Node.js takes its own listener off before a CONNECT: a reset would end the process.
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
