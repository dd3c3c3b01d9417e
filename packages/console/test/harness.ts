import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { SEED, sampled } from "@backend/testing/sampling";
import type { Browser, BrowserContextOptions, Disposable, Page, ViewportSize } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from "vitest";

import { CACHE, launch } from "./browser";
import { ADA, startWorld, type World, type WorldOptions } from "./world";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Long, so that tests pass on a busy machine. */
const TIMEOUT_MS = 60_000;
/** Shared by the test files of a worker. Playwright closes it when the worker ends. */
const launched = launch();

export interface Opening {
  /**
   * The test token that the console starts with. `undefined`: signed out. `null`: a first visit, as
   * the default identity.
   */
  token?: object | undefined | null;
  /**
   * Options for a new browser context. By default tests share a page, which saves half a second
   * each.
   */
  context?: BrowserContextOptions;
  /** Prepares a new page before it loads the console, for example with a fake clock. */
  before?(page: Page): unknown;
  viewport?: ViewportSize;
  at?: Pick<World, "consoleUrl">;
}

export interface Harness {
  world(): World;
  /** Opens the console, in the shared page unless `context` or `before` is given. */
  open(address: string, opening?: Opening): Promise<Page>;
  /** Allows console errors that match. All other errors fail the test. */
  allowErrors(expected: RegExp): void;
}

/** Errors that pages have reported during the test. */
const pageErrors: string[] = [];
let sharedPage: Page | undefined;
let initScript: Disposable | undefined;

/**
 * Defines tests with a real browser and the real backend. If no browser starts, skips them with a
 * warning, or fails in CI.
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
  const allowedErrors: RegExp[] = [];

  describe(title, { tags: ["sampled"] }, () => {
    beforeEach(({ task, skip }) => {
      if (!isTried(task.name)) skip("another run tries it; pnpm soak properties tries all");
    });
    beforeAll(async () => {
      world = await startWorld(options);
    });
    afterAll(() => world?.stop());
    afterEach(async () => {
      for (const context of browser.contexts()) if (context !== sharedPage?.context()) await context.close();
      await leaveSharedPage();
      // Includes violations of the Content-Security-Policy.
      const unexpected = pageErrors.splice(0).filter((text) => !allowedErrors.some((pattern) => pattern.test(text)));
      allowedErrors.length = 0;
      expect(unexpected).toEqual([]);
    });
    define({ world: () => world, open, allowErrors });
  });

  async function open(address: string, opening: Opening = {}): Promise<Page> {
    const { context, before, viewport = { width: 1280, height: 800 }, at = world } = opening;
    const isShared = context === undefined && before === undefined;
    if (isShared) sharedPage ??= await newPage(browser, {});
    const page = isShared && sharedPage !== undefined ? sharedPage : await newPage(browser, context);
    await page.setViewportSize(viewport);
    const token = "token" in opening ? opening.token : ADA;
    initScript = await page.addInitScript(resetStorage, {
      test: randomUUID(),
      signIn: JSON.stringify(token === undefined ? "none" : token),
    });
    await before?.(page);
    await page.goto(`${at.consoleUrl}${address}`);
    return page;
  }

  function allowErrors(expected: RegExp): void {
    allowedErrors.push(expected);
  }
}

/** True for half of the tests, others in each run: browsers take most of the suite's time. */
function isTried(name: string): boolean {
  const sum = Array.from(name).reduce((total, character) => total + character.charCodeAt(0), 0);
  return (sum + SEED) % 2 < sampled({ suite: 1, soak: 2 }).numRuns;
}

async function newPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  page.on("console", (message) => {
    // Browsers log every 4xx response as an error.
    if (message.type() === "error" && !/responded with a status of 4/.test(message.text()))
      pageErrors.push(message.text());
  });
  page.on("pageerror", (error) => pageErrors.push(String(error)));
  return page;
}

/** Runs in the page before the console: removes what another test has stored. */
function resetStorage({ test, signIn }: { test: string; signIn: string }): void {
  if (location.protocol === "about:") return; // about:blank has no storage
  if (sessionStorage.getItem("test") !== test) {
    sessionStorage.clear();
    localStorage.clear();
    sessionStorage.setItem("test", test);
    if (signIn !== "null") sessionStorage.setItem("console.sign-in", signIn);
  }
}

async function leaveSharedPage(): Promise<void> {
  if (sharedPage === undefined) return;
  await sharedPage.unrouteAll({ behavior: "ignoreErrors" });
  await initScript?.dispose();
  await sharedPage.goto("about:blank");
  await sharedPage.emulateMedia({ colorScheme: null });
  await sharedPage.context().clearCookies();
}

/** Warns once per test run: all workers have the same parent process. */
function warnOnce(text: string): void {
  const file = path.join(CACHE, "warned");
  const testRun = String(process.ppid);
  if (existsSync(file) && readFileSync(file, "utf8") === testRun) return;
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(file, testRun);
  console.warn(text);
}

/** A browser's error for a response that CORS hides from the page. */
export const HIDDEN_RESPONSE = /blocked by CORS policy|net::ERR_FAILED/;

/** Returns axe's serious and critical findings, by default of all its default rules. */
export async function findings(page: Page, rules: { only?: string[]; without?: string[] } = {}): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await addAxe(page);
  return await page.evaluate(async ({ only, without = [] }) => {
    const { violations } = await (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run({
      resultTypes: ["violations"],
      preload: false, // style sheets are needed only by rules that are off
      ...(only !== undefined && { runOnly: { type: "rule" as const, values: only } }),
      rules: Object.fromEntries(without.map((rule) => [rule, { enabled: false }])),
    });
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    return serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
  }, rules);
}

/** Unlike `page.evaluate`, this lets Chromium cache the compiled script. */
async function addAxe(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: AXE });
  await session.detach();
}

/** Advances the page's fake clock to the next poll of a live list. */
export async function poll(page: Page): Promise<void> {
  await page.clock.fastForward(5000);
}

/** Returns the cumulative layout shift so far, fonts included: https://web.dev/articles/cls */
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
