import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";

import type { AccessLogEntry } from "@secure-backend/core/access-log/entry";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { launch } from "./browser";
import { entries } from "./entries";
import { startWorld } from "./world";

const browser = await launch();
if (typeof browser === "string") {
  if (process.env.CI) throw new Error(browser);
  console.warn(`the console's browser tests are left out: ${browser}`);
}

const HOUR = 60 * 60 * 1000;
const now = Date.now();
const HOSTILE = '<img src=x onerror="document.title=`pwned`"><script>alert(1)</script>';
const [first] = entries(1, now - 2 * HOUR, now - HOUR) as [AccessLogEntry];
const hostile = {
  ...first,
  requestId: "hostile=",
  requestTimeEpoch: now - 90_000,
  path: `/dev/${HOSTILE}`,
  userAgent: HOSTILE,
};
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const ALL = {
  client: "web",
  user: "ada",
  groups: ["operators", "writers", "tenant:acme"],
  scopes: ["openid", "audit/write", "audit/read", "traffic/read"],
};

let world: Awaited<ReturnType<typeof startWorld>>;
const complaints: string[] = [];

describe.skipIf(typeof browser === "string")("the console, in a browser, before the real backend", () => {
  beforeAll(async () => {
    world = await startWorld({ log: [...entries(300, now - HOUR, now - 120_000), hostile] });
    await fetch(world.consoleUrl); // builds it
  });
  afterAll(async () => {
    if (typeof browser !== "string") await browser.close();
    await world?.stop();
  });
  afterEach(async () => {
    if (typeof browser !== "string") for (const context of browser.contexts()) await context.close();
    // Neither an error nor a violation of the Content-Security-Policy goes unseen.
    expect(complaints.splice(0)).toEqual([]);
  });

  it("loads at most 120 KB of JavaScript before it shows its first page, and shows it soon", async () => {
    const scripts: Promise<number>[] = [];
    const page = await open("/", {
      before: (opened) =>
        opened.on("response", (response) => {
          if (/\.js$/.test(response.url())) scripts.push(response.body().then((body) => gzipSync(body).length));
        }),
    });
    await page.getByText("ANY /SecureBackendFunction").first().waitFor();
    const sizes = await Promise.all(scripts);
    const sum = sizes.reduce((total, size) => total + size, 0);
    expect(sum).toBeGreaterThan(10_000);
    expect(sum).toBeLessThanOrEqual(120_000);
    // A machine that does other things meanwhile is not what is measured: the best of some loads is.
    const paints: number[] = [];
    for (let load = 0; load < 5 && Math.min(...paints, Infinity) > 300; load++) {
      if (load > 0) await page.reload();
      paints.push(await firstPaint(page));
    }
    expect(Math.min(...paints)).toBeLessThanOrEqual(300);
    console.info(
      `first load: ${(sum / 1000).toFixed(1)} KB of JavaScript, first contentful paint after ${paints.map(Math.round).join(", ")} ms`,
    );
  });

  it.each(["/", "/access-log", "/audit", "/try", "/infrastructure"])(
    "moves nothing that is seen when the data of %s arrives",
    async (address) => {
      const page = await open(address);
      await page.locator("tbody tr, .space .row, .resource, .events .state p, .operation h2").first().waitFor();
      await page.waitForTimeout(300);
      const shifts = await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            let sum = 0;
            new PerformanceObserver((list) => {
              for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value;
            }).observe({ type: "layout-shift", buffered: true });
            setTimeout(() => resolve(sum), 100);
          }),
      );
      expect(shifts).toBeLessThan(0.05); // 0.1 is what https://web.dev/articles/cls calls good
    },
  );

  it("signs in with PKCE, comes back to where one was, keeps the token in memory, and signs out", async () => {
    const page = await open("/access-log?status=4xx", { token: undefined });
    await page.getByText("You are not signed in").waitFor();
    await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("User name").fill("grace");
    const asked = new URL(page.url()).searchParams;
    expect([
      asked.get("response_type"),
      asked.get("code_challenge_method"),
      asked.get("code_challenge")?.length,
    ]).toEqual(["code", "S256", 43]);
    await page.getByLabel("operators").check();
    await page.getByRole("textbox", { name: "Tenant" }).fill("tenant:acme");
    await page.getByRole("button", { name: /Sign in/ }).click();
    await page.waitForURL(`${world.consoleUrl}/access-log?status=4xx`);
    await page.getByText("grace").waitFor();
    await page.locator(".space .row").first().waitFor();
    const kept = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    );
    expect(kept).not.toMatch(/eyJ|refresh_token|access_token/);
    await page.getByText("grace").click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(`${world.consoleUrl}/`);
    await page.getByText("You are not signed in").waitFor();
  });

  it("shows the traffic, and leads from a route to its requests", async () => {
    const page = await open("/");
    await page.getByRole("img", { name: /^Requests over time: 3\d\d in all/ }).waitFor();
    expect(await page.locator(".chart canvas").count()).toBe(3);
    await page.getByText("not-found", { exact: true }).waitFor();
    await page
      .locator(".u-over")
      .first()
      .hover({ position: { x: 200, y: 60 } });
    await page
      .locator(".readout", { hasText: /answered {2}\d/ })
      .first()
      .waitFor();
    await page.getByRole("button", { name: "24 h" }).click();
    expect(page.url()).toContain("range=24h");
    await page.getByRole("link", { name: "POST /events", exact: true }).click();
    await page.waitForURL(/\/access-log\?range=24h&route=POST/);
    await page.locator(".space .row").first().waitFor();
    const methods = await page.locator(".space .row [role=cell]:nth-child(3)").allTextContents();
    expect(new Set(methods)).toEqual(new Set(["POST"]));
  });

  it("is live: a request is there seconds after it was answered", async () => {
    const page = await open("/access-log");
    await page.locator(".space .row").first().waitFor();
    const { headers } = await fetch(`${world.apiUrl}/SecureBackendFunction`);
    await page.locator(`.space a[href*="${encodeURIComponent(headers.get("apigw-requestid") ?? "?")}"]`).waitFor();
  });

  it("opens a request by keyboard alone, says why it was refused, and gives the focus back", async () => {
    const page = await open("/access-log?live=off&status=4xx");
    const row = page.locator(".space .row a").first();
    await row.focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/^Refused by/).waitFor();
    await dialog.getByText("API Gateway's id of the request").waitFor();
    expect(page.url()).toContain("request=");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(page.url()).not.toContain("request=");
    const focused = () =>
      page.evaluate(
        () =>
          document.activeElement?.closest("[data-row]")?.getAttribute("data-row") ??
          document.activeElement?.outerHTML.slice(0, 80),
      );
    await expect.poll(focused).toBe("1");
  });

  it("shows what callers say as text", async () => {
    const page = await open("/access-log?request=hostile%3D");
    await page.getByRole("dialog").getByText(HOSTILE).first().waitFor();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(await page.title()).not.toContain("pwned");
  });

  it("sends what one types, shows the answer, and finds its line in the access log and its records", async () => {
    const page = await open("/try?operation=recordEvents");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".answer .meta .status", { hasText: "201" }).waitFor();
    await page.locator(".line-box a").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("link", { name: "invoice.paid" }).waitFor();
    await dialog.getByText("/aws/lambda/RecordEvents-dev").waitFor();
    await dialog.getByText('"routeKey": "POST /events"').waitFor(); // what the function logged
    await dialog.getByRole("link", { name: "invoice.paid" }).click();
    await page.getByText("invoice:2026-0042").first().waitFor();
  });

  it("shows problem details with the part that is wrong", async () => {
    const page = await open("/try?operation=recordEvents");
    await page.getByLabel("Example").selectOption({ label: "A tenant in the body: 400" });
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".problem-box").getByText("/tenant").first().waitFor();
  });

  it("filters the audit trail, and exports what it shows", async () => {
    const page = await open("/audit?action=invoice.*");
    await page.locator("tbody tr").first().waitFor();
    await page.getByRole("button", { name: "Denied" }).click();
    await page.getByText("No event in this time").waitFor();
    await page.getByRole("button", { name: "Success" }).click();
    await page.locator("tbody tr").first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "CSV" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^audit-trail-.*\.csv$/);
    expect(readFileSync(await download.path(), "utf8")).toMatch(
      /^\ufeffid,recordedAt,.*\r\n\w{26},.*,invoice\.paid,success,user:ada,/,
    );
  });

  it("shows the infrastructure, and what is not simulated", async () => {
    const page = await open("/infrastructure", { token: undefined });
    await page.getByLabel("Find a resource").fill("table");
    await page.getByText("aws:dynamodb/table:Table").waitFor();
    await page.getByText("expiry of items").waitFor();
  });

  it.each<[string, object, string, string]>([
    ["a group", { ...ALL, groups: ["tenant:acme"] }, "/", "The caller is not in the group operators."],
    ["a scope", { ...ALL, scopes: ["audit/read"] }, "/access-log", "The token lacks the scope traffic/read"],
    ["a tenant", { ...ALL, groups: ["operators"] }, "/audit", "The caller is in no tenant"],
  ])("says that %s is missing", async (_title, token, address, words) => {
    const page = await open(address, { token });
    await page.getByText("You may not see this").waitFor();
    await page.getByRole("alert").getByText(words).waitFor();
    complaints.length = 0; // API Gateway refuses without CORS headers
  });

  it.each([
    "/",
    "/access-log?live=off",
    "/access-log?live=off&request=hostile%3D",
    "/audit",
    "/try?operation=listEvents",
    "/infrastructure",
  ])("has no serious finding of axe at %s, and fits a phone", async (address) => {
    for (const [colorScheme, width] of [
      ["light", 1280],
      ["dark", 390],
    ] as const) {
      const page = await open(address, {
        context: { colorScheme, viewport: { width, height: 844 } },
        before: (opened) => opened.addInitScript(axe),
      });
      await page.locator("tbody tr, .space .row, .operation h2, .resource").first().waitFor();
      expect(await findings(page)).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      await page.context().close();
    }
  });

  it("has no serious finding of axe where nobody is signed in, and in the dialog that mints a token", async () => {
    const page = await open("/", { token: undefined, before: (opened) => opened.addInitScript(axe) });
    await page.getByText("You are not signed in").waitFor();
    expect(await findings(page)).toEqual([]);
    await page.getByRole("button", { name: "Token at a click" }).first().click();
    await page.getByRole("dialog").getByRole("button", { name: "Get the token" }).waitFor();
    expect(await findings(page)).toEqual([]);
  });

  it("scrolls through 100,000 rows without a task of 50 ms", async () => {
    const PAGE = 20_000;
    const page = await open("/access-log?live=off", {
      before: async (opened) => {
        await opened.route(/\/access-log\?from/, (route) => {
          const at = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
          return route.fulfill({
            json: answerOf(at, PAGE),
            headers: { "access-control-allow-origin": "*", "access-control-allow-headers": "*" },
          });
        });
      },
    });
    const scroller = page.locator(".scroller");
    for (let pages = 1; pages <= 5; pages++) {
      await page.getByText(`${(pages * PAGE).toLocaleString("en")} requests`).waitFor();
      await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    }
    await page.waitForTimeout(300);
    const longest = await scroller.evaluate(async (element) => {
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
    });
    expect(longest.whileBlocked).toBeGreaterThan(50); // it would have been seen
    expect(longest.whileScrolling).toBeLessThanOrEqual(50);
    expect(await page.locator(".space .row").count()).toBeLessThan(100);
  });

  it("says what is wrong with its configuration", async () => {
    const page = await open("/", {
      token: undefined,
      before: async (opened) =>
        void (await opened.route("**/runtime/config.json", (route) => route.fulfill({ body: "<!doctype html>" }))),
    });
    await page.getByText("/runtime/config.json is not a JSON object.").waitFor();
  });

  it("says that it was refused where the stage's CORS does not know it", async () => {
    const other = await startWorld({ allowed: false });
    try {
      const page = await open("/", { at: other });
      await page.getByText("Refused, see the access log").waitFor();
      expect(complaints.some((complaint) => complaint.includes("CORS policy"))).toBe(true);
      complaints.length = 0;
    } finally {
      await other.stop();
    }
  });
});

interface Opening {
  token?: object | undefined;
  context?: BrowserContextOptions;
  before?(page: Page): unknown;
  at?: { consoleUrl: string };
}

/** A page of its own, with a token at a click unless it says otherwise. */
async function open(address: string, { context = {}, before, at = world, ...rest }: Opening = {}): Promise<Page> {
  if (typeof browser === "string") throw new Error(browser);
  const token = "token" in rest ? rest.token : ALL;
  const opened = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 }, ...context });
  const page = await opened.newPage();
  page.setDefaultTimeout(8000);
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

/** What axe finds serious, with the elements it means. */
function findings(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run();
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    return serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
  });
}

/** Milliseconds from the start of the navigation. */
function firstPaint(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          for (const { startTime } of list.getEntriesByName("first-contentful-paint")) resolve(startTime);
        }).observe({ type: "paint", buffered: true });
      }),
  );
}

function answerOf(at: number, length: number) {
  const items = Array.from({ length }, (_, index) => ({
    requestId: `r${at + index}`,
    requestTimeEpoch: now - (at + index) * 10,
    status: 200,
    responseLength: 100,
    responseLatency: 5,
    httpMethod: "GET",
    path: "/dev/events",
  }));
  const isLast = at + length >= 100_000;
  const iso = new Date(now).toISOString();
  return {
    from: iso,
    to: iso,
    items,
    unparseableLines: 0,
    readFrom: iso,
    complete: isLast,
    insightsQuery: "fields @message",
    ...(!isLast && { cursor: `${at + length}` }),
  };
}
