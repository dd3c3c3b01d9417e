import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Reads the body of a request. Reads and drops a body over the limit, so that the caller gets a
 * response.
 *
 * @param limit bytes
 * @returns `undefined` if the body is larger
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
 * Wraps a request handler so that errors never leave it. If `handle` throws, the response is a
 * plain 500; if the response has begun, the connection ends.
 */
export function guard(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  onError: (error: Error) => void,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    request.on("error", () => {}); // the caller has disconnected
    response.on("error", () => {});
    handle(request, response).catch((error: Error) => {
      if (request.destroyed && !request.complete) return; // the caller disconnected during its request
      onError(error);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { message: "Internal Server Error" });
    });
  };
}

/**
 * Starts to listen.
 *
 * @param host a loopback address
 * @returns the port
 * @throws an error of Node.js, such as EADDRINUSE
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

const MAX_PORT_TRIES = 20;

/**
 * Calls `bind` with consecutive ports until one is free, and at last with 0 (any free port).
 *
 * @param first 0: any free port
 */
export async function bindNext<T>(first: number, bind: (port: number) => Promise<T>): Promise<T> {
  for (let port = first; port !== 0 && port < first + MAX_PORT_TRIES && port <= 65_535; port++) {
    try {
      return await bind(port);
    } catch (error) {
      if (!isPortTaken(error)) throw error;
    }
  }
  return await bind(0);
}

/** True for the error of a port that is in use, or that this user may not open. */
export function isPortTaken(error: unknown): boolean {
  return ["EADDRINUSE", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "");
}

/** Ends all connections and accepts no new ones. Also closes a server that never listened. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
