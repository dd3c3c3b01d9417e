import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

import type { LogWriter } from "../logs/service";
import type { LineFormat } from "./access-log";
import type { HttpApi } from "./api";
import type { GatewayResponse, IncomingRequest } from "./exchange";
import { BODY_LIMIT, type Gateway, type Handled } from "./handle";

/** An API as it is served: it may give way to another while the server runs. */
export interface Backend {
  api: HttpApi;
  gateway: Gateway;
  /** Where the access log goes: the graph may declare none. */
  accessLog: { format: LineFormat; writer: LogWriter } | undefined;
}

/** Request line and headers together, in bytes: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const HEADER_LIMIT = 10_240;

/**
 * The HTTP server in front of the gateway. A response leaves when its line is in the access log.
 *
 * @param backend what serves now
 * @param onHandled told of each request when it has been answered
 */
export function createApiServer(backend: () => Backend, onHandled: (handled: Handled) => void): Server {
  const server = createServer({ maxHeaderSize: HEADER_LIMIT, keepAliveTimeout: 60_000 }, (message, response) => {
    receive(message, (body) => void answer(requestOf(message, body), response));
  });
  server.on("clientError", refuseMalformed);
  return server;

  async function answer(request: IncomingRequest, response: ServerResponse): Promise<void> {
    const { api, gateway, accessLog } = backend();
    const handled = await gateway(request);
    if (handled.logged && accessLog !== undefined) {
      const line = accessLog.format.render({ api, ...handled });
      accessLog.writer.write(handled.exchange.receivedAt, line, accessLog.format.structured, send);
    } else send();

    function send(): void {
      if (!server.listening) response.shouldKeepAlive = false; // the server is being shut down
      respond(response, handled.response);
      onHandled(handled);
    }
  }
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
  const absolute = /^https?:\/\/[^/?]*/i.exec(url);
  return absolute === null ? url : url.slice(absolute[0].length) || "/";
}

function respond(response: ServerResponse, { status, headers, cookies, body }: GatewayResponse): void {
  if (response.destroyed) return;
  const bodiless = status < 200 || status === 204 || status === 304;
  const all = {
    ...headers,
    ...(cookies.length > 0 && { "set-cookie": cookies }),
    ...(!bodiless && { "content-length": body.length }),
  };
  response.writeHead(status, all);
  response.end(bodiless ? undefined : body);
}

function refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const [status, reason] =
    error.code === "HPE_HEADER_OVERFLOW" ? [431, "Request Header Fields Too Large"] : [400, "Bad Request"];
  const body = JSON.stringify({ message: reason });
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
}
