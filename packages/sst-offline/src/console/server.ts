import type { IncomingMessage, ServerResponse } from "node:http";

import type { Deployment } from "../deployment/deployment";
import { objectOf } from "../kit/json";
import { guardLoopback } from "../kit/loopback";
import { configOf, connectSources } from "./config";
import { jsonOf, sendJson } from "./http";
import { listenOnLocalhost } from "./listen";
import { openSite } from "./site";
import { mintToken } from "./token";

export interface ConsoleOptions {
  /** Folder of the sst.config.ts. */
  project: string;
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
  /** Ends connections and begins to free the port. Called again, it does nothing. */
  close(): void;
  /** Resolves when the port is free after `close`. */
  closed: Promise<void>;
}

/** Used if nothing else is named; `sst dev` has Vite's server there. */
export const USUAL_PORT = 5173;
const TRIES = 20;

/**
 * Serves the console on an origin of its own, so that CORS is real. What exists offline only is
 * below `/_offline`, for this machine's programs and the console's own pages.
 */
export async function startConsole(options: ConsoleOptions): Promise<ConsoleServer> {
  const { project, folder, backend, url, endpointUrl, notice } = options;
  const site = openSite(folder, notice);
  const wanted = options.port ?? portOf(backend()) ?? USUAL_PORT;
  const listening = await listenOnLocalhost(
    (request, response) => {
      answer(request, response).catch((error: Error) => {
        if (response.headersSent) response.destroy();
        else sendJson(response, 500, { message: error.message });
      });
    },
    { port: wanted, tries: options.port === undefined ? TRIES : 1, notice },
  );
  const { port } = listening;
  const origin = `http://localhost:${port}`;
  if (options.port === undefined && port !== wanted)
    notice(
      `port ${wanted} is taken: the console is at ${origin}, an origin that the stage's CORS and sign-in do not know. ` +
        "Its calls of the API are refused until the port is free.",
    );
  let close = () => {};
  const closed = new Promise<void>((resolve) => {
    close = () => resolve(listening.close());
  });
  return { url: origin, close, closed };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", headers } = request;
    const target = targetOf(request, origin);
    if (target === undefined) return sendJson(response, 400, { message: `${request.url}: expected a path` });
    const { pathname } = target;
    // A page that leads here, as the sign-in page does, gets the console: it can neither read nor
    // frame it.
    const isNavigation = () => method === "GET" && !pathname.startsWith("/_offline/") && isPage(request);
    const refused = guardLoopback([origin], isNavigation)(request);
    if (refused !== undefined) return sendJson(response, 403, { message: refused });
    if (headers.host !== new URL(origin).host && isPage(request)) {
      // CORS knows the console by its name.
      response.writeHead(307, { location: `${origin}${pathname}${target.search}` }).end();
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
      const { graphView } = await import("./graph-view"); // it brings all rules, which the start does not need
      const { loadPromises } = await import("@backend/sst-policy/load-promises");
      const promises = await loadPromises(project);
      return sendJson(response, 200, graphView(backend(), promises, new Date().toISOString().slice(0, 10)));
    }
    if (pathname.startsWith("/_offline/"))
      return sendJson(response, 404, { message: `${pathname}: the console has no such path` });
    await site.serve(response, pathname, connectSources(graph, url()));
  }
}

function isPage({ headers }: IncomingMessage): boolean {
  return headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
}

/**
 * The path of a request; undefined for what is not one, such as `http://[`. A path may begin with
 * two slashes.
 */
function targetOf({ url = "" }: IncomingMessage, origin: string): URL | undefined {
  const address = url.startsWith("/") ? `${origin}${url}` : url;
  return URL.canParse(address) ? new URL(address) : undefined;
}

/** The port on this machine from which the API's CORS lets a page call. */
function portOf({ graph }: Deployment): number | undefined {
  const apis = graph.resources.filter(({ type }) => type === "aws:apigatewayv2/api:Api");
  const origins = apis.flatMap(({ inputs }) => objectOf(inputs.corsConfiguration).allowOrigins ?? []).map(String);
  const ports = origins.map((origin) => Number(/^http:\/\/localhost:(\d+)$/.exec(origin)?.[1]));
  return ports.find((port) => port > 0 && port <= 65_535);
}
