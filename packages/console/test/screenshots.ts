import { mkdirSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { runCommand } from "@backend/sst-graph/command-line";
import type { Browser } from "playwright-core";

import { launch } from "./browser";
import { entries } from "./entries";
import { AUDIT } from "./nouns/audit/screenshots"; // #line audit
import type { NounScreenshots, Screenshot } from "./screenshot";
import { ADA, startWorld } from "./world";

const FOLDER = fileURLToPath(new URL("../../../docs/screenshots", import.meta.url));
const HOUR = 60 * 60 * 1000;
const NOUNS: NounScreenshots[] = [
  AUDIT, // #line audit
  // Add others here.
];
const PAGES: Screenshot[] = [
  // Waits until the whole log has been aggregated.
  ["traffic", "/", (page) => page.locator("dd", { hasText: /^(3,9|4,0)/ }).waitFor()],
  ["access-log", "/access-log?live=off", (page) => page.locator(".space .row").first().waitFor()],
  [
    "request",
    "/access-log?live=off&text=expired",
    async (page) => {
      await page.locator(".space .row a").first().click();
      await page.locator("dialog .checks").waitFor();
    },
  ],
  ...NOUNS.flatMap(({ pages }) => pages),
  [
    "try-it",
    "/try?operation=greet",
    async (page) => {
      await page.getByRole("button", { name: "Send" }).click();
      await page.locator(".line-box a").waitFor();
      await page.locator(".response .meta").evaluate((element) => element.scrollIntoView({ block: "center" }));
    },
  ],
  ["infrastructure", "/infrastructure", (page) => page.locator(".resource").first().waitFor()],
];

const command = {
  name: "pnpm screenshots",
  about: "Takes a screenshot of every page of the console for docs/screenshots.",
  usage: [""],
  details: "Each page in a wide and a narrow window, light and dark. Needs a browser.",
  options: {},
};

process.exitCode = await runCommand(command, process.argv.slice(2), process, takeAll);

async function takeAll(): Promise<number> {
  const browser = await launch();
  if (typeof browser === "string") throw new Error(browser);
  mkdirSync(FOLDER, { recursive: true });
  try {
    for (const colorScheme of ["light", "dark"] as const)
      for (const width of [1280, 390]) await take(browser, width, colorScheme);
  } finally {
    await browser.close();
  }
  return 0;
}

/** Starts a new backend for each variant, so that the log has no requests of earlier ones. */
async function take(browser: Browser, width: number, colorScheme: "light" | "dark"): Promise<void> {
  const now = Date.now();
  const world = await startWorld({ log: entries(4000, now - HOUR, now) });
  try {
    for (const { prepare } of NOUNS) await prepare(world);
    const viewport = { width, height: width === 390 ? 844 : 800 };
    const context = await browser.newContext({ locale: "en-GB", colorScheme, viewport });
    const page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && console.error(message.text()));
    page.on("pageerror", (error) => console.error(error));
    page.setDefaultTimeout(30_000);
    await page.addInitScript((request) => sessionStorage.setItem("console.sign-in", request), JSON.stringify(ADA));
    for (const [name, address, ready] of PAGES) {
      await page.goto(`${world.consoleUrl}${address}`);
      await ready(page);
      await page.waitForTimeout(400); // charts and fonts settle
      await page.screenshot({ path: path.join(FOLDER, `${name}-${width}-${colorScheme}.png`) });
    }
    await context.close();
  } finally {
    await world.stop();
  }
}
