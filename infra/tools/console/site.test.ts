import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { buildSite, messageOf } from "./build";
import { openSite } from "./site";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "site-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a page and an asset instead of building them. */
const writeBuild = async (out: string) => {
  mkdirSync(path.join(out, "assets"), { recursive: true });
  writeFileSync(path.join(out, "index.html"), "page");
  writeFileSync(path.join(out, "assets/a.js"), "chunk");
  return undefined;
};

async function get(site: ReturnType<typeof openSite>, pathname: string): Promise<string> {
  let [status, body] = [0, ""];
  const response = {
    writeHead(code: number) {
      status = code;
      return response;
    },
    end(content: Buffer | string = "") {
      body = String(content);
    },
  };
  await site.serve(response as unknown as ServerResponse, pathname, []);
  return `${status} ${body}`;
}

describe("a build that fails", () => {
  it("is reported once for each reason, and tried again by the next request", async () => {
    const notices: string[] = [];
    let problem: string | undefined = "a.tsx: Unexpected token";
    let attempts = 0;
    const build = async (out: string) => {
      attempts++;
      return problem ?? (await writeBuild(out));
    };
    const site = openSite(
      folder,
      (text) => notices.push(text),
      () => buildSite(folder, "digest", build),
    );
    for (let request = 0; request < 3; request++)
      await expect(get(site, "/")).rejects.toThrow("the console cannot be built: a.tsx: Unexpected token");
    problem = "b.tsx: Unexpected token";
    await expect(get(site, "/")).rejects.toThrow("b.tsx");
    expect(notices).toEqual([expect.stringContaining("a.tsx"), expect.stringContaining("b.tsx")]);
    problem = undefined;
    expect([await get(site, "/"), attempts]).toEqual(["200 page", 5]);
  });

  it("leaves no draft behind", async () => {
    const build = async (out: string) => {
      await writeBuild(out);
      return "broken";
    };
    await expect(buildSite(path.join(folder, "console"), "digest", build)).rejects.toThrow("broken");
    expect(existsSync(path.join(folder, "console", `digest.${process.pid}`))).toBe(false);
  });

  it("does not take away the assets of the page before", async () => {
    let isBroken = false;
    const site = openSite(
      folder,
      () => {},
      async () => {
        if (isBroken) throw new Error("broken");
        return await buildSite(folder, "digest", writeBuild);
      },
    );
    await get(site, "/");
    isBroken = true;
    await expect(get(site, "/")).rejects.toThrow("broken");
    expect(await get(site, "/assets/a.js")).toBe("200 chunk");
  });

  it("reports the message of the tool without its stack", () => {
    const output =
      "\u001b[31merror during build:\u001b[39m\n[vite:esbuild] a.tsx:1:2: ERROR\n" +
      "    at failureErrorWithLog (/x/main.js:1:2)\n    at new Promise (<anonymous>)\n";
    expect(messageOf(output)).toBe("error during build:\n[vite:esbuild] a.tsx:1:2: ERROR");
  });
});

describe("a build that is done", () => {
  it("is not done again for the same sources, also by another process", async () => {
    let attempts = 0;
    const build = async (out: string) => {
      attempts++;
      return await writeBuild(out);
    };
    const built = await buildSite(folder, "digest", build);
    expect([await buildSite(folder, "digest", build), attempts]).toEqual([built, 1]);
    await buildSite(folder, "other", build);
    expect([attempts, existsSync(built)]).toEqual([2, false]);
  });

  it("stays as it is when two processes build the same sources at once", async () => {
    const built = await buildSite(folder, "digest", async (out) => {
      await buildSite(folder, "digest", writeBuild); // the faster one
      writeFileSync(path.join(folder, "digest/assets/being-read.js"), "");
      return await writeBuild(out);
    });
    expect(existsSync(path.join(built, "assets/being-read.js"))).toBe(true);
    expect(readdirSync(folder)).toEqual(["digest"]);
  });

  it("is shared by requests that come at the same time", async () => {
    let attempts = 0;
    const site = openSite(
      folder,
      () => {},
      () =>
        buildSite(folder, "digest", (out) => {
          attempts++;
          return writeBuild(out);
        }),
    );
    expect(await Promise.all(["/", "/x", "/assets/a.js"].map((target) => get(site, target)))).toEqual([
      "200 page",
      "200 page",
      "200 chunk",
    ]);
    expect(attempts).toBe(1);
  });

  it("is done again where somebody has deleted it; an asset that it does not have is 404", async () => {
    const cache = path.join(folder, "console");
    const site = openSite(
      folder,
      () => {},
      () => buildSite(cache, "digest", writeBuild),
    );
    await get(site, "/");
    rmSync(cache, { recursive: true });
    expect(await get(site, "/assets/a.js")).toBe("404 ");
    expect(await get(site, "/")).toBe("200 page");
    expect([await get(site, "/assets/a.js"), await get(site, "/assets/b.js")]).toEqual(["200 chunk", "404 "]);
  });
});
