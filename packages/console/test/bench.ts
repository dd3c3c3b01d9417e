// Measures the first load, and the longest task while scrolling a long list.

import { median } from "@backend/testing/median";
import type { Browser, Page } from "playwright-core";
import { launch } from "./browser";
import { entries } from "./entries";
import { serveRows } from "./long-list";
import { ADA, startWorld } from "./world";

const ROUNDS = 9;
const ROWS = 100_000;
const HALF_AN_HOUR_MS = 30 * 60 * 1000;

const browser = await launch();
if (typeof browser === "string") throw new Error(browser);
const now = Date.now();
const world = await startWorld({ log: entries(100, now - HALF_AN_HOUR_MS, now - 120_000) });
try {
  const paints: number[] = [];
  for (let round = 0; round < ROUNDS; round++) paints.push(await firstPaint(browser));
  const tasks = await longestTasks(browser);
  console.log("| console | aim | median | worst |\n| --- | --: | --: | --: |");
  console.log(rowOf("first contentful paint", 300, paints));
  console.log(rowOf(`longest task while scrolling ${ROWS.toLocaleString("en")} rows`, 50, tasks));
} finally {
  await browser.close();
  await world.stop();
}

function rowOf(what: string, aim: number, values: number[]): string {
  return `| ${what} | ${aim} ms | ${median(values).toFixed(0)} ms | ${Math.max(...values).toFixed(0)} ms |`;
}

async function open(chromium: Browser, address: string, before?: (page: Page) => Promise<void>): Promise<Page> {
  const context = await chromium.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.addInitScript((request) => sessionStorage.setItem("console.sign-in", request), JSON.stringify(ADA));
  await before?.(page);
  await page.goto(`${world.consoleUrl}${address}`);
  return page;
}

/** Milliseconds until the first contentful paint of a first load, in a running browser process. */
async function firstPaint(chromium: Browser): Promise<number> {
  const page = await open(chromium, "/runtime/config.json");
  await page.goto(`${world.consoleUrl}/`);
  const paint = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          for (const { startTime } of list.getEntriesByName("first-contentful-paint")) resolve(startTime);
        }).observe({ type: "paint", buffered: true });
      }),
  );
  await page.context().close();
  return paint;
}

/** Milliseconds of each round's longest task. */
async function longestTasks(chromium: Browser): Promise<number[]> {
  const page = await open(chromium, "/access-log?live=off", (opened) => serveRows(opened, ROWS));
  const scroller = page.locator(".scroller");
  for (let rows = 20_000; rows <= ROWS; rows += 20_000) {
    await page.getByText(`${rows.toLocaleString("en")} requests`).waitFor();
    await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  }
  const tasks: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { whileScrolling, whileBlocked } = await scroller.evaluate(scroll);
    if (whileBlocked <= 50) throw new Error("the browser did not report a deliberately long task");
    tasks.push(whileScrolling);
  }
  await page.context().close();
  return tasks;
}

/** Milliseconds of the longest task while scrolling, and of a deliberately long one. */
async function scroll(element: Element) {
  const tasks: number[] = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
    entryTypes: ["longtask"],
  });
  for (let step = 0; step < 120; step++) {
    element.scrollTo(0, (element.scrollHeight * ((step * 37) % 120)) / 120);
    await new Promise(requestAnimationFrame);
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
  const whileScrolling = Math.max(0, ...tasks);
  setTimeout(() => {
    for (const begun = performance.now(); performance.now() - begun < 80; );
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  return { whileScrolling, whileBlocked: Math.max(0, ...tasks) };
}
