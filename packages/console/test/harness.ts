import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";

import { CACHE, launch } from "./browser";
import { ADA, startWorld, type World, type WorldOptions } from "./world";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Ends what hangs. A busy machine must not make a test fail. */
const TIMEOUT_MS = 60_000;
/** Shared by the files that a worker runs. Playwright ends it with the worker. */
const launched = launch();

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
  /** Expects such errors of the pages of a test, which may have no others. */
  forgive(expected: RegExp): void;
}

/**
 * Defines tests that use a real browser and the real backend. Where no browser starts, the tests
 * are skipped with a warning; in CI that is a failure.
 */
export async function describeInBrowser(title: string, options: WorldOptions, define: (harness: Harness) => void) {
  const browser = await launched;
  if (typeof browser === "string") {
    if (process.env.CI) throw new Error(browser);
    warnOnce(`The console's browser tests are skipped: ${browser}`);
    return describe.skip(title, () => define({} as Harness));
  }
  let world: World;
  const complaints: string[] = [];
  const forgiven: RegExp[] = [];

  describe(title, () => {
    beforeAll(async () => {
      world = await startWorld(options);
    });
    afterAll(() => world?.stop());
    afterEach(async () => {
      for (const context of browser.contexts()) await context.close();
      // Neither an error nor a violation of the Content-Security-Policy goes unseen.
      const expected = forgiven.splice(0);
      expect(complaints.splice(0).filter((text) => !expected.some((pattern) => pattern.test(text)))).toEqual([]);
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
    page.setDefaultTimeout(TIMEOUT_MS);
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
    forgiven.push(expected);
  }
}

/** Warns once per test run: its workers have one parent process. */
function warnOnce(text: string): void {
  const file = path.join(CACHE, "warned");
  const testRun = String(process.ppid);
  if (existsSync(file) && readFileSync(file, "utf8") === testRun) return;
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(file, testRun);
  console.warn(text);
}

/** What browsers say of an answer that CORS keeps from a page. */
export const KEPT_FROM_PAGE = /blocked by CORS policy|net::ERR_FAILED/;

/**
 * What axe finds serious, with the elements it means.
 *
 * @param rules all that axe applies by itself where none are named
 */
export async function findings(page: Page, rules?: string[]): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  return await page.evaluate(async (only) => {
    const { violations } = await (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run({
      resultTypes: ["violations"],
      ...(only !== undefined && { runOnly: { type: "rule" as const, values: only } }),
    });
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    return serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
  }, rules);
}

/** Moves the page's clock, which `clock.install()` has taken over, to the next look of a live list. */
export async function lookAgain(page: Page): Promise<void> {
  await page.clock.fastForward(5000);
}

/** How much has moved so far, fonts and two more frames included: https://web.dev/articles/cls */
export function layoutShift(page: Page): Promise<number> {
  return page.evaluate(async () => {
    let sum = 0;
    const add = (entries: PerformanceEntryList) => {
      for (const entry of entries) sum += (entry as PerformanceEntry & { value: number }).value;
    };
    const observer = new PerformanceObserver((list) => add(list.getEntries()));
    observer.observe({ type: "layout-shift", buffered: true });
    await document.fonts.ready;
    for (let frames = 0; frames < 3; frames++) await new Promise(requestAnimationFrame);
    add(observer.takeRecords());
    return sum;
  });
}
