import { expect, it } from "vitest";

import { entries } from "./entries";
import { describeInBrowser, findings, layoutShift } from "./harness";
import { PAID } from "./world";

const HOUR = 60 * 60 * 1000;
const now = Date.now();
const WIDTHS = [1280, 390];

await describeInBrowser(
  "what the console keeps to, in a browser, before the real backend",
  { log: entries(100, now - HOUR / 2, now - 120_000) },
  ({ world, open }) => {
    const PAGES = [
      ["/", ".columns tbody tr"],
      ["/access-log?live=off", ".space .row"],
      ["/audit", "tbody tr"],
      ["/try?operation=listEvents", ".operation h2"],
      ["/infrastructure", ".resource"],
    ] as const;

    it.each(PAGES.flatMap(([address, ready]) => WIDTHS.map((width) => [address, width, ready] as const)))(
      "moves nothing that is seen when the data of %s arrives, %d wide",
      async (address, width, ready) => {
        if (address === "/audit") await world().record(PAID);
        const page = await open(address, { context: { viewport: { width, height: 844 } } });
        await page.locator(ready).first().waitFor();
        await page.waitForTimeout(300); // what would move does so after it
        expect(await layoutShift(page)).toBeLessThan(0.05); // 0.1 is what https://web.dev/articles/cls calls good
      },
    );

    it.each<[string, string]>([
      ...PAGES.map(([address, ready]): [string, string] => [address, ready]),
      ["/access-log?live=off&status=4xx&drawer=request", "dialog .checks"],
      ["/audit?drawer=event", "dialog .fields"],
      ["/infrastructure?drawer=resource", "dialog .lead"],
      ["/callback", '[role="alert"]'],
      ["/nowhere", ".state"],
    ])(
      "has no serious finding of axe at %s, light and dark, wide and narrow, and fits a phone",
      async (address, ready) => {
        if (address.startsWith("/audit")) await world().record(PAID);
        const page = await open(address);
        if (address.includes("drawer")) await page.locator(".space .row a, tbody th a, .resource a").first().click();
        await page.locator(ready).first().waitFor();
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 844 });
          for (const colorScheme of ["light", "dark"] as const) {
            await page.emulateMedia({ colorScheme });
            expect(await findings(page)).toEqual([]);
          }
        }
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
      },
    );

    it.each([1024, 900, 800, 761])("shows the latency of a request and every filter, %d wide", async (width) => {
      const page = await open("/access-log?live=off", { context: { viewport: { width, height: 600 } } });
      await page.locator(".space .row").first().waitFor();
      for (const element of [
        page.getByRole("columnheader", { name: "Latency" }),
        page.locator(".space .row .n").first(),
      ]) {
        const { x = 0, width: wide = 0 } = (await element.boundingBox()) ?? {};
        expect([wide > 50, x + wide <= width]).toEqual([true, true]);
      }
      for (const address of ["/access-log?live=off", "/audit"]) {
        await page.goto(`${world().consoleUrl}${address}`);
        await page.locator(".filters").waitFor();
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
        const ends = await page
          .locator(".filters > *")
          .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right));
        expect(Math.max(...ends)).toBeLessThanOrEqual(width);
      }
    });

    it("has no serious finding of axe where nobody is signed in, in the dialog that mints a token, and without a configuration", async () => {
      const page = await open("/", { token: undefined });
      await page.getByText("You are not signed in").waitFor();
      expect(await findings(page)).toEqual([]);
      await page.getByRole("button", { name: "Token at a click" }).first().click();
      await page.getByRole("dialog").getByRole("button", { name: "Get the token" }).waitFor();
      expect(await findings(page)).toEqual([]);
      await page.route("**/runtime/config.json", (route) => route.fulfill({ body: "" }));
      await page.reload();
      await page.getByRole("alert").waitFor();
      expect(await findings(page)).toEqual([]);
    });
  },
);
