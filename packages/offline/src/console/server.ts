import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { Deployment } from "../deployment/deployment";
import { objectOf } from "../kit/json";
import { guardLoopback } from "../loopback";
import { configOf, connectSources } from "./config";
import { jsonOf, sendJson } from "./http";
import { openSite } from "./site";
import { mintToken } from "./token";

export interface ConsoleOptions {
  /** Of the stage: `.offline/<stage>`. */
  folder: string;
  /** What serves now. */
  backend(): Deployment;
  /** With the stage: `http://127.0.0.1:3000/dev`. */
  url(): string;
  endpointUrl: string;
  /** 0: a free one. `undefined`: the one that the API's CORS names, or the next free one. */
  port: number | undefined;
  notice(text: string): void;
}

export interface ConsoleServer {
  /** `http://localhost:5173`: the name that the stage's CORS and sign-in know it by. */
  url: string;
  close(): void;
}

/** Where nobody names another port; `sst dev` has Vite's server there. */
export const USUAL_PORT = 5173;
const TRIES = 20;

/**
 * Serves the console on an origin of its own, so that CORS is real. What is special to offline stands below `/_offline`, for this
 * machine's programs and the console's own pages alone.
 */
export async function startConsole(options: ConsoleOptions): Promise<ConsoleServer> {
  const { folder, backend, url, endpointUrl, notice } = options;
  const site = openSite(folder);
  const wanted = options.port ?? portOf(backend()) ?? USUAL_PORT;
  const listening = await listenNext(
    (request, response) => {
      answer(request, response).catch((error: Error) => {
        if (response.headersSent) response.destroy();
        else sendJson(response, 500, { message: error.message });
      });
    },
    wanted,
    options.port === undefined ? TRIES : 1,
  );
  const origin = `http://localhost:${listening.port}`;
  if (options.port === undefined && listening.port !== wanted)
    notice(
      `port ${wanted} is taken: the console is at ${origin}, an origin that the stage's CORS and sign-in do not know. Its calls of the API are refused until the port is free.`,
    );
  return { url: origin, close: listening.close };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", headers } = request;
    const { pathname } = new URL(request.url ?? "/", origin);
    // A page that leads here, as the sign-in page does, gets the console: it can neither read nor frame it.
    const isNavigation = () => method === "GET" && !pathname.startsWith("/_offline/") && isPage(request);
    const refused = guardLoopback([origin], isNavigation)(request);
    if (refused !== undefined) return sendJson(response, 403, { message: refused });
    if (headers.host !== new URL(origin).host && isPage(request)) {
      response.writeHead(307, { location: `${origin}${request.url}` }).end(); // CORS knows the console by its name
      return;
    }
    if (pathname === "/_offline/token") {
      if (method !== "POST" || headers.origin !== origin || !/^application\/json\b/.test(headers["content-type"] ?? ""))
        return sendJson(response, 403, { message: "expected POST of application/json by the console" });
      const { status, body } = await mintToken(backend().graph, folder, endpointUrl, await jsonOf(request));
      return sendJson(response, status, body);
    }
    if (method !== "GET" && method !== "HEAD") return sendJson(response, 405, { message: `${method}: expected GET` });
    const { graph } = backend();
    if (pathname === "/runtime/config.json") return sendJson(response, 200, configOf(graph, url()));
    if (pathname === "/_offline/graph") {
      const { graphView } = await import("./graph-view"); // with it come all rules, which the start has no need of
      return sendJson(response, 200, graphView(backend(), new Date().toISOString().slice(0, 10)));
    }
    if (pathname.startsWith("/_offline/")) return sendJson(response, 404, { message: `${pathname} is nothing` });
    await site.serve(response, pathname, connectSources(graph, url()));
  }
}

function isPage({ headers }: IncomingMessage): boolean {
  return headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
}

/** The port on this machine that the API lets a page call from. */
function portOf({ graph }: Deployment): number | undefined {
  const apis = graph.resources.filter(({ type }) => type === "aws:apigatewayv2/api:Api");
  const origins = apis.flatMap(({ inputs }) => objectOf(inputs.corsConfiguration).allowOrigins ?? []).map(String);
  const [, port] = origins.map((origin) => /^http:\/\/localhost:(\d+)$/.exec(origin)).find(Boolean) ?? [];
  return port === undefined ? undefined : Number(port);
}

async function listenNext(listener: RequestListener, port: number, tries: number) {
  for (let next = port; next < port + tries - 1 && next < 65_535; next++) {
    const listening = await listen(listener, next).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE" && error.code !== "EACCES") throw error;
    });
    if (listening) return listening;
  }
  return await listen(listener, tries === 1 ? port : 0);
}

/** `localhost` is two addresses: whoever holds one of them would be the console for some browsers. */
async function listen(listener: RequestListener, port: number): Promise<{ port: number; close(): void }> {
  const first = createServer(listener);
  await bind(first, port, "127.0.0.1");
  const { port: taken } = first.address() as AddressInfo;
  const second = createServer(listener);
  try {
    await bind(second, taken, "::1");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") {
      first.close();
      throw error;
    } // else this machine has no such address
  }
  return {
    port: taken,
    close() {
      for (const server of [first, second]) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function bind(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
}
