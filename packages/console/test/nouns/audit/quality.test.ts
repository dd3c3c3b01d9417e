import { it } from "vitest";
import { describeInBrowser } from "../../harness";
import { expectAccessible, expectFiltersWithin, expectNoShift } from "../../quality";
import { PAID, record } from "./record";

await describeInBrowser("the quality of the audit trail's pages", {}, ({ world, open }) => {
  it.each([
    ["/audit", "tbody tr"],
    ["/try?operation=listEvents", ".operation h2"],
  ])("%s has no layout shift and no serious accessibility finding", async (address, ready) => {
    await record(world(), PAID);
    const page = await open(address, { viewport: { width: 390, height: 844 } });
    await expectNoShift(page, ready);
    await page.setViewportSize({ width: 1280, height: 844 });
    await page.reload();
    await expectNoShift(page, ready);
    await expectAccessible(page);
  });

  it("an open event has no serious accessibility finding", async () => {
    await record(world(), PAID);
    const page = await open("/audit");
    await page.locator("tbody th a").first().click();
    await page.locator("dialog .fields").first().waitFor();
    await expectAccessible(page);
  });

  it("every filter is visible at any width", async () => {
    const page = await open("/audit");
    for (const width of [1024, 900, 800, 761]) await expectFiltersWithin(page, width);
  });
});
