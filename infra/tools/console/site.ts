import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import path from "node:path";

import { contentSecurityPolicy } from "@backend/platform/console/content-security-policy";

import { buildSite, CONSOLE, digestOf } from "./build";
import { HEADERS } from "./http";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * Serves the console's build. The first request builds it. A request for the page builds it again
 * if sources have changed. A failed build is reported once for each reason; the next request tries
 * again.
 *
 * @param folder of the stage: `.offline/<stage>`
 * @param build resolves to the folder of a build of the sources as they are; rejects with the
 *   reason
 */
export function openSite(folder: string, notice: (text: string) => void, build = () => buildCurrent(folder)) {
  let building: Promise<string> | undefined;
  let latest: string | undefined;
  let failure: string | undefined;

  return { serve };

  /** Every path that is not an asset gets the page, which has its own router. */
  async function serve(response: ServerResponse, pathname: string, connect: string[]): Promise<void> {
    const asset = /^\/assets\/[\w.-]+$/.test(pathname) ? pathname.slice(1) : undefined;
    const built = (asset && latest) ?? (await current());
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

  /**
   * The folder of the current build. Requests that come while it is built wait for the same one.
   */
  async function current(): Promise<string> {
    building ??= build().finally(() => {
      building = undefined;
    });
    try {
      latest = await building;
      failure = undefined;
      return latest;
    } catch (error) {
      const { message } = error as Error;
      if (message !== failure) notice(message);
      failure = message;
      throw error;
    }
  }
}

async function buildCurrent(folder: string): Promise<string> {
  return await buildSite(path.join(folder, "console"), digestOf(CONSOLE));
}
