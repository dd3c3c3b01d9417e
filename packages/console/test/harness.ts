import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";

import { CACHE, launch } from "./browser";
import { ADA, startWorld, type World, type WorldOptions } from "./world";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Milliseconds: a machine with two cores runs other tests meanwhile. */
const PATIENCE = 15_000;

export interface Opening {
  /** What a token at a click is for; nobody is signed in for `undefined`. */
  token?: object | undefined;
  context?: BrowserContextOptions;
  before?(page: Page): unknown;
  at?: Pick<World, "consoleUrl">;
}

export interface Harness {
  world(): World;
  /** A page of its own. */
  open(address: string, opening?: Opening): Promise<Page>;
  /** Takes errors out of what the page complained of, which a test ends without; each must be one of these. */
  forgive(expected: RegExp): void;
}

/** Tests in a real browser before the real backend. Where none runs, they are left out with a word; in CI that is a failure. */
export async function describeInBrowser(title: string, options: WorldOptions, define: (harness: Harness) => void) {
  const browser = await launch();
  if (typeof browser === "string") {
    if (process.env.CI) throw new Error(browser);
    sayOnce(`the console's browser tests are left out: ${browser}`);
    return describe.skip(title, () => define({} as Harness));
  }
  let world: World;
  const complaints: string[] = [];

  describe(title, { timeout: 60_000 }, () => {
    beforeAll(async () => {
      world = await startWorld(options);
    });
    afterAll(async () => {
      await browser.close();
      await world?.stop();
    });
    afterEach(async () => {
      for (const context of browser.contexts()) await context.close();
      // Neither an error nor a violation of the Content-Security-Policy goes unseen.
      expect(complaints.splice(0)).toEqual([]);
    });
    define({ world: () => world, open, forgive });
  });

  async function open(address: string, { context = {}, before, at = world, ...rest }: Opening = {}): Promise<Page> {
    const token = "token" in rest ? rest.token : ADA;
    const viewport = { width: 1280, height: 800 };
    const opened = await (browser as Exclude<typeof browser, string>).newContext({
      locale: "en-GB",
      viewport,
      ...context,
    });
    const page = await opened.newPage();
    page.setDefaultTimeout(PATIENCE);
    page.on("console", (message) => {
      // Browsers note answers of 4xx themselves.
      if (message.type() === "error" && !/responded with a status of 4/.test(message.text()))
        complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    if (token !== undefined)
      await page.addInitScript((wish) => sessionStorage.setItem("console.token-request", wish), JSON.stringify(token));
    await before?.(page);
    await page.goto(`${at.consoleUrl}${address}`);
    return page;
  }

  function forgive(expected: RegExp): void {
    for (const complaint of complaints.splice(0)) expect(complaint).toMatch(expected);
  }
}

/** Files of tests run in processes of their own, with one parent: the first of them says it. */
function sayOnce(text: string): void {
  const said = path.join(CACHE, "left-out");
  const run = String(process.ppid);
  if (existsSync(said) && readFileSync(said, "utf8") === run) return;
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(said, run);
  console.warn(text);
}

/** What browsers say of an answer that CORS keeps from a page. */
export const KEPT_FROM_PAGE = /blocked by CORS policy|net::ERR_FAILED/;

/** What axe finds serious, with the elements it means. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run();
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    return serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
  });
}

/** Milliseconds from the start of the navigation. */
export function firstPaint(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          for (const { startTime } of list.getEntriesByName("first-contentful-paint")) resolve(startTime);
        }).observe({ type: "paint", buffered: true });
      }),
  );
}

/** How much has moved so far: https://web.dev/articles/cls */
export function layoutShift(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value;
        }).observe({ type: "layout-shift", buffered: true });
        setTimeout(() => resolve(sum), 100);
      }),
  );
}
