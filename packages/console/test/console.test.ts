import { withPrefix } from "@backend/testing/app";
import { expect, it } from "vitest";
import { entries } from "./entries";
import { describeInBrowser, KEPT_FROM_PAGE } from "./harness";
import { ADA, startWorld } from "./world";

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
      const page = await open("/try?operation=greet");
      await page.getByRole("button", { name: "Send" }).click();
      await page.locator(".answer .meta .status", { hasText: "200" }).waitFor();
      await page.locator(".line-box a").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText(`/aws/lambda/${withPrefix("SecureBackendFunction")}-dev`).waitFor();
      await dialog.getByText('"routeKey": "ANY /SecureBackendFunction"').waitFor(); // what the function logged
    });

    it("finds the line of a request whose answer the browser keeps from it", async () => {
      const page = await open("/try?operation=readTraffic");
      await page.getByLabel("with the token").uncheck();
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("Refused, see the access log").waitFor();
      await page.locator(".line-box .status", { hasText: "401" }).waitFor();
      await page.locator(".line-box").getByText("The request came without a token.").waitFor();
      forgive(KEPT_FROM_PAGE);
    });

    it("shows problem details with the part that is wrong", async () => {
      const page = await open("/try?operation=greet");
      await page.getByLabel("Example").selectOption({ label: "Greet nobody: 400" });
      await page.getByRole("button", { name: "Send" }).click();
      await page.locator(".problem-box").getByText("/name").first().waitFor();
    });

    it("shows the infrastructure, and what is not simulated", async () => {
      const page = await open("/infrastructure", { token: undefined });
      await page.getByLabel("Find a resource").fill("table");
      await page.getByText("aws:dynamodb/table:Table").waitFor();
      await page.getByText("expiry of items").waitFor();
      await page.getByRole("link", { name: "TrafficTable", exact: true }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText('"hashKey": "').first().waitFor(); // as it is declared
      await dialog.getByRole("link", { name: "ReadTrafficFunction" }).click();
      await dialog.getByRole("heading", { name: "ReadTrafficFunction" }).waitFor();
      await page.reload(); // the address says what is open
      await dialog.getByText("functions are declared for arm64").waitFor();
    });

    it.each<[string, object, string, string]>([
      ["a group", { ...ADA, groups: ["tenant:acme"] }, "/", "The caller is not in the group operators."],
      ["a scope", { ...ADA, scopes: ["openid"] }, "/access-log", "The token lacks the scope traffic/read"],
    ])("says that %s is missing", async (_title, token, address, words) => {
      const page = await open(address, { token });
      await page.getByText("You may not see this").waitFor();
      await page.getByRole("alert").getByText(words).waitFor();
      forgive(KEPT_FROM_PAGE); // where API Gateway refuses
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
