import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

import type { Edge } from "../edge/edge";
import type { LogWriter } from "../logs/service";
import type { LineFormat } from "./access-log";
import type { HttpApi } from "./api";
import { type GatewayResponse, type IncomingRequest, newRequestId, sentBody } from "./exchange";
import { BODY_LIMIT, type Gateway, type Handled } from "./handle";

/** An API as it is served: it may give way to another while the server runs. */
export interface Backend {
  api: HttpApi;
  /** What becomes of a caller's request before it is there. */
  arrive: Edge | undefined;
  gateway: Gateway;
  /** Where the access log goes: the graph may declare none. */
  accessLog: { format: LineFormat; writer: LogWriter } | undefined;
}

export interface ApiServer {
  server: Server;
  /** Takes no more requests, lets those that are complete come to their end, and ends every connection. */
  drain(): Promise<void>;
}

/** Request line and headers together, in bytes: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const HEADER_LIMIT = 10_240;

/**
 * The HTTP server in front of the gateway. A response leaves when its line is in the access log.
 *
 * @param backend what serves now
 * @param onHandled told of each request when it has been answered
 */
export function createApiServer(backend: () => Backend, onHandled: (handled: Handled) => void): ApiServer {
  const answering = new Map<Socket, number>();
  let idle: (() => void) | undefined;
  const options = { maxHeaderSize: 2 * HEADER_LIMIT, keepAliveTimeout: 60_000, requireHostHeader: false };
  const server = createServer(options, accept);
  server.maxHeadersCount = 0; // their bytes are limited, not their number
  server.on("checkExpectation", accept); // what a client expects beside 100-continue is not met, and no matter
  server.on("connect", (_message, socket: Socket) => refuse(socket, 400, "Bad Request"));
  server.on("clientError", refuseMalformed);
  return { server, drain };

  function accept(message: IncomingMessage, response: ServerResponse): void {
    if (headerBytes(message) > HEADER_LIMIT) {
      refuseMalformed({ code: "HPE_HEADER_OVERFLOW" }, message.socket);
      return;
    }
    if (message.headers.upgrade !== undefined) response.shouldKeepAlive = false; // Node.js drops what comes behind it
    receive(message, (body) => {
      const { socket } = message;
      answering.set(socket, (answering.get(socket) ?? 0) + 1);
      response.once("close", () => {
        const left = (answering.get(socket) ?? 1) - 1;
        if (left === 0) answering.delete(socket);
        else answering.set(socket, left);
        if (answering.size === 0) idle?.();
      });
      void answer(requestOf(message, body), response);
    });
  }

  async function answer(request: IncomingRequest, response: ServerResponse): Promise<void> {
    const { api, arrive, gateway, accessLog } = backend();
    const handled = await gateway(arrive === undefined ? request : await arrive(request));
    if (handled.logged && accessLog !== undefined) {
      const line = accessLog.format.render({ api, ...handled });
      accessLog.writer.write(handled.exchange.receivedAt, line, accessLog.format.structured, send);
    } else send();

    function send(): void {
      const keep = response.shouldKeepAlive && server.listening;
      respond(response, request.method, handled.response, keep ? "keep-alive" : "close");
      onHandled(handled);
    }
  }

  async function drain(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    if (answering.size > 0) {
      await new Promise<void>((resolve) => {
        idle = resolve;
      });
    }
    server.closeAllConnections(); // what has sent nothing, or half a request
    await closed;
  }

  function refuseMalformed(error: { code?: string }, socket: Socket): void {
    const send = () => {
      if (error.code === "HPE_HEADER_OVERFLOW") refuse(socket, 431, "Request Header Fields Too Large");
      else refuse(socket, 400, "Bad Request");
    };
    // Responses come in the order of their requests: those before it on this connection go first.
    if (answering.has(socket)) whenAnswered(socket, send);
    else send();
  }

  function whenAnswered(socket: Socket, done: () => void): void {
    const timer = setInterval(() => {
      if (answering.has(socket)) return;
      clearInterval(timer);
      done();
    }, 5);
  }
}

/** As they came: Node.js does not count what stands between them. */
function headerBytes({ method = "", url = "", rawHeaders }: IncomingMessage): number {
  const line = `${method} ${url} HTTP/1.1\r\n\r\n`.length;
  return rawHeaders.reduce((sum, text) => sum + text.length + 2, line); // ": " after a name, a line break after a value
}

function receive(message: IncomingMessage, done: (body: Buffer) => void): void {
  const { headers } = message;
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) {
    done(EMPTY);
    return;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  message.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length <= BODY_LIMIT) chunks.push(chunk);
  });
  // A body over the limit is read to its end and dropped; one byte too many is enough for the gateway to refuse it.
  message.on("end", () => done(length <= BODY_LIMIT ? Buffer.concat(chunks) : Buffer.alloc(BODY_LIMIT + 1)));
  message.on("error", () => {}); // the caller is gone before the request was complete: there is nobody to answer
}
const EMPTY = Buffer.alloc(0);

function requestOf(message: IncomingMessage, body: Buffer): IncomingRequest {
  const target = targetOf(message.url ?? "/");
  const at = target.indexOf("?");
  return {
    method: message.method ?? "GET",
    path: at === -1 ? target : target.slice(0, at),
    query: at === -1 ? "" : target.slice(at + 1),
    rawHeaders: message.rawHeaders,
    body,
    sourceIp: message.socket.remoteAddress ?? "127.0.0.1",
  };
}

/** Path and query, also of a request target that names the host (RFC 9112, 3.2.2). */
function targetOf(url: string): string {
  const rest = url.replace(/^https?:\/\/[^/?]*/i, "");
  return rest.startsWith("/") || rest.startsWith("*") ? rest : `/${rest}`;
}

function respond(response: ServerResponse, method: string, answer: GatewayResponse, connection: string): void {
  if (response.destroyed) return;
  const { status, headers, cookies, body } = answer;
  const hasLength = status !== 204 && status !== 304;
  try {
    response.writeHead(status, {
      ...headers,
      ...(cookies.length > 0 && { "set-cookie": cookies }),
      ...(hasLength && { "content-length": body.length }),
      connection,
    });
  } catch {
    response.destroy(); // a header that cannot be sent: no response may end the server
    return;
  }
  // As text of one byte a character it goes out together with the headers; a buffer takes a write of its own.
  response.end(sentBody(method, answer).toString("latin1"), "latin1");
}

/** Answers what has not become a request: nothing of it is logged. */
function refuse(socket: Socket, status: number, reason: string): void {
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
