import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { describeInBrowser } from "../../harness";
import { ADA } from "../../world";
import { PAID, record } from "./record";

await describeInBrowser("the audit trail in a browser, with the real backend", {}, ({ world, open }) => {
  it("keeps loaded events when a token is renewed", async () => {
    for (let batch = 0; batch < 3; batch++)
      await record(
        world(),
        Array.from({ length: 25 }, () => ({ ...PAID, action: "renewal.tried" })),
      );
    const page = await open("/audit?action=renewal.tried", { before: (opened) => opened.clock.install() });
    await page.getByRole("button", { name: "Load older" }).click();
    const rows = () => page.locator("tbody tr").count();
    await expect.poll(rows).toBe(75);
    const renewed = page.waitForResponse(/_offline\/token/);
    await page.clock.fastForward(14 * 60_000 + 30_000);
    await renewed;
    await page.clock.runFor(1000);
    expect(await rows()).toBe(75);
  });

  it("lists the events that a request recorded, and links to them", async () => {
    const page = await open("/try?operation=recordEvents");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".response .meta .status", { hasText: "201" }).waitFor();
    await page.locator(".line-box a").click();
    await page.getByRole("dialog").getByRole("link", { name: "invoice.paid" }).click();
    await page.getByText("invoice:2026-0042").first().waitFor();
  });

  it("opens an event by a click on its row, and returns to it from its request", async () => {
    await record(world(), { ...PAID, action: "returning.tried" });
    const page = await open("/audit?action=returning.tried&range=24h");
    await page
      .locator("tbody tr")
      .first()
      .click({ position: { x: 30, y: 10 } });
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("heading", { name: "Audit event" }).waitFor();
    const address = page.url();
    await dialog.locator('a[href*="request="]').click();
    await dialog.getByRole("heading", { name: "Request", exact: true }).waitFor();
    expect(page.url()).toContain("/access-log?range=24h&request=");
    await page.keyboard.press("Escape");
    await dialog.getByRole("heading", { name: "Audit event" }).waitFor();
    expect(page.url()).toBe(address);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(page.url()).toMatch(/\/audit\?action=returning.tried&range=24h$/);
  });

  it("names a value that it cannot send", async () => {
    const page = await open("/try?operation=recordEvents");
    await page.getByLabel("idempotency-key").fill("ключ");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("alert").getByText("idempotency-key").waitFor();
    expect(await page.locator(".response").count()).toBe(0);
  });

  it("separates an event's metadata from its fields, and exports all fields", async () => {
    await record(world(), { ...PAID, action: "metadata.tried", metadata: { Tenant: "evil" } });
    const page = await open("/audit?action=metadata.tried");
    await page.locator("tbody th a").first().click();
    const dialog = page.getByRole("dialog");
    const groups = dialog.locator("dl");
    await dialog.getByRole("heading", { name: "Metadata" }).waitFor();
    expect(await groups.nth(0).textContent()).not.toContain("evil");
    expect(await groups.nth(1).textContent()).toContain("evil");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await record(world(), { ...PAID, action: "metadata.tried" });
    await page.getByRole("button", { name: "Refresh" }).click();
    await expect.poll(() => page.locator("tbody tr").count()).toBe(2);
    await page.getByLabel("Include details").check();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "NDJSON" }).click(),
    ]);
    const [newest, first] = readFileSync(await file.path(), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(newest).toMatchObject({ tenant: "acme", sourceIp: "127.0.0.1", metadata: {} });
    expect(first).toMatchObject({ action: "metadata.tried", metadata: { Tenant: "evil" } });
  });

  it("filters the audit trail, and exports the filtered events", async () => {
    await record(world(), PAID);
    const page = await open("/audit?action=invoice.*");
    await page.locator("tbody tr").first().waitFor();
    await page.getByRole("button", { name: "Denied" }).click();
    await page.getByText("No events match these filters").waitFor();
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

  it("loads older events of one filter while those of another still load", async () => {
    const action = "older.tried";
    for (let batch = 0; batch < 3; batch++)
      await record(
        world(),
        Array.from({ length: 20 }, () => ({ ...PAID, action })),
      );
    const pending: (() => Promise<void>)[] = [];
    const page = await open(`/audit?action=${action}`, {
      before: async (opened) => {
        await opened.route(/[?&]cursor=/, async (route) => {
          const response = await route.fetch();
          const respond = () => route.fulfill({ response }).catch(() => {}); // the page may have aborted it
          if (route.request().url().includes("outcome=")) await respond();
          else pending.push(respond);
        });
      },
    });
    const rows = () => page.locator("tbody tr").count();
    await expect.poll(rows).toBe(50);
    await page.getByRole("button", { name: "Load older" }).click();
    await expect.poll(() => pending.length).toBe(1);
    await page.getByRole("button", { name: "Success" }).click();
    await page.getByRole("button", { name: "Load older" }).click();
    await expect.poll(rows).toBe(60);
    for (const respond of pending) await respond();
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    expect(await rows()).toBe(60);
  });

  it("explains that the caller belongs to several tenants, and exports nothing", async () => {
    const groups = ["operators", "tenant:acme", "tenant:globex"];
    const page = await open("/audit", { token: { ...ADA, groups } });
    await page
      .getByRole("alert")
      .getByText(/several tenants/)
      .waitFor();
    expect(await page.getByRole("button", { name: "CSV" }).isDisabled()).toBe(true);
  });

  it("explains that the caller has no tenant", async () => {
    const page = await open("/audit", { token: { ...ADA, groups: ["operators"] } });
    await page.getByText("You don't have access").waitFor();
    await page
      .getByRole("alert")
      .getByText(/tenant/)
      .waitFor();
  });
});
