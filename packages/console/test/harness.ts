import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import type { Browser, BrowserContextOptions, Disposable, Page, ViewportSize } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";

import { CACHE, launch } from "./browser";
import { ADA, startWorld, type World, type WorldOptions } from "./world";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Ends what hangs. A busy machine must not make a test fail. */
const TIMEOUT_MS = 60_000;
/** Shared by the files that a worker runs. Playwright ends it with the worker. */
const launched = launch();

export interface Opening {
  /** The token that the console gets without a sign-in; nobody is signed in for `undefined`. */
  token?: object | undefined;
  /** A new context with these options. Otherwise, tests share a page: a new one takes half a second. */
  context?: BrowserContextOptions;
  /** Prepares a new page before it loads the console. A page with a clock of its own must be new. */
  before?(page: Page): unknown;
  viewport?: ViewportSize;
  at?: Pick<World, "consoleUrl">;
}

export interface Harness {
  world(): World;
  /** Opens the console. At most one page is open in a test, unless `context` or `before` is given. */
  open(address: string, opening?: Opening): Promise<Page>;
  /** Expects such errors of the pages of a test, which may have no others. */
  forgive(expected: RegExp): void;
}

/** Errors that pages have reported since the test began. */
const complaints: string[] = [];
let sharedPage: Page | undefined;
let initScript: Disposable | undefined;

/**
 * Defines tests that use a real browser and the real backend. Where no browser starts, the tests
 * are skipped with a warning; in CI that is a failure.
 */
export async function describeInBrowser(title: string, options: WorldOptions, define: (harness: Harness) => void) {
  const launch = await launched;
  if (typeof launch === "string") {
    if (process.env.CI) throw new Error(launch);
    warnOnce(`The console's browser tests are skipped: ${launch}`);
    return describe.skip(title, () => define({} as Harness));
  }
  const browser = launch;
  let world: World;
  const forgiven: RegExp[] = [];

  describe(title, () => {
    beforeAll(async () => {
      world = await startWorld(options);
    });
    afterAll(() => world?.stop());
    afterEach(async () => {
      for (const context of browser.contexts()) if (context !== sharedPage?.context()) await context.close();
      await leaveSharedPage();
      // Neither an error nor a violation of the Content-Security-Policy goes unseen.
      const unexpected = complaints.splice(0).filter((text) => !forgiven.some((pattern) => pattern.test(text)));
      forgiven.length = 0;
      expect(unexpected).toEqual([]);
    });
    define({ world: () => world, open, forgive });
  });

  async function open(address: string, opening: Opening = {}): Promise<Page> {
    const { context, before, viewport = { width: 1280, height: 800 }, at = world } = opening;
    const isShared = context === undefined && before === undefined;
    if (isShared) sharedPage ??= await newPage(browser, {});
    const page = isShared && sharedPage !== undefined ? sharedPage : await newPage(browser, context);
    await page.setViewportSize(viewport);
    const token = "token" in opening ? opening.token : ADA;
    initScript = await page.addInitScript(startAfresh, { test: randomUUID(), token: JSON.stringify(token) });
    await before?.(page);
    await page.goto(`${at.consoleUrl}${address}`);
    return page;
  }

  function forgive(expected: RegExp): void {
    forgiven.push(expected);
  }
}

async function newPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  page.on("console", (message) => {
    // Browsers report responses with 4xx themselves.
    if (message.type() === "error" && !/responded with a status of 4/.test(message.text()))
      complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return page;
}

/** Runs in the page before the console: a test starts without what another one has stored. */
function startAfresh({ test, token }: { test: string; token: string | undefined }): void {
  if (location.protocol === "about:") return; // such a page has no storage
  if (sessionStorage.getItem("test") !== test) {
    sessionStorage.clear();
    localStorage.clear();
    sessionStorage.setItem("test", test);
  }
  if (token !== undefined) sessionStorage.setItem("console.token-request", token);
}

async function leaveSharedPage(): Promise<void> {
  if (sharedPage === undefined) return;
  await sharedPage.unrouteAll({ behavior: "ignoreErrors" });
  await initScript?.dispose();
  await sharedPage.goto("about:blank");
  await sharedPage.emulateMedia({ colorScheme: null });
  await sharedPage.context().clearCookies();
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
 * What axe finds serious, with the elements it means. axe applies all of its default rules, unless
 * some are named.
 */
export async function findings(page: Page, rules: { only?: string[]; without?: string[] } = {}): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await addAxe(page);
  return await page.evaluate(async ({ only, without = [] }) => {
    const { violations } = await (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run({
      resultTypes: ["violations"],
      preload: false, // of style sheets, for rules that are off
      ...(only !== undefined && { runOnly: { type: "rule" as const, values: only } }),
      rules: Object.fromEntries(without.map((rule) => [rule, { enabled: false }])),
    });
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    return serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
  }, rules);
}

/** Chromium compiles a script only once, unlike the text that `page.evaluate` gives to `eval`. */
async function addAxe(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: AXE });
  await session.detach();
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
