import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import path from "node:path";

import { contentSecurityPolicy } from "@secure-backend/core/console/content-security-policy";

import { buildSite, CONSOLE, digestOf } from "./build";
import { HEADERS } from "./http";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * The built console. It is built at the first request for it, and again at the first request for its page after its sources have
 * changed.
 *
 * @param folder of the stage: `.offline/<stage>`
 */
export function openSite(folder: string) {
  const builds = new Map<string, Promise<string>>();
  let latest: Promise<string> | undefined;

  return { serve };

  /** Paths that are no file get the page: it finds out for itself where one is. */
  async function serve(response: ServerResponse, pathname: string, connect: string[]): Promise<void> {
    const asset = /^\/assets\/[\w.-]+$/.test(pathname) ? pathname.slice(1) : undefined;
    const built = await (asset === undefined ? current() : (latest ?? current()));
    const file = path.join(built, asset ?? "index.html");
    const content = await readFile(file).catch(() => undefined);
    if (content === undefined) {
      response.writeHead(404, { ...HEADERS, "cache-control": "no-store" }).end();
      return;
    }
    response.writeHead(200, {
      ...HEADERS,
      "content-type": TYPES[path.extname(file)] ?? "application/octet-stream",
      "cache-control": asset === undefined ? "no-cache" : "public, max-age=31536000, immutable",
      "content-security-policy": contentSecurityPolicy(connect),
    });
    response.end(content);
  }

  function current(): Promise<string> {
    const digest = digestOf(CONSOLE);
    const building = builds.get(digest) ?? buildSite(path.join(folder, "console"), digest);
    builds.set(digest, building);
    building.catch(() => builds.delete(digest)); // it is tried again, by the next request
    latest = building;
    return building;
  }
}
