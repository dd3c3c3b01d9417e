import { mkdtempSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import os from "node:os";
import path from "node:path";

import { freePort } from "@secure-backend/testing/free-port";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { repositoryCopy } from "../../test/repository-copy";
import { serve } from "../../test/serving";
import type { Offline } from "../offline";
import { buildSite, CONSOLE, digestOf } from "./build";
import { graphView } from "./graph-view";

const { folder, remove } = repositoryCopy();
let offline: Offline & { news: string[] };
let origin: string;
beforeAll(async () => {
  offline = await serve(folder);
  origin = offline.consoleUrl;
});
afterAll(async () => {
  await offline.stop();
  remove();
});

/** As a browser would, whose headers `fetch` does not let one choose. */
function send(target: string, headers: Record<string, string> = {}, method = "GET", body = "") {
  const { host, port } = new URL(origin);
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path: target, method, headers: { host, ...headers } };
    request(options, async (response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
    })
      .on("error", reject)
      .end(body);
  });
}

const wish = { client: "web", user: "ada", groups: ["operators"], scopes: ["traffic/read"] };
const asConsole = () => ({ origin, "content-type": "application/json", "sec-fetch-site": "same-origin" });
const token = (asked: unknown, headers = asConsole()) =>
  send("/_offline/token", headers, "POST", JSON.stringify(asked));
const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());

describe("the console's server", () => {
  it("tells the console where the API and the issuer are", async () => {
    const { status, headers, body } = await send("/runtime/config.json");
    expect([status, headers["cache-control"]]).toEqual([200, "no-store"]);
    expect(JSON.parse(body)).toEqual({
      apiUrl: offline.url(),
      issuer: offline.running().deployment.graph.outputs.issuer,
      clientId: offline.running().deployment.graph.outputs.webClientId,
      stage: "dev",
      region: "eu-west-1",
      accessLogGroup: "/aws/apigateway/SecureBackendAPI/dev",
      offline: true,
    });
  });

  it("serves the page at every path, under a strict policy", async () => {
    for (const target of ["/", "/callback?code=x", "/a/b/c"]) {
      const { status, headers, body } = await send(target);
      expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
      expect(body).toContain('<div id="app">');
      const { issuer } = offline.running().deployment.graph.outputs;
      expect(headers["content-security-policy"]).toBe(
        `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ${offline.url()}/ ${issuer}/; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      );
      expect([headers["x-content-type-options"], headers["referrer-policy"]]).toEqual(["nosniff", "no-referrer"]);
    }
  });

  it.each([["/assets/..%2f..%2foutputs.json"], ["/assets/missing.js"], ["/_offline/nothing"]])(
    "has nothing at %s",
    async (target) => {
      const { status, body } = await send(target);
      expect([status, body.includes("awsEndpointUrl")]).toEqual([target.includes("%2f") ? 200 : 404, false]);
    },
  );

  it.each<[string, Record<string, string>]>([
    ["another name of this machine", { host: "evil.example" }],
    ["a page of another origin", { origin: "https://evil.example" }],
  ])("refuses %s", async (_title, headers) => {
    expect((await send("/_offline/graph", headers)).status).toBe(403);
    expect((await token(wish, { ...asConsole(), ...headers })).status).toBe(403);
  });

  it.each<[string, Record<string, string>]>([
    ["a page's image", { "sec-fetch-dest": "image" }],
    ["a link", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }],
  ])("does not show the graph to %s of another site", async (_title, headers) => {
    expect((await send("/_offline/graph", { "sec-fetch-site": "cross-site", ...headers })).status).toBe(403);
  });

  it("lets the sign-in page lead back, and sends who comes by its address to its name", async () => {
    const navigation = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    expect((await send("/callback?code=x", navigation)).status).toBe(200);
    const byAddress = await send("/x", { ...navigation, host: origin.replace("http://localhost", "127.0.0.1") });
    expect([byAddress.status, byAddress.headers.location]).toEqual([307, `${origin}/x`]);
  });

  it("is closed to methods that it has not", async () => {
    expect((await send("/", {}, "POST")).status).toBe(405);
  });
});

describe("a token at a click", () => {
  it("is a person's, which the API takes", async () => {
    const { status, body } = await token(wish);
    const { accessToken, expiresIn } = JSON.parse(body);
    expect([status, expiresIn]).toEqual([200, 15 * 60]); // infra/auth.ts
    expect(claimsOf(accessToken)).toMatchObject({
      username: "ada",
      scope: "traffic/read",
      "cognito:groups": ["operators"],
    });
    const answer = await fetch(`${offline.url()}/traffic`, { headers: { authorization: `Bearer ${accessToken}` } });
    expect(answer.status).toBe(200);
  });

  it("is a program's", async () => {
    const { accessToken } = JSON.parse((await token({ client: "machine", scopes: ["audit/read"] })).body);
    expect(claimsOf(accessToken)).toMatchObject({ scope: "audit/read", token_use: "access" });
    expect(claimsOf(accessToken)).not.toHaveProperty("username");
  });

  it.each<[unknown, string]>([
    [{ ...wish, scopes: ["admin"] }, "scope: expected some of"],
    [{ ...wish, groups: ["admins"] }, 'no group "admins"'],
    [{ ...wish, user: "a b" }, 'user name "a b"'],
    [{ ...wish, client: "nobody" }, "no client has this name"],
    [null, "expected client, scopes"],
    [{ client: "web", scopes: "traffic/read" }, "expected client, scopes"],
  ])("says what is wrong with %j", async (asked, message) => {
    const { status, body } = await token(asked);
    expect([status, JSON.parse(body).message]).toEqual([400, expect.stringContaining(message)]);
  });

  it.each<[string, Record<string, string>]>([
    ["without an origin", { "content-type": "application/json" }],
    ["as a form", { "content-type": "text/plain" }],
  ])("is not given to who asks %s", async (_title, headers) => {
    const asked = headers["content-type"] === "text/plain" ? { ...headers, origin } : headers;
    expect((await send("/_offline/token", asked, "POST", JSON.stringify(wish))).status).toBe(403);
  });
});

describe("what the console shows of this machine", () => {
  it("names every resource, and what is not simulated", async () => {
    const { resources, gaps, policy, waived } = JSON.parse((await send("/_offline/graph")).body);
    expect(policy).toEqual([]); // as `pnpm policy` finds nothing in the committed graphs
    // Each says why, and until when.
    expect(waived.length).toBeGreaterThan(0);
    for (const { reason, expires } of waived)
      expect([reason, expires]).toEqual([expect.stringMatching(/.{20}/), expect.stringMatching(/^20\d\d-\d\d-\d\d$/)]);
    expect(resources).toHaveLength(offline.running().deployment.graph.resources.length);
    const simulated = (type: string) =>
      resources.find((resource: { type: string }) => resource.type === type)?.simulated;
    expect([simulated("aws:lambda/function:Function"), simulated("aws:lambda/permission:Permission")]).toEqual([
      true,
      false,
    ]);
    const recordEvents = resources.find(({ name }: { name: string }) => name === "RecordEventsFunction");
    const table = resources.find(({ name }: { name: string }) => name === "AuditTable");
    expect(recordEvents.uses).toContain(table.urn); // by a variable of its environment
    expect(recordEvents.gaps).toContainEqual({ what: "architecture", why: expect.stringContaining("arm64") });
    expect(table.inputs).toMatchObject({ hashKey: expect.any(String) });
    expect(gaps).toContainEqual({ what: "expiry of items", why: expect.any(String) });
  });

  it("names what a rule finds in a graph, by the resource", async () => {
    const wrong = repositoryCopy((graph) => {
      const table = graph.resources.find(({ type }) => type === "aws:sqs/queue:Queue");
      if (table) table.inputs.sqsManagedSseEnabled = false;
    });
    const served = await serve(wrong.folder);
    try {
      const { policy } = graphView(served.running().deployment, "2026-11-24");
      const queue = served.running().deployment.graph.resources.find(({ type }) => type === "aws:sqs/queue:Queue");
      expect(policy).toContainEqual({
        rule: expect.stringMatching(/^(?:high|medium|low): /),
        urn: queue?.urn,
        resource: queue?.name,
        message: expect.any(String),
      });
    } finally {
      await served.stop();
      wrong.remove();
    }
  });
});

describe("its port", () => {
  it("is the next one, with a notice, where the one that CORS names is taken", async () => {
    const other = repositoryCopy((graph) => {
      for (const resource of graph.resources)
        resource.inputs = JSON.parse(JSON.stringify(resource.inputs).replaceAll("http://localhost:5173", origin));
    });
    const second = await serve(other.folder, { port: await freePort() });
    try {
      expect(second.consoleUrl).not.toBe(origin);
      expect(second.news.join()).toContain(`port ${new URL(origin).port} is taken`);
    } finally {
      await second.stop();
      other.remove();
    }
  });
});

describe("the console of a stage that names its own site alone", () => {
  it("stands where that site is: the API's CORS and the sign-in let it in", async () => {
    const prod = repositoryCopy(() => {}, "prod");
    const port = await freePort();
    const served = await serve(prod.folder, { stage: "prod", consolePort: port });
    try {
      expect(served.consoleUrl).toBe(`http://localhost:${port}`);
      const headers = { origin: served.consoleUrl, "access-control-request-method": "GET" };
      const preflight = await fetch(`${served.url()}/traffic`, { method: "OPTIONS", headers });
      expect(preflight.headers.get("access-control-allow-origin")).toBe(served.consoleUrl);
      const { issuer, webClientId, consoleUrl } = served.running().deployment.graph.outputs as Record<string, string>;
      expect(consoleUrl).toBe(served.consoleUrl);
      const asked = new URLSearchParams({ client_id: webClientId ?? "", response_type: "code", scope: "openid" });
      asked.set("redirect_uri", `${served.consoleUrl}/callback`);
      asked.set("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"); // RFC 7636, appendix B
      asked.set("code_challenge_method", "S256");
      expect((await fetch(`${issuer}/oauth2/authorize?${asked}`)).status).toBe(200);
    } finally {
      await served.stop();
      prod.remove();
    }
  });
});

describe("its build", () => {
  it("is done once for the same sources", async () => {
    const cache = mkdtempSync(path.join(os.tmpdir(), "console-"));
    try {
      const digest = digestOf(CONSOLE);
      const built = await buildSite(cache, digest);
      const { mtimeMs } = statSync(built);
      expect(await buildSite(cache, digest)).toBe(built);
      expect(statSync(built).mtimeMs).toBe(mtimeMs);
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  });
});
