import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Reads the body of a request. A body over the limit is read to its end and dropped, so that the caller gets an answer.
 *
 * @param limit bytes
 * @returns `undefined` where the body is larger
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
  }
  return length > limit ? undefined : Buffer.concat(chunks);
}

export function sendJson(response: ServerResponse, status: number, body: object, headers: object = {}): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
  response.end(JSON.stringify(body));
}

/**
 * Answers a request with what `handle` writes; if it throws, with a plain 500 or, where the answer
 * has begun, by ending the connection. Never rejects.
 */
export function guard(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  onError: (error: Error) => void,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    request.on("error", () => {}); // the caller has gone: nobody is left to answer
    response.on("error", () => {});
    handle(request, response).catch((error: Error) => {
      if (request.destroyed && !request.complete) return; // the caller has gone in the middle of its request
      onError(error);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { message: "Internal Server Error" });
    });
  };
}

/**
 * @param host a loopback address
 * @returns the port that was taken
 * @throws Error of Node.js, such as EADDRINUSE
 */
export function listen(server: Server, port: number, host = "127.0.0.1"): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

const TRIES = 20;

/**
 * Calls `bind` with one port after the other until one is free, and with 0 (any free port) after that.
 *
 * @param first 0: any free port
 */
export async function bindNext<T>(first: number, bind: (port: number) => Promise<T>): Promise<T> {
  for (let port = first; port !== 0 && port < first + TRIES && port <= 65_535; port++) {
    try {
      return await bind(port);
    } catch (error) {
      if (!isPortTaken(error)) throw error;
    }
  }
  return await bind(0);
}

/** True where a port is taken, or not for this user. */
export function isPortTaken(error: unknown): boolean {
  return ["EADDRINUSE", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "");
}

/** Takes no new connections and ends those that there are. A server that never listened is closed, too. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
