import { withPrefix } from "@backend/testing/app";
import { expect, it } from "vitest";
import { entries } from "./entries";
import { describeInBrowser, HIDDEN_RESPONSE, poll } from "./harness";
import { ADA, startWorld } from "./world";

const HOUR = 60 * 60 * 1000;
const now = Date.now();

await describeInBrowser(
  "the console in a browser, with the real backend",
  { log: entries(50, now - HOUR / 2, now - 120_000) },
  ({ world, open, allowErrors }) => {
    it("signs in with PKCE, returns to the same page, keeps the token in memory, and signs out", async () => {
      const page = await open("/access-log?status=4xx", { token: undefined });
      await page.getByText("Sign in to continue").waitFor();
      await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
      await page.getByLabel("User name").fill("grace");
      const parameters = new URL(page.url()).searchParams;
      expect([
        parameters.get("response_type"),
        parameters.get("code_challenge_method"),
        parameters.get("code_challenge")?.length,
      ]).toEqual(["code", "S256", 43]);
      await page.getByLabel("operators").check();
      await page.getByRole("textbox", { name: "Tenant" }).fill("acme");
      await page.getByRole("button", { name: /Sign in/ }).click();
      await page.waitForURL(`${world().consoleUrl}/access-log?status=4xx`);
      await page.getByText("grace").waitFor();
      await page.locator(".space .row").first().waitFor();
      const stored = await page.evaluate(() =>
        JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
      );
      expect(stored).not.toMatch(/eyJ|refresh_token|access_token/);
      await page.reload(); // the issuer remembers the browser, without another page
      await page.locator(".space .row").first().waitFor();
      expect(page.url()).toBe(`${world().consoleUrl}/access-log?status=4xx`);
      await page.getByText("grace").click();
      const [revoked] = await Promise.all([
        page.waitForResponse((response) => response.url().endsWith("/oauth2/revoke")),
        page.getByRole("button", { name: "Sign out" }).click(),
      ]);
      expect(revoked.status()).toBe(200);
      await page.waitForURL(`${world().consoleUrl}/`);
      await page.getByText("Sign in to continue").waitFor();
    });

    it("opens signed in as a named test identity, which it can switch and which a new tab keeps", async () => {
      const page = await open("/audit", { token: null });
      const bar = page.getByRole("complementary", { name: "Test identity" });
      await bar.getByText("You are ada (Operator)").waitFor();
      await bar.getByRole("button", { name: "Switch" }).click();
      await page.getByRole("button", { name: "No access" }).click();
      await bar.getByText("You are eve (No access)").waitFor();
      const tab = await page.context().newPage();
      await tab.goto(`${world().consoleUrl}/audit`);
      await tab.getByText("You are eve (No access)").waitFor();
      await tab.close();
      await bar.getByRole("button", { name: "Switch" }).click();
      await page.locator(".identities").getByRole("button", { name: "Machine client" }).click();
      await bar.getByText("You are a machine client").waitFor();
      allowErrors(HIDDEN_RESPONSE);
    });

    it("shows its charts in a browser whose language is not a language tag, like Chromium with LANG=C", async () => {
      const page = await open("/", {
        before: (opened) =>
          opened.addInitScript(() =>
            Object.defineProperty(navigator, "language", { configurable: true, get: () => "en-US@posix" }),
          ),
      });
      await page.locator(".chart canvas").first().waitFor();
      expect(await page.evaluate(() => navigator.language)).toBe("en-US");
    });

    it("stays signed out, and signs out even if the issuer does not respond", async () => {
      const page = await open("/", { token: undefined, before: (opened) => opened.clock.install() });
      await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
      await page.getByLabel("User name").fill("grace");
      await page.getByRole("button", { name: /Sign in/ }).click();
      await page.getByText("grace").click();
      await page.getByRole("button", { name: "Switch test identity" }).click();
      await page.getByLabel("User name").fill("eve");
      await page.getByRole("button", { name: "Get token" }).click();
      await page.locator(".account").getByText("eve", { exact: true }).click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByText("Sign in to continue").waitFor();
      await page.clock.fastForward(15 * 60_000); // past the renewal of grace's token
      await page.clock.runFor(2000);
      expect(await page.getByText("Sign in to continue").count()).toBe(1);

      await page.route(/oauth2\/revoke/, () => {}); // never responds
      await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
      await page.getByLabel("User name").fill("grace");
      await page.getByRole("button", { name: /Sign in/ }).click();
      await page.getByText("grace").click();
      const loggedOut = page.waitForRequest(/\/logout\?/);
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.clock.runFor(2000);
      await loggedOut;
      await page.getByText("Sign in to continue").waitFor();
    });

    it("offers a new sign-in after a failed one", async () => {
      const page = await open("/callback?error=access_denied&state=none", { token: undefined });
      await page.getByText("Sign-in failed").waitFor();
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByLabel("User name").fill("grace");
      await page.getByRole("button", { name: /Sign in/ }).click();
      await page.waitForURL(`${world().consoleUrl}/`);
      await page.getByText("grace").waitFor();
    });

    it("says at once that the API is down, keeps its data in place, and notices the recovery", async () => {
      const page = await open("/", { before: (opened) => opened.clock.install() });
      await page.locator(".columns tbody tr").first().waitFor();
      const top = (await page.locator(".board").boundingBox())?.y;
      await page.route(`${world().apiUrl}/**`, (route) => route.abort("connectionrefused"));
      await poll(page);
      await page.getByText("The API isn't responding").waitFor();
      expect(await page.locator(".live.on").count()).toBe(0);
      expect((await page.locator(".board").boundingBox())?.y).toBe(top);
      await page.unroute(`${world().apiUrl}/**`);
      await poll(page);
      await page.locator(".live.on").waitFor();
      expect(await page.getByText("The API isn't responding").count()).toBe(0);
      allowErrors(/ERR_CONNECTION_REFUSED/);
    });

    it("shows neither Live nor a count where nobody is signed in", async () => {
      const page = await open("/access-log", { token: undefined });
      await page.getByText("Sign in to continue").waitFor();
      expect(await page.locator(".live.on, .bar-foot").count()).toBe(0);
    });

    it("removes the sign-in notice as soon as somebody signs in", async () => {
      const page = await open("/", { token: undefined });
      await page.getByText("Sign in to continue").waitFor();
      await page.route(/\/traffic\?/, () => {}); // no response yet
      await page.getByRole("main").getByRole("button", { name: "Use a test token" }).click();
      await page.getByRole("button", { name: "Get token" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.locator(".board.waiting").waitFor();
      expect(await page.getByText("Sign in to continue").count()).toBe(0);
    });

    it("sends a request, shows the response, and finds its access log entry and its function log", async () => {
      const page = await open("/try?operation=greet");
      await page.getByRole("button", { name: "Send" }).click();
      await page.locator(".response .meta .status", { hasText: "200" }).waitFor();
      await page.locator(".line-box a").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText(`/aws/lambda/${withPrefix("SecureBackendFunction")}-dev`).waitFor();
      await dialog.getByText('"routeKey": "ANY /SecureBackendFunction"').waitFor(); // in the function log
    });

    it("finds the log entry of a request whose response the browser hides", async () => {
      const page = await open("/try?operation=readTraffic");
      await page.getByLabel("Send my token").uncheck();
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("Rejected before reaching a function").waitFor();
      await page.locator(".line-box .status", { hasText: "401" }).waitFor();
      await page.locator(".line-box").getByText("No token was sent.").waitFor();
      allowErrors(HIDDEN_RESPONSE);
    });

    it("keeps the draft of a request across a reload and another operation", async () => {
      const page = await open("/try?operation=greet");
      await page.getByText("Send a request to any operation").waitFor(); // what the page is for
      await page.getByLabel("Body").fill('{"name":"draft"}');
      await page.reload();
      await page.locator('a[href*="operation=readTraffic"]').click();
      await page.getByRole("heading", { level: 2 }).first().waitFor();
      await page.goBack();
      await expect.poll(() => page.getByLabel("Body").inputValue()).toBe('{"name":"draft"}');
    });

    it("shows problem details with the invalid field", async () => {
      const page = await open("/try?operation=greet");
      await page.getByLabel("Example").selectOption("nameless");
      await page.getByRole("button", { name: "Send" }).click();
      await page.locator(".problem-box").getByText("/name").first().waitFor();
    });

    it("shows the infrastructure, and what does not run locally", async () => {
      const page = await open("/infrastructure", { token: undefined });
      await page.getByLabel("Search resources").fill("table");
      await page.getByText("aws:dynamodb/table:Table").waitFor();
      await page.getByText("expiry of items").waitFor();
      await page.getByRole("link", { name: "TrafficTable", exact: true }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText('"hashKey": "').first().waitFor(); // the configuration
      await dialog.getByRole("link", { name: "ReadTrafficFunction" }).click();
      await dialog.getByRole("heading", { name: "ReadTrafficFunction" }).waitFor();
      await page.reload(); // the URL names the open resource
      await dialog.getByText("on arm64 on AWS").waitFor();
    });

    it.each<[string, object, string, RegExp]>([
      ["a group", { ...ADA, groups: ["tenant:acme"] }, "/", /group operators/],
      ["a scope", { ...ADA, scopes: ["openid"] }, "/access-log", /scope traffic\/read/],
    ])("explains that %s is missing", async (_title, token, address, words) => {
      const page = await open(address, { token });
      await page.getByText("You don't have access").waitFor();
      await page.getByRole("alert").getByText(words).waitFor();
      allowErrors(HIDDEN_RESPONSE); // API Gateway's 403 has no CORS headers
    });

    it("explains an invalid configuration", async () => {
      const page = await open("/", {
        token: undefined,
        before: async (opened) =>
          void (await opened.route("**/runtime/config.json", (route) => route.fulfill({ body: "<!doctype html>" }))),
      });
      await page.getByText("/runtime/config.json isn't a JSON object.").waitFor();
    });

    it("explains that the API is unreachable if CORS does not allow the console", async () => {
      const other = await startWorld({ isAllowed: false });
      try {
        const page = await open("/", { at: other });
        await page.getByText("Can't reach the API").waitFor();
        allowErrors(HIDDEN_RESPONSE);
        await page.goto("about:blank"); // before its backend stops
      } finally {
        await other.stop();
      }
    });
  },
);
