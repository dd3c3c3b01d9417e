import type { AccessLogEntry } from "@backend/platform/access-log/entry";
import { isoInstant } from "@backend/platform/epoch";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";

import { entries } from "./entries";
import { describeInBrowser, HIDDEN_RESPONSE, poll } from "./harness";
import { ADA } from "./world";

const HOUR = 60 * 60 * 1000;
const now = Date.now();
const HOSTILE = '<img src=x onerror="document.title=`pwned`"><script>alert(1)</script>';
const [first] = entries(1, now - 2 * HOUR, now - HOUR) as [AccessLogEntry];
const entryWith = (requestId: string, ago: number, fields: object = {}) => ({
  ...first,
  requestId,
  requestTimeEpoch: now - ago,
  ...fields,
});
const hostile = entryWith("hostile=", 90_000, { path: `/dev/${HOSTILE}`, userAgent: HOSTILE });
const oldest = entryWith("oldest=", HOUR / 2, { path: "/dev/the-oldest" });

await describeInBrowser(
  "traffic and access log in a browser, with the real backend",
  { log: [oldest, ...entries(300, now - HOUR / 2 + 1000, now - 120_000), hostile] },
  ({ world, open, allowErrors }) => {
    it("shows the traffic, and links a route to its requests", async () => {
      const page = await open("/");
      await page.getByRole("img", { name: /^Requests over time: 3\d\d total/ }).waitFor();
      expect(await page.locator(".chart canvas").count()).toBe(3);
      await page.getByText("404 No matching route").waitFor();
      await page
        .locator(".u-over")
        .first()
        .hover({ position: { x: 200, y: 60 } });
      await page
        .locator(".readout", { hasText: /2xx\/3xx {2}\d/ })
        .first()
        .waitFor();
      await page.getByRole("button", { name: "24h" }).click();
      expect(page.url()).toContain("range=24h");
      await page.getByRole("link", { name: "POST /events", exact: true }).click();
      await page.waitForURL(/\/access-log\?range=24h&route=POST/);
      await page.locator(".space .row").first().waitFor();
      const methods = await page.locator(".space .row [role=cell]:nth-child(3)").allTextContents();
      expect(new Set(methods)).toEqual(new Set(["POST"]));
    });

    it("shows the bucket under the pointer in all charts, and opens its requests", async () => {
      const from = Math.floor((now - HOUR / 2) / 60_000) * 60_000;
      const range = { from: isoInstant(from), to: isoInstant(from + 600_000) };
      const page = await open(`/?${new URLSearchParams(range)}`);
      const times = page.locator(".values tbody time");
      await times.first().waitFor({ state: "attached" });
      const starts = await times.evaluateAll((all) => all.map((one) => Date.parse((one as HTMLTimeElement).dateTime)));
      expect(starts.length).toBe(10);
      const plot = page.locator(".u-over").first();
      const { width = 0 } = (await plot.boundingBox()) ?? {};
      const titles = () => page.locator(".readout div:first-child").allTextContents();
      for (const at of [0.1, 0.9, 4.9, 9.1, 9.9]) {
        await plot.hover({ position: { x: (width * at) / 10, y: 60 } });
        const time = new Date(starts[Math.floor(at)] ?? 0).toTimeString().slice(0, 5);
        await expect.poll(titles).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(` ${time}$`)));
      }
      await plot.click({ position: { x: (width * 4.9) / 10, y: 60 } });
      await page.waitForURL(/\/access-log\?/);
      const shown = new URL(page.url()).searchParams;
      const [start = 0, end = 0] = starts.slice(4);
      expect([shown.get("from"), shown.get("to")]).toEqual([isoInstant(start), isoInstant(end)]);
    });

    it("names UTC days as such, repeats no label, and shows values on touch", async () => {
      const day = 24 * HOUR;
      const today = now - (now % day);
      const page = await open("/?range=30d", {
        context: { timezoneId: "America/Los_Angeles", hasTouch: true },
        viewport: { width: 390, height: 844 },
        before: async (opened) => {
          await opened.addInitScript(recordCanvasTexts);
          await serveTraffic(opened, "day", today - 29 * day, 30);
        },
      });
      const rows = page.locator(".values tbody tr");
      await rows.nth(29).waitFor({ state: "attached" });
      for (const labels of await timeLabels(page)) {
        expect(labels.length).toBeGreaterThan(2);
        for (const label of labels) expect(label).toMatch(/^\d\d [A-Z][a-z]+$/);
      }
      const plot = page.locator(".u-over").first();
      await plot.scrollIntoViewIfNeeded();
      const { width = 0 } = (await plot.boundingBox()) ?? {};
      await plot.tap({ position: { x: width - 3, y: 60 } });
      const name = new Date(today).toLocaleDateString("en-GB", { month: "short", day: "2-digit", timeZone: "UTC" });
      await page
        .locator(".readout", { hasText: `${name} UTC` })
        .first()
        .waitFor();
      expect(page.url()).toContain("/?range=30d");

      await page.unrouteAll();
      await serveTraffic(page, "minute", today, 3);
      await page.getByRole("button", { name: "15m" }).click();
      await expect.poll(() => rows.count()).toBe(3);
      for (const labels of await timeLabels(page)) {
        expect(labels.length).toBeGreaterThan(1);
        expect(new Set(labels).size).toBe(labels.length);
      }
    });

    it("keeps the time range, and leads from each number to its requests", async () => {
      const page = await open("/?range=6h");
      await page.getByRole("img", { name: /^Requests over time: 3\d\d total/ }).waitFor();
      const hrefOf = (name: string) => page.getByRole("link", { name, exact: true }).first().getAttribute("href");
      expect(await hrefOf("Audit trail")).toBe("/audit?range=6h");
      expect(await hrefOf("Try it")).toBe("/try?range=6h");
      expect(await hrefOf("Requests")).toBe("/access-log?range=6h");
      expect(await hrefOf("5xx errors")).toBe("/access-log?range=6h&status=5xx");
      expect(await hrefOf("No matching route")).toBe("/access-log?range=6h&route=-");
      const route = page.getByRole("row").filter({ hasText: "GET /events/{id}" });
      expect(await route.getByRole("link").nth(1).getAttribute("href")).toMatch(/&route=GET.*&status=4xx$/);
      for (const title of ["203.0.113.7", "429 Rate limited"]) {
        const item = page.getByRole("listitem").filter({ hasText: title });
        const number = await item.locator("b").textContent();
        await item.getByRole("link").click();
        await expect
          .poll(() => page.locator(".bar-foot").textContent())
          .toMatch(new RegExp(`^${number} requests?(?! since)`));
        await page.goBack();
      }
    });

    it("shows a single status as the chosen one", async () => {
      const page = await open("/access-log?status=404");
      await page.getByRole("button", { name: "404", pressed: true }).waitFor();
      await page.getByRole("button", { name: "4xx" }).click();
      await page.getByRole("button", { name: "404" }).waitFor({ state: "detached" });
    });

    it("searches older entries automatically for a text that the newest ones lack", async () => {
      const page = await open("/access-log?live=off&text=the-oldest");
      await page.locator(".space .row", { hasText: "/dev/the-oldest" }).waitFor();
      await page.getByLabel("Search").fill("nowhere");
      await page.getByText("No requests match these filters").waitFor();
      await page.getByRole("button", { name: "Clear filters" }).click();
      await page.locator(".space .row").first().waitFor();
      expect(page.url()).not.toContain("text=");
    });

    it("is live: shows a request seconds after its response", async () => {
      const page = await open("/access-log", { before: (opened) => opened.clock.install() });
      await page.locator(".space .row").first().waitFor();
      const { headers } = await fetch(`${world().apiUrl}/SecureBackendFunction`);
      await poll(page);
      await page.locator(`.space a[href*="${encodeURIComponent(headers.get("apigw-requestid") ?? "?")}"]`).waitFor();
    });

    it("opens a request with the keyboard, explains why it was rejected, and restores the focus", async () => {
      const page = await open("/access-log?live=off&status=4xx");
      const row = page.locator(".space .row a").first();
      await row.focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      const dialog = page.getByRole("dialog");
      await dialog.getByText(/^Rejected by/).waitFor();
      await dialog.getByText("requestTimeEpoch").waitFor();
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

    it("shows input of callers as plain text", async () => {
      const page = await open("/access-log?request=hostile%3D");
      await page.getByRole("dialog").getByText(HOSTILE).first().waitFor();
      expect(await page.locator('img[src="x"]').count()).toBe(0);
      expect(await page.title()).not.toContain("pwned");
    });

    it("keeps typed text while it is live", async () => {
      const page = await open("/access-log", { before: (opened) => opened.clock.install() });
      const nextPoll = (path: RegExp) => Promise.all([page.waitForResponse(path), poll(page)]);
      await page.locator(".space .row").first().waitFor();
      await page.getByLabel("Route").pressSequentially("GET /ev");
      for (let polls = 0; polls < 2; polls++) await nextPoll(/\/access-log\?/);
      await page.locator(".space .row").first().waitFor();
      expect(await page.getByLabel("Route").inputValue()).toBe("GET /ev");
      await page.goto(`${world().consoleUrl}/`);
      await page.getByText("Custom range").click();
      await page.getByLabel("Start").fill("2026-11-01T10:00");
      for (let polls = 0; polls < 2; polls++) await nextPoll(/\/traffic\?/);
      expect(await page.getByLabel("Start").inputValue()).toBe("2026-11-01T10:00");
    });

    it("inserts late entries where they belong, and counts unparseable lines", async () => {
      const start = Date.now();
      const mine = (id: string, ago: number) =>
        entryWith(id, ago, { path: "/dev/mine", requestTimeEpoch: start - ago });
      world().append(mine("second=", 5000), mine("fourth=", 15_000));
      const page = await open("/access-log?text=mine", { before: (opened) => opened.clock.install() });
      const ids = () =>
        page
          .locator(".space .row a")
          .evaluateAll((links) =>
            (links as HTMLAnchorElement[]).map((link) => new URL(link.href).searchParams.get("request")),
          );
      await expect.poll(ids).toEqual(["second=", "fourth="]);
      world().append(mine("first=", 0), mine("third=", 10_000), "not JSON {");
      await poll(page);
      await expect.poll(ids).toEqual(["first=", "second=", "third=", "fourth="]);
      await page.getByText("1+ entry couldn't be parsed").waitFor();
    });

    it("keeps the scroll position and the focus while rows arrive and keys move it", async () => {
      const page = await open("/access-log", { before: (opened) => opened.clock.install() });
      const row = page.locator(".space .row a").nth(3);
      await row.focus();
      const focused = () => page.evaluate(() => (document.activeElement as HTMLAnchorElement | null)?.href ?? "");
      const place = () =>
        page.evaluate(() => Number(document.activeElement?.closest("[data-row]")?.getAttribute("data-row")));
      const before = await focused();
      const top = async () => (await page.locator(":focus").boundingBox())?.y;
      const seenAt = await top();
      const soon = Date.now() + 1000;
      world().append(
        ...Array.from({ length: 60 }, (_, at) => entryWith(`more${at}=`, 0, { requestTimeEpoch: soon + at })),
      );
      await poll(page);
      await expect.poll(place).toBeGreaterThan(60);
      expect(await focused()).toBe(before);
      expect(Math.abs(((await top()) ?? 0) - (seenAt ?? 0))).toBeLessThan(32 * 3); // the row was near the top
      const at = await place();
      for (const key of ["PageDown", "PageDown", "PageDown", "ArrowDown"]) await page.keyboard.press(key);
      await expect.poll(place).toBeGreaterThan(at + 30);
      await page.keyboard.press("Home");
      await expect.poll(place).toBe(0);
      await page.keyboard.press("End");
      await expect.poll(place).toBeGreaterThan(at + 30);
    });

    it("restores the focus to a row that new rows have moved while it was open", async () => {
      const page = await open("/access-log", { before: (opened) => opened.clock.install() });
      await page.locator(".space .row a").first().focus();
      const before = await page.evaluate(() => (document.activeElement as HTMLAnchorElement).href);
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      const soon = Date.now() + 1000;
      world().append(
        ...Array.from({ length: 60 }, (_, at) => entryWith(`push${at}=`, 0, { requestTimeEpoch: soon + at })),
      );
      await poll(page);
      await expect
        .poll(() =>
          page.locator(".space .row").evaluateAll((rows) => rows.map((one) => Number(one.getAttribute("data-row")))),
        )
        .toEqual(expect.arrayContaining([60]));
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLAnchorElement).href)).toBe(before);
    });

    it("scrolls to the newest entry after a change of filters", async () => {
      const page = await open("/access-log?live=off");
      await page.locator(".space .row").first().waitFor();
      await page.locator(".scroller").evaluate((element) => element.scrollTo(0, 60 * 32));
      await page.getByRole("button", { name: "2xx" }).click();
      await expect.poll(() => page.locator(".scroller").evaluate((element) => element.scrollTop)).toBe(0);
      await page.locator('[data-row="0"]').waitFor();
    });

    it("requests the times that the form shows", async () => {
      const page = await open("/?live=off");
      await page.getByText("Custom range").click();
      await page.getByLabel("Start").fill("2026-01-01T10:00");
      await page.keyboard.press("Escape");
      await page.getByText("Custom range").click();
      await expect.poll(() => page.getByLabel("Start").inputValue()).not.toBe("2026-01-01T10:00");
      const shown = await page.getByLabel("Start").inputValue();
      await page.getByRole("button", { name: "Apply" }).click();
      await page.waitForURL(/from=/);
      const from = new URL(page.url()).searchParams.get("from") ?? "";
      expect(await page.evaluate((text) => new Date(text).getTime(), shown)).toBe(Date.parse(from));
    });

    it("shows no rows of earlier filters if the new ones can't be loaded", async () => {
      const page = await open("/access-log", { before: (opened) => opened.clock.install() });
      await page.locator(".space .row .status", { hasText: "200" }).first().waitFor();
      await page.route(/status=4xx/, (route) => route.abort(), { times: 1 });
      await Promise.all([page.waitForEvent("requestfailed"), page.getByRole("button", { name: "4xx" }).click()]);
      await poll(page); // retries automatically
      await page.locator(".space .row .status", { hasText: "404" }).first().waitFor();
      expect(await page.locator(".space .row .status", { hasText: "200" }).count()).toBe(0);
      allowErrors(HIDDEN_RESPONSE);
    });

    it("goes back past a drawer that was opened and closed", async () => {
      const page = await open("/access-log?live=off");
      await page.getByRole("button", { name: "4xx" }).click();
      await page.locator(".space .row a").first().click();
      await page.getByRole("dialog").waitFor();
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape"); // goes back only once
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.waitForURL(/status=4xx$/);
      await page.goBack();
      await page.waitForURL(/live=off$/);
      expect(await page.getByRole("dialog").count()).toBe(0);
    });

    it("stops polling without access", async () => {
      let requests = 0;
      const page = await open("/", {
        token: { ...ADA, groups: [] },
        before: async (opened) => {
          await opened.clock.install();
          opened.on("request", (request) => {
            if (/\/traffic\?/.test(request.url()) && request.method() === "GET") requests++;
          });
        },
      });
      await page.getByText("You don't have access").waitFor();
      await page.clock.runFor(20_000); // four polling intervals
      expect(requests).toBe(1);
    });

    it("shows the traffic of an API that is slower than the polling interval", async () => {
      const page = await open("/", {
        before: async (opened) => {
          await opened.clock.install();
          await opened.route(/\/traffic\?/, async (route) => {
            await opened.clock.fastForward(6000);
            await opened.evaluate(() => {}); // lets an abort run
            await route.continue().catch(() => {}); // the page may have aborted it
          });
        },
      });
      await page.getByRole("img", { name: /^Requests over time: \d{3} total/ }).waitFor();
    });

    it("hides the data of one caller from the next", async () => {
      const page = await open("/");
      await page.getByRole("img", { name: /^Requests over time: \d{3} total/ }).waitFor();
      await page.route(/\/traffic\?/, (route) =>
        route.fulfill({ status: 500, json: {}, headers: { "access-control-allow-origin": "*" } }),
      );
      await page.getByRole("group").getByText(ADA.user, { exact: true }).click();
      await page.getByRole("button", { name: "Switch test identity" }).click();
      await page.getByLabel("User name").fill("eve");
      await page.getByRole("button", { name: "Get token" }).click();
      await page.getByRole("group").getByText("eve", { exact: true }).waitFor();
      // The chart is empty until eve's response arrives.
      expect(await page.getByRole("img", { name: /^Requests over time: [1-9]/ }).count()).toBe(0);
      await page.getByText("Server error (500)").waitFor();
      allowErrors(/status of 500/);
    });
  },
);

/** Runs in the page: keeps the texts on each canvas, such as the labels of an axis. */
function recordCanvasTexts(): void {
  const texts = new Map<HTMLCanvasElement, string[]>();
  Object.assign(globalThis, { canvasTexts: texts });
  const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...parameters) {
    texts.set(this.canvas, []);
    clearRect.apply(this, parameters);
  };
  CanvasRenderingContext2D.prototype.fillText = function (...parameters) {
    texts.get(this.canvas)?.push(parameters[0]);
    fillText.apply(this, parameters);
  };
}

/** Returns the labels of the time axes: one list for each chart. */
async function timeLabels(page: Page): Promise<string[][]> {
  const drawn = await page.evaluate(() => {
    const { canvasTexts } = globalThis as unknown as { canvasTexts: Map<HTMLCanvasElement, string[]> };
    return [...canvasTexts].flatMap(([canvas, texts]) => (canvas.isConnected ? [texts] : []));
  });
  return drawn.map((texts) => texts.filter((text) => /\d:\d\d|\d [A-Z]/.test(text)));
}

/** Responds with traffic of one request per bucket. */
async function serveTraffic(page: Page, granularity: "minute" | "day", from: number, buckets: number): Promise<void> {
  const length = granularity === "day" ? 24 * HOUR : 60_000;
  const figures = { requests: 1, clientErrors: 0, serverErrors: 0, errorRate: 0, bytes: 0 };
  await page.route(/\/traffic\?/, (route) =>
    route.fulfill({
      json: {
        from: isoInstant(from),
        to: isoInstant(from + buckets * length),
        granularity,
        totals: { ...figures, requests: buckets },
        routes: [],
        callers: [],
        otherCallers: { requests: 0, clientErrors: 0, serverErrors: 0 },
        refusals: {},
        unparseableLines: 0,
        series: Array.from({ length: buckets }, (_, at) => ({ start: isoInstant(from + at * length), ...figures })),
      },
      headers: { "access-control-allow-origin": "*", "access-control-allow-headers": "*" },
    }),
  );
}
