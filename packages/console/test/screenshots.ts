import { mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import type { Page } from "playwright-core";

import { launch } from "./browser";
import { entries } from "./entries";
import { startWorld } from "./world";

// Takes pictures of every page for docs/screenshots, wide and narrow, light and dark.

const FOLDER = fileURLToPath(new URL("../../../docs/screenshots", import.meta.url));
const HOUR = 60 * 60 * 1000;
const PAGES: [name: string, address: string, ready: (page: Page) => Promise<unknown>][] = [
  ["traffic", "/", (page) => page.getByText("ANY /SecureBackendFunction").first().waitFor()],
  ["access-log", "/access-log?live=off", (page) => page.locator(".space .row").first().waitFor()],
  [
    "request",
    "/access-log?live=off&status=4xx",
    async (page) => {
      await page.locator(".space .row a").first().click();
      await page.getByText("Every field").waitFor();
    },
  ],
  ["audit-trail", "/audit", (page) => page.locator("tbody tr").first().waitFor()],
  [
    "try-it",
    "/try?operation=recordEvents",
    async (page) => {
      await page.getByRole("button", { name: "Send" }).click();
      await page.locator(".line-box a").waitFor();
      await page.locator(".answer .meta").evaluate((element) => element.scrollIntoView({ block: "center" }));
    },
  ],
  ["infrastructure", "/infrastructure", (page) => page.locator(".resource").first().waitFor()],
];

const EVENTS: [action: string, actor: string, target: string, outcome: string][] = [
  ["user.invited", "user:grace", "user:linus", "success"],
  ["invoice.created", "service:billing", "invoice:2026-0043", "success"],
  ["invoice.approved", "user:grace", "invoice:2026-0043", "success"],
  ["invoice.paid", "service:billing", "invoice:2026-0043", "failure"],
  ["invoice.paid", "service:billing", "invoice:2026-0043", "success"],
  ["report.exported", "user:ada", "report:2026-q3", "success"],
  ["user.role-changed", "user:linus", "user:grace", "denied"],
  ["invoice.deleted", "user:linus", "invoice:2026-0042", "denied"],
  ["api-key.rotated", "service:deploy", "api-key:billing", "success"],
];

const browser = await launch();
if (typeof browser === "string") throw new Error(browser);
const now = Date.now();
const world = await startWorld({ log: entries(4000, now - HOUR, now - 60_000) });
mkdirSync(FOLDER, { recursive: true });
try {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 390]) {
      const context = await browser.newContext({
        locale: "en-GB",
        colorScheme,
        viewport: { width, height: width === 390 ? 844 : 800 },
      });
      const page = await context.newPage();
      page.on("console", (message) => message.type() === "error" && console.error(message.text()));
      page.on("pageerror", (error) => console.error(error));
      page.setDefaultTimeout(10_000);
      await page.goto(world.consoleUrl);
      await page.getByRole("button", { name: "Token at a click" }).click();
      await page.getByRole("button", { name: "Get the token" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      if (colorScheme === "light" && width === 1280) await record(page);
      for (const [name, address, ready] of PAGES) {
        await page.goto(`${world.consoleUrl}${address}`);
        await ready(page);
        await page.waitForTimeout(400); // charts and fonts have settled
        await page.screenshot({ path: path.join(FOLDER, `${name}-${width}-${colorScheme}.png`) });
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  await world.stop();
}

/** Some audit events, as the page itself would send them. */
async function record(page: Page): Promise<void> {
  await page.goto(`${world.consoleUrl}/try?operation=recordEvents`);
  for (const [index, [action, actor, target, outcome]] of EVENTS.entries()) {
    const occurredAt = new Date(now - (EVENTS.length - index) * 60_000).toISOString();
    const event = { action, actor: referenceOf(actor), targets: [referenceOf(target)], outcome, occurredAt };
    await page.getByRole("textbox", { name: "Body" }).fill(JSON.stringify(event));
    const answered = page.waitForResponse((response) => response.request().method() === "POST");
    await page.getByRole("button", { name: "Send" }).click();
    if ((await answered).status() !== 201) throw new Error(await (await answered).text());
  }
}

function referenceOf(text: string) {
  const [type, id] = text.split(":");
  return { type, id };
}
