import type { IncomingMessage, ServerResponse } from "node:http";

import type { RunningSite, SiteContext } from "@backend/sst-offline/app";
import { mintToken } from "@backend/sst-offline/cognito/mint-token";
import { guardLoopback } from "@backend/sst-offline/kit/loopback";

import { configOf, connectSources } from "./config";
import { jsonOf, sendJson } from "./http";
import { listenOnLocalhost } from "./listen";
import { openSite } from "./site";

/** Ports that are tried, from the usual one on. */
const TRIES = 20;

/**
 * Serves the console on an origin of its own, so that CORS is real. What exists offline only is
 * below `/_offline`, for this machine's programs and the console's own pages.
 */
export async function startConsole(context: SiteContext): Promise<RunningSite> {
  const { project, folder, deployment, url, endpointUrl, notice } = context;
  const site = openSite(folder, notice);
  const wanted = context.port ?? context.usualPort;
  const listening = await listenOnLocalhost(
    (request, response) => {
      answer(request, response).catch((error: Error) => {
        if (response.headersSent) response.destroy();
        else sendJson(response, 500, { message: error.message });
      });
    },
    { port: wanted, tries: context.port === undefined ? TRIES : 1, notice },
  );
  const { port } = listening;
  const origin = `http://localhost:${port}`;
  if (context.port === undefined && port !== wanted) notice(`port ${wanted} is taken: the console runs at ${origin}`);
  return { url: origin, close: listening.close };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", headers } = request;
    const target = targetOf(request, origin);
    if (target === undefined) return sendJson(response, 400, { message: `${request.url}: expected a path` });
    const { pathname } = target;
    // A page that links here, such as the sign-in page, gets the console. It can neither read nor
    // frame it.
    const isNavigation = () => method === "GET" && !pathname.startsWith("/_offline/") && isPage(request);
    const refused = guardLoopback([origin], isNavigation)(request);
    if (refused !== undefined) return sendJson(response, 403, { message: refused });
    if (headers.host !== new URL(origin).host && isPage(request)) {
      // CORS allows the console by its host name.
      response.writeHead(307, { location: `${origin}${pathname}${target.search}` }).end();
      return;
    }
    if (pathname === "/_offline/token") {
      if (method !== "POST" || headers.origin !== origin || !/^application\/json\b/.test(headers["content-type"] ?? ""))
        return sendJson(response, 403, { message: "expected POST of application/json by the console" });
      const { status, body } = await mintToken(deployment().userPools, folder, endpointUrl, await jsonOf(request));
      return sendJson(response, status, body);
    }
    if (method !== "GET" && method !== "HEAD") return sendJson(response, 405, { message: `${method}: expected GET` });
    const { graph } = deployment();
    if (pathname === "/runtime/config.json") return sendJson(response, 200, configOf(graph, url()));
    if (pathname === "/_offline/graph") {
      const { graphView } = await import("./graph-view"); // it brings all rules, which the start does not need
      const { loadPromises } = await import("@backend/sst-policy/load-promises");
      const promises = await loadPromises(project);
      return sendJson(response, 200, graphView(deployment(), promises, new Date().toISOString().slice(0, 10)));
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
 * Returns the path of a request, or undefined for an invalid target such as `http://[`. A path may
 * begin with two slashes.
 */
function targetOf({ url = "" }: IncomingMessage, origin: string): URL | undefined {
  const address = url.startsWith("/") ? `${origin}${url}` : url;
  return URL.canParse(address) ? new URL(address) : undefined;
}
