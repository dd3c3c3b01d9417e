import type { AccessLogEntry } from "@backend/platform/access-log/entry";
import { expect, it } from "vitest";

import { entries } from "./entries";
import { describeInBrowser, KEPT_FROM_PAGE, lookAgain } from "./harness";
import { ADA } from "./world";

const HOUR = 60 * 60 * 1000;
const now = Date.now();
const HOSTILE = '<img src=x onerror="document.title=`pwned`"><script>alert(1)</script>';
const [first] = entries(1, now - 2 * HOUR, now - HOUR) as [AccessLogEntry];
const lineOf = (requestId: string, ago: number, fields: object = {}) => ({
  ...first,
  requestId,
  requestTimeEpoch: now - ago,
  ...fields,
});
const hostile = lineOf("hostile=", 90_000, { path: `/dev/${HOSTILE}`, userAgent: HOSTILE });
const oldest = lineOf("oldest=", HOUR / 2, { path: "/dev/the-oldest" });

await describeInBrowser(
  "traffic and access log, in a browser, before the real backend",
  { log: [oldest, ...entries(300, now - HOUR / 2 + 1000, now - 120_000), hostile] },
  ({ world, open, forgive }) => {
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

    it("reads further back by itself for a text that the newest requests have not got", async () => {
      const page = await open("/access-log?live=off&text=the-oldest");
      await page.locator(".space .row", { hasText: "/dev/the-oldest" }).waitFor();
      await page.getByLabel("Text in any field").fill("nowhere");
      await page.getByText("No request in this time that fits the filters").waitFor();
    });

    it("is live: a request is there seconds after it was answered", async () => {
      const page = await open("/access-log", { before: (opened) => opened.clock.install() });
      await page.locator(".space .row").first().waitFor();
      const { headers } = await fetch(`${world().apiUrl}/SecureBackendFunction`);
      await lookAgain(page);
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

    it("keeps what one types while it is live", async () => {
      const page = await open("/access-log", { before: (opened) => opened.clock.install() });
      const look = (path: RegExp) => Promise.all([page.waitForResponse(path), lookAgain(page)]);
      await page.locator(".space .row").first().waitFor();
      await page.getByLabel("Route").pressSequentially("GET /ev");
      for (let looks = 0; looks < 2; looks++) await look(/\/access-log\?/);
      await page.locator(".space .row").first().waitFor();
      expect(await page.getByLabel("Route").inputValue()).toBe("GET /ev");
      await page.goto(`${world().consoleUrl}/`);
      await page.getByText("From, to").click();
      await page.getByLabel("From").fill("2026-11-01T10:00");
      for (let looks = 0; looks < 2; looks++) await look(/\/traffic\?/);
      expect(await page.getByLabel("From").inputValue()).toBe("2026-11-01T10:00");
    });

    it("puts what came late where it belongs, and counts lines that cannot be read", async () => {
      const start = Date.now();
      const mine = (id: string, ago: number) => lineOf(id, ago, { path: "/dev/mine", requestTimeEpoch: start - ago });
      world().append(mine("second=", 5000), mine("fourth=", 15_000));
      const page = await open("/access-log?text=mine", { before: (opened) => opened.clock.install() });
      const ids = () =>
        page
          .locator(".space .row a")
          .evaluateAll((links) =>
            (links as HTMLAnchorElement[]).map((link) => new URL(link.href).searchParams.get("request")),
          );
      await expect.poll(ids).toEqual(["second=", "fourth="]);
      world().append(mine("first=", 0), mine("third=", 10_000), "no JSON {");
      await lookAgain(page);
      await expect.poll(ids).toEqual(["first=", "second=", "third=", "fourth="]);
      await page.getByText("At least 1 line cannot be read").waitFor();
    });

    it("keeps one's place, and the focus on a row that goes out of sight, by new rows and by keys", async () => {
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
        ...Array.from({ length: 60 }, (_, at) => lineOf(`more${at}=`, 0, { requestTimeEpoch: soon + at })),
      );
      await lookAgain(page);
      await expect.poll(place).toBeGreaterThan(60);
      expect(await focused()).toBe(before);
      expect(Math.abs(((await top()) ?? 0) - (seenAt ?? 0))).toBeLessThan(32 * 3); // it was at the top before
      const at = await place();
      for (const key of ["PageDown", "PageDown", "PageDown", "ArrowDown"]) await page.keyboard.press(key);
      await expect.poll(place).toBeGreaterThan(at + 30);
      await page.keyboard.press("Home");
      await expect.poll(place).toBe(0);
      await page.keyboard.press("End");
      await expect.poll(place).toBeGreaterThan(at + 30);
    });

    it("gives the focus back to a row that new ones have pushed away while it was open", async () => {
      const page = await open("/access-log", { before: (opened) => opened.clock.install() });
      await page.locator(".space .row a").first().focus();
      const before = await page.evaluate(() => (document.activeElement as HTMLAnchorElement).href);
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      const soon = Date.now() + 1000;
      world().append(
        ...Array.from({ length: 60 }, (_, at) => lineOf(`push${at}=`, 0, { requestTimeEpoch: soon + at })),
      );
      await lookAgain(page);
      await expect
        .poll(() =>
          page.locator(".space .row").evaluateAll((rows) => rows.map((one) => Number(one.getAttribute("data-row")))),
        )
        .toEqual(expect.arrayContaining([60]));
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLAnchorElement).href)).toBe(before);
    });

    it("begins a list of other filters at its newest", async () => {
      const page = await open("/access-log?live=off");
      await page.locator(".space .row").first().waitFor();
      await page.locator(".scroller").evaluate((element) => element.scrollTo(0, 60 * 32));
      await page.getByRole("button", { name: "2xx" }).click();
      await expect.poll(() => page.locator(".scroller").evaluate((element) => element.scrollTop)).toBe(0);
      await page.locator('[data-row="0"]').waitFor();
    });

    it("asks for the times that it shows", async () => {
      const page = await open("/?live=off");
      await page.getByText("From, to").click();
      await page.getByLabel("From").fill("2026-01-01T10:00");
      await page.keyboard.press("Escape");
      await page.getByText("From, to").click();
      await expect.poll(() => page.getByLabel("From").inputValue()).not.toBe("2026-01-01T10:00");
      const shown = await page.getByLabel("From").inputValue();
      await page.getByRole("button", { name: "Show" }).click();
      await page.waitForURL(/from=/);
      const from = new URL(page.url()).searchParams.get("from") ?? "";
      expect(await page.evaluate((text) => new Date(text).getTime(), shown)).toBe(Date.parse(from));
    });

    it("shows no rows of other filters where those of the chosen ones cannot be read", async () => {
      const page = await open("/access-log", { before: (opened) => opened.clock.install() });
      await page.locator(".space .row .status", { hasText: "200" }).first().waitFor();
      await page.route(/status=4xx/, (route) => route.abort(), { times: 1 });
      await Promise.all([page.waitForEvent("requestfailed"), page.getByRole("button", { name: "4xx" }).click()]);
      await lookAgain(page); // asks again by itself
      await page.locator(".space .row .status", { hasText: "404" }).first().waitFor();
      expect(await page.locator(".space .row .status", { hasText: "200" }).count()).toBe(0);
      forgive(KEPT_FROM_PAGE);
    });

    it("goes back over what was opened and closed", async () => {
      const page = await open("/access-log?live=off");
      await page.getByRole("button", { name: "4xx" }).click();
      await page.locator(".space .row a").first().click();
      await page.getByRole("dialog").waitFor();
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape"); // goes back once all the same
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.waitForURL(/status=4xx$/);
      await page.goBack();
      await page.waitForURL(/live=off$/);
      expect(await page.getByRole("dialog").count()).toBe(0);
    });

    it("asks no more where one may not see it", async () => {
      let asked = 0;
      const page = await open("/", {
        token: { ...ADA, groups: [] },
        before: async (opened) => {
          await opened.clock.install();
          opened.on("request", (request) => {
            if (/\/traffic\?/.test(request.url()) && request.method() === "GET") asked++;
          });
        },
      });
      await page.getByText("You may not see this").waitFor();
      await page.clock.runFor(20_000); // four times as long as between two looks
      expect(asked).toBe(1);
    });

    it("shows the traffic of an API that takes longer to answer than there is between two looks", async () => {
      const page = await open("/", {
        before: async (opened) => {
          await opened.clock.install();
          await opened.route(/\/traffic\?/, async (route) => {
            await opened.clock.fastForward(6000);
            await opened.evaluate(() => {}); // what gives it up has run
            await route.continue().catch(() => {}); // as the page may have done
          });
        },
      });
      await page.getByRole("img", { name: /^Requests over time: \d{3} in all/ }).waitFor();
    });

    it("shows nobody what another one has seen", async () => {
      const page = await open("/");
      await page.getByRole("img", { name: /^Requests over time: \d{3} in all/ }).waitFor();
      await page.route(/\/traffic\?/, (route) =>
        route.fulfill({ status: 500, json: {}, headers: { "access-control-allow-origin": "*" } }),
      );
      await page.getByText(ADA.user, { exact: true }).click();
      await page.getByRole("button", { name: "Another token" }).click();
      await page.getByLabel("User name").fill("eve");
      await page.getByRole("button", { name: "Get the token" }).click();
      await page.getByText("eve", { exact: true }).waitFor();
      // Until eve's own response is there, the chart is empty.
      expect(await page.getByRole("img", { name: /^Requests over time: [1-9]/ }).count()).toBe(0);
      await page.getByText("Answered with 500").waitFor();
      forgive(/status of 500/);
    });
  },
);
