import { gzipSync } from "node:zlib";

import { expect, it } from "vitest";

import { entries } from "./entries";
import { describeInBrowser, findings } from "./harness";
import { ROWS_PER_PAGE, serveRows } from "./long-list";
import { expectAccessible, expectFiltersWithin, expectNoShift } from "./quality";

const HOUR = 60 * 60 * 1000;
const now = Date.now();

await describeInBrowser(
  "the console's quality in a browser",
  { log: entries(100, now - HOUR / 2, now - 120_000) },
  ({ open }) => {
    const PAGES = [
      ["/", ".columns tbody tr"],
      ["/access-log?live=off", ".space .row"],
      ["/try?operation=readTraffic", ".operation h2"],
      ["/infrastructure", ".resource"],
    ] as const;

    it.each(PAGES)(
      "%s has no layout shift and no serious accessibility finding, wide and narrow",
      async (address, ready) => {
        const page = await open(address, { viewport: { width: 390, height: 844 } });
        await expectNoShift(page, ready);
        await page.setViewportSize({ width: 1280, height: 844 });
        await page.reload();
        await expectNoShift(page, ready);
        await expectAccessible(page);
      },
    );

    it.each<[string, string]>([
      ["/access-log?live=off&status=4xx&drawer=request", "dialog .checks"],
      ["/infrastructure?drawer=resource", "dialog .lead"],
      ["/callback", '[role="alert"]'],
      ["/nowhere", ".state"],
    ])("%s has no serious accessibility finding, wide and narrow", async (address, ready) => {
      const page = await open(address);
      if (address.includes("drawer")) await page.locator(".space .row a, .resource a").first().click();
      await page.locator(ready).first().waitFor();
      await expectAccessible(page);
    });

    it("the latency and every filter are visible at any width", async () => {
      const page = await open("/access-log?live=off");
      for (const width of [1024, 900, 800, 761]) {
        await expectFiltersWithin(page, width);
        await page.locator(".space .row").first().waitFor();
        for (const element of [
          page.getByRole("columnheader", { name: "Latency" }),
          page.locator(".space .row .n").first(),
        ]) {
          const { x = 0, width: wide = 0 } = (await element.boundingBox()) ?? {};
          expect([wide > 50, x + wide <= width]).toEqual([true, true]);
        }
      }
    });

    it("the first page loads at most 120 KB of JavaScript", async () => {
      const scripts: Promise<number>[] = [];
      const page = await open("/", {
        before: (opened) =>
          opened.on("response", (response) => {
            if (/\.js$/.test(response.url())) scripts.push(response.body().then((body) => gzipSync(body).length));
          }),
      });
      await page.getByText("ANY /SecureBackendFunction").first().waitFor();
      const sum = (await Promise.all(scripts)).reduce((total, size) => total + size, 0);
      expect(sum).toBeGreaterThan(10_000);
      expect(sum).toBeLessThanOrEqual(120_000);
    });

    it("a long list has only its visible rows in the DOM", async () => {
      const page = await open("/access-log?live=off", { before: (opened) => serveRows(opened, 40_000) });
      await page.getByText(`${ROWS_PER_PAGE.toLocaleString("en")} requests`).waitFor();
      await page.locator(".scroller").evaluate((element) => element.scrollTo(0, element.scrollHeight));
      await page.getByText("40,000 requests").waitFor();
      expect(await page.locator(".space .row").count()).toBeLessThan(100);
    });

    it("the signed-out page, the token dialog and the set-up page have no serious accessibility finding", async () => {
      const page = await open("/", { token: undefined });
      await page.getByText("Sign in to continue").waitFor();
      expect(await findings(page)).toEqual([]);
      await page.getByRole("button", { name: "Use a test token" }).first().click();
      await page.getByRole("dialog").getByRole("button", { name: "Get token" }).waitFor();
      expect(await findings(page)).toEqual([]);
      await page.route("**/runtime/config.json", (route) => route.fulfill({ body: "" }));
      await page.reload();
      await page.getByRole("alert").waitFor();
      expect(await findings(page)).toEqual([]);
    });
  },
);
