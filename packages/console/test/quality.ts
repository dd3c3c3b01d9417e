import type { Page } from "playwright-core";
import { expect } from "vitest";

import { findings, layoutShift } from "./harness";

// axe's default rules in the category "color":
// https://github.com/dequelabs/axe-core/blob/v4.14.1/doc/rule-descriptions.md
const COLOR_RULES = ["color-contrast", "link-in-text-block"];
const overflowOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

export async function expectNoShift(page: Page, ready: string): Promise<void> {
  await page.locator(ready).first().waitFor();
  expect(await layoutShift(page)).toBeLessThan(0.05); // 0.1 is good: https://web.dev/articles/cls
}

/**
 * Expects no serious finding of axe, and no horizontal scrolling. To save time, dark mode checks
 * only the colour rules, and the narrow window all others.
 */
export async function expectAccessible(page: Page): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 844 });
  await page.emulateMedia({ colorScheme: "light" });
  expect(await findings(page), "wide, light").toEqual([]);
  expect(await overflowOf(page), "wide").toBeLessThanOrEqual(0);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await findings(page, { only: COLOR_RULES }), "wide, dark").toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await findings(page, { without: COLOR_RULES }), "narrow").toEqual([]);
  expect(await overflowOf(page), "narrow").toBeLessThanOrEqual(0);
}

/** Expects every filter of a page to be visible in a window of this width. */
export async function expectFiltersWithin(page: Page, width: number): Promise<void> {
  await page.locator(".filters").waitFor();
  await page.setViewportSize({ width, height: 600 });
  expect(await overflowOf(page)).toBeLessThanOrEqual(0);
  const ends = await page
    .locator(".filters > *")
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right));
  expect(Math.max(...ends)).toBeLessThanOrEqual(width);
}
