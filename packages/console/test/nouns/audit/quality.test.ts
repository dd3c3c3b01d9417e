import { it } from "vitest";
import { describeInBrowser } from "../../harness";
import { expectAccessible, expectFiltersWithin, expectNoShift } from "../../quality";
import { PAID, record } from "./record";

await describeInBrowser("what the audit trail's page keeps to, in a browser", {}, ({ world, open }) => {
  it.each([
    ["/audit", "tbody tr"],
    ["/try?operation=listEvents", ".operation h2"],
  ])(
    "moves nothing that is seen when the data of %s arrives, and has no serious finding of axe there",
    async (address, ready) => {
      await record(world(), PAID);
      const page = await open(address, { viewport: { width: 390, height: 844 } });
      await expectNoShift(page, ready);
      await page.setViewportSize({ width: 1280, height: 844 });
      await page.reload();
      await expectNoShift(page, ready);
      await expectAccessible(page);
    },
  );

  it("has no serious finding of axe where an event is open", async () => {
    await record(world(), PAID);
    const page = await open("/audit");
    await page.locator("tbody th a").first().click();
    await page.locator("dialog .fields").first().waitFor();
    await expectAccessible(page);
  });

  it("shows every filter at any width", async () => {
    const page = await open("/audit");
    for (const width of [1024, 900, 800, 761]) await expectFiltersWithin(page, width);
  });
});
