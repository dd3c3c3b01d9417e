import { readFileSync } from "node:fs";
import { APP } from "@backend/testing/app";
import { expect, it } from "vitest";
import { entries } from "./entries";
import { describeInBrowser, KEPT_FROM_PAGE } from "./harness";
import { ADA, PAID, startWorld } from "./world";

const HOUR = 60 * 60 * 1000;
const now = Date.now();

await describeInBrowser(
  "the console, in a browser, before the real backend",
  { log: entries(50, now - HOUR / 2, now - 120_000) },
  ({ world, open, forgive }) => {
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
      await page.waitForURL(`${world().consoleUrl}/access-log?status=4xx`);
      await page.getByText("grace").waitFor();
      await page.locator(".space .row").first().waitFor();
      const kept = await page.evaluate(() =>
        JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
      );
      expect(kept).not.toMatch(/eyJ|refresh_token|access_token/);
      await page.getByText("grace").click();
      const [revoked] = await Promise.all([
        page.waitForResponse((response) => response.url().endsWith("/oauth2/revoke")),
        page.getByRole("button", { name: "Sign out" }).click(),
      ]);
      expect(revoked.status()).toBe(200);
      await page.waitForURL(`${world().consoleUrl}/`);
      await page.getByText("You are not signed in").waitFor();
    });

    it("shows its charts in a browser whose language is no language tag, as Chromium's is for LANG=C", async () => {
      const page = await open("/", {
        before: (opened) =>
          opened.addInitScript(() =>
            Object.defineProperty(navigator, "language", { configurable: true, get: () => "en-US@posix" }),
          ),
      });
      await page.locator(".chart canvas").first().waitFor();
      expect(await page.evaluate(() => navigator.language)).toBe("en-US");
    });

    it("stays signed out, and signs out where the issuer does not answer", async () => {
      const page = await open("/", { token: undefined, before: (opened) => opened.clock.install() });
      await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
      await page.getByLabel("User name").fill("grace");
      await page.getByRole("button", { name: /Sign in/ }).click();
      await page.getByText("grace").click();
      await page.getByRole("button", { name: "Another token" }).click();
      await page.getByLabel("User name").fill("eve");
      await page.getByRole("button", { name: "Get the token" }).click();
      await page.getByText("eve", { exact: true }).click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByText("You are not signed in").waitFor();
      await page.clock.fastForward(15 * 60_000); // when grace's token would have been renewed
      await page.clock.runFor(2000);
      expect(await page.getByText("You are not signed in").count()).toBe(1);

      await page.route(/oauth2\/revoke/, () => {}); // no answer
      await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
      await page.getByLabel("User name").fill("grace");
      await page.getByRole("button", { name: /Sign in/ }).click();
      await page.getByText("grace").click();
      const loggedOut = page.waitForRequest(/\/logout\?/);
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.clock.runFor(2000);
      await loggedOut;
      await page.getByText("You are not signed in").waitFor();
    });

    it("keeps what has been read when a token is renewed", async () => {
      for (let batch = 0; batch < 3; batch++)
        await world().record(Array.from({ length: 25 }, () => ({ ...PAID, action: "renewal.tried" })));
      const page = await open("/audit?action=renewal.tried", { before: (opened) => opened.clock.install() });
      await page.getByRole("button", { name: "Older ones" }).click();
      const rows = () => page.locator("tbody tr").count();
      await expect.poll(rows).toBe(75);
      const renewed = page.waitForResponse(/_offline\/token/);
      await page.clock.fastForward(14 * 60_000 + 30_000);
      await renewed;
      await page.clock.runFor(1000);
      expect(await rows()).toBe(75);
    });

    it("leads on from a sign-in that has not worked", async () => {
      const page = await open("/callback?error=access_denied&state=none", { token: undefined });
      await page.getByText("The sign-in has not worked").waitFor();
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByLabel("User name").fill("grace");
      await page.getByRole("button", { name: /Sign in/ }).click();
      await page.waitForURL(`${world().consoleUrl}/`);
      await page.getByText("grace").waitFor();
    });

    it("forgets that nobody was signed in as soon as somebody is", async () => {
      const page = await open("/", { token: undefined });
      await page.getByText("You are not signed in").waitFor();
      await page.route(/\/traffic\?/, () => {}); // without an answer for now
      await page.getByRole("main").getByRole("button", { name: "Token at a click" }).click();
      await page.getByRole("button", { name: "Get the token" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.locator(".board.waiting").waitFor();
      expect(await page.getByText("You are not signed in").count()).toBe(0);
    });

    it("sends what one types, shows the answer, and finds its line in the access log and its records", async () => {
      const page = await open("/try?operation=recordEvents");
      await page.getByRole("button", { name: "Send" }).click();
      await page.locator(".answer .meta .status", { hasText: "201" }).waitFor();
      await page.locator(".line-box a").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("link", { name: "invoice.paid" }).waitFor();
      await dialog.getByText(`/aws/lambda/${APP.prefix}RecordEvents-dev`).waitFor();
      await dialog.getByText('"routeKey": "POST /events"').waitFor(); // what the function logged
      await dialog.getByRole("link", { name: "invoice.paid" }).click();
      await page.getByText("invoice:2026-0042").first().waitFor();
    });

    it("finds the line of a request whose answer the browser keeps from it", async () => {
      const page = await open("/try?operation=listEvents");
      await page.getByLabel("with the token").uncheck();
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("Refused, see the access log").waitFor();
      await page.locator(".line-box .status", { hasText: "401" }).waitFor();
      await page.locator(".line-box").getByText("The request came without a token.").waitFor();
      forgive(KEPT_FROM_PAGE);
    });

    it("names what it cannot send", async () => {
      const page = await open("/try?operation=recordEvents");
      await page.getByLabel("idempotency-key").fill("ключ");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByRole("alert").getByText("idempotency-key").waitFor();
      expect(await page.locator(".answer").count()).toBe(0);
    });

    it("sets apart what callers have written into an event, and exports every field", async () => {
      await world().record({ ...PAID, action: "metadata.tried", metadata: { Tenant: "evil" } });
      const page = await open("/audit?action=metadata.tried");
      await page.locator("tbody th a").first().click();
      const dialog = page.getByRole("dialog");
      const groups = dialog.locator("dl");
      await dialog.getByText("Metadata, as the caller gave it").waitFor();
      expect(await groups.nth(0).textContent()).not.toContain("evil");
      expect(await groups.nth(1).textContent()).toContain("evil");
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      await world().record({ ...PAID, action: "metadata.tried" });
      await page.getByRole("button", { name: "Refresh" }).click();
      await expect.poll(() => page.locator("tbody tr").count()).toBe(2);
      await page.getByLabel("every field").check();
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

    it("shows problem details with the part that is wrong", async () => {
      const page = await open("/try?operation=recordEvents");
      await page.getByLabel("Example").selectOption({ label: "A tenant in the body: 400" });
      await page.getByRole("button", { name: "Send" }).click();
      await page.locator(".problem-box").getByText("/tenant").first().waitFor();
    });

    it("filters the audit trail, and exports what it shows", async () => {
      await world().record(PAID);
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

    it("reads older events of one filter while those of another are still on their way", async () => {
      const action = "older.tried";
      for (let batch = 0; batch < 3; batch++)
        await world().record(Array.from({ length: 20 }, () => ({ ...PAID, action })));
      const held: (() => Promise<void>)[] = [];
      const page = await open(`/audit?action=${action}`, {
        before: async (opened) => {
          await opened.route(/[?&]cursor=/, async (route) => {
            const response = await route.fetch();
            const answer = () => route.fulfill({ response }).catch(() => {}); // the page has given it up
            if (route.request().url().includes("outcome=")) await answer();
            else held.push(answer);
          });
        },
      });
      const rows = () => page.locator("tbody tr").count();
      await expect.poll(rows).toBe(50);
      await page.getByRole("button", { name: "Older ones" }).click();
      await expect.poll(() => held.length).toBe(1);
      await page.getByRole("button", { name: "Success" }).click();
      await page.getByRole("button", { name: "Older ones" }).click();
      await expect.poll(rows).toBe(60);
      for (const answer of held) await answer();
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
      expect(await rows()).toBe(60);
    });

    it("shows the infrastructure, and what is not simulated", async () => {
      const page = await open("/infrastructure", { token: undefined });
      await page.getByLabel("Find a resource").fill("table");
      await page.getByText("aws:dynamodb/table:Table").waitFor();
      await page.getByText("expiry of items").waitFor();
      await page.getByRole("link", { name: "AuditTable", exact: true }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText('"hashKey": "').first().waitFor(); // as it is declared
      await dialog.getByRole("link", { name: "RecordEventsFunction" }).click();
      await dialog.getByRole("heading", { name: "RecordEventsFunction" }).waitFor();
      await page.reload(); // the address says what is open
      await dialog.getByText("functions are declared for arm64").waitFor();
    });

    it.each<[string, object, string, string]>([
      ["a group", { ...ADA, groups: ["tenant:acme"] }, "/", "The caller is not in the group operators."],
      ["a scope", { ...ADA, scopes: ["audit/read"] }, "/access-log", "The token lacks the scope traffic/read"],
      ["a tenant", { ...ADA, groups: ["operators"] }, "/audit", "The caller belongs to no tenant"],
    ])("says that %s is missing", async (_title, token, address, words) => {
      const page = await open(address, { token });
      await page.getByText("You may not see this").waitFor();
      await page.getByRole("alert").getByText(words).waitFor();
      forgive(KEPT_FROM_PAGE); // where API Gateway refuses
    });

    it("says that a person in several tenants has to name one, and exports nothing", async () => {
      const groups = ["operators", "tenant:acme", "tenant:globex"];
      const page = await open("/audit", { token: { ...ADA, groups } });
      await page.getByRole("alert").getByText("The caller belongs to several tenants").waitFor();
      expect(await page.getByRole("button", { name: "CSV" }).isDisabled()).toBe(true);
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
        forgive(KEPT_FROM_PAGE);
        await page.goto("about:blank"); // before its backend stops
      } finally {
        await other.stop();
      }
    });
  },
);
