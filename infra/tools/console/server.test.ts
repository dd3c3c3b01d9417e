import { request } from "node:http";
import { connect } from "node:net";

import { resolve } from "@backend/sst-graph/resolve";
import type { OfflineApp } from "@backend/sst-offline/app";
import type { Offline } from "@backend/sst-offline/offline";
import { APP, withPrefix } from "@backend/testing/app";
import { freePort } from "@backend/testing/free-port";
import { repositoryCopy } from "@backend/testing/repository-copy";
import { serve } from "@backend/testing/serving";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { OFFLINE_APP } from "../offline-app";
import { graphView } from "./graph-view";

const { folder, remove } = repositoryCopy();
let offline: Offline & { news: string[] };
let origin: string;
beforeAll(async () => {
  offline = await serve(folder, OFFLINE_APP);
  origin = offline.site?.url ?? "";
  // The first request for a page builds the console, the first one to the issuer loads it: a busy
  // machine takes longer for these than the authorizer waits.
  await (await fetch(origin)).text();
  await (await fetch(`${offline.running().deployment.graph.outputs.issuer}/.well-known/jwks.json`)).text();
}, 180_000);
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
      app: APP.name,
      apiUrl: offline.url(),
      issuer: offline.running().deployment.graph.outputs.issuer,
      clientId: offline.running().deployment.graph.outputs.webClientId,
      stage: "dev",
      region: APP.region,
      accessLogGroup: `/aws/apigateway/${withPrefix("SecureBackendAPI")}/dev`,
      offline: true,
      testIdentities: [
        { label: "Operator", client: "web", user: "ada", groups: expect.arrayContaining(["operators"]) },
        { label: "Member of acme", client: "web", user: "grace", groups: ["tenant:acme"] },
        { label: "No access", client: "web", user: "eve", groups: [] },
        { label: "Machine client", client: "machine" },
      ],
    });
  });

  it("serves the page at every path, under a strict policy", async () => {
    for (const target of ["/", "/callback?code=x", "/a/b/c"]) {
      const { status, headers, body } = await send(target);
      expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
      expect(body).toContain('<div id="app">');
      const { issuer } = offline.running().deployment.graph.outputs;
      expect(headers["content-security-policy"]).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; " +
          `connect-src 'self' ${offline.url()}/ ${issuer}/; ` +
          "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
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

  it.each<[string, number]>([
    ["//", 200],
    ["//evil.example/x", 200],
    ["/\\\\evil.example", 200],
    ["/%", 200],
    ["/%ff%00", 200],
    ["http://[", 400],
    ["http://", 400],
    ["*", 400],
    ["x", 400],
  ])("answers GET %s", async (target, expected) => {
    const { status, body } = await send(target);
    expect([status, body.includes("at ") && /^\s+at /m.test(body)]).toEqual([expected, false]);
  });

  it("leads nobody to another origin", async () => {
    const host = origin.replace("http://localhost", "127.0.0.1");
    const navigation = { host, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "none" };
    for (const target of ["//evil.example/x", "/\\evil.example", "http://evil.example/x", "/@evil.example"]) {
      const { status, headers } = await send(target, navigation);
      expect([target, status, new URL(String(headers.location)).origin]).toEqual([target, 307, origin]);
    }
  });

  // What a page that rebinds its name, or a page of another origin, could send.
  it.each([
    "evil.example",
    "evil.example:PORT",
    "localhost",
    "127.0.0.1",
    "localhost:1",
    "LOCALHOST.:PORT",
    "localhost.evil.example:PORT",
    "127.0.0.1.evil.example:PORT",
    "127.1:PORT",
    "0.0.0.0:PORT",
    "[::1]:PORT",
    "2130706433:PORT",
    "localhost:PORT,evil.example",
  ])("refuses the host %j", async (host) => {
    const headers = { host: host.replace("PORT", new URL(origin).port) };
    for (const target of ["/", "/_offline/graph", "/runtime/config.json"])
      expect((await send(target, headers)).status).toBe(403);
    expect((await token(wish, { ...asConsole(), ...headers })).status).toBe(403);
  });

  it.each([
    "null",
    "http://evil.example",
    "https://localhost:PORT",
    "http://localhost",
    "http://127.0.0.1:PORT",
    "http://localhost:PORT.evil.example",
  ])("refuses the origin %j", async (from) => {
    const headers = { origin: from.replace("PORT", new URL(origin).port) };
    expect((await send("/_offline/graph", headers)).status).toBe(403);
    expect((await token(wish, { ...asConsole(), ...headers })).status).toBe(403);
  });

  it("refuses a request without a host", async () => {
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.write("GET / HTTP/1.0\r\n\r\n");
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    expect(answer).toMatch(/^HTTP\/1.1 403 /);
  });

  it("answers a body that is too long, and goes on after one that ends early", async () => {
    expect((await send("/_offline/token", asConsole(), "POST", "x".repeat(70_000))).status).toBe(400);
    const { port, host } = new URL(origin);
    const headers = [`host: ${host}`, `origin: ${origin}`, "content-type: application/json", "content-length: 9"];
    const head = `POST /_offline/token HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n{`;
    const socket = connect(Number(port), "127.0.0.1");
    await new Promise<void>((sent) => socket.write(head, () => sent()));
    socket.resetAndDestroy();
    expect((await send("/")).status).toBe(200);
  });

  it("is closed to methods that it has not", async () => {
    expect((await send("/", {}, "POST")).status).toBe(405);
  });
});

describe("a test token", () => {
  it("is a person's, which the API takes", async () => {
    const { status, body } = await token(wish);
    const { accessToken, expiresIn } = JSON.parse(body);
    expect([status, expiresIn]).toEqual([200, 15 * 60]); // infra/components/users.ts
    expect(claimsOf(accessToken)).toMatchObject({
      username: "ada",
      scope: "traffic/read",
      "cognito:groups": ["operators"],
    });
    const answer = await fetch(`${offline.url()}/traffic`, { headers: { authorization: `Bearer ${accessToken}` } });
    expect(answer.status).toBe(200);
  });

  it("is a program's", async () => {
    const { accessToken } = JSON.parse((await token({ client: "machine", scopes: ["tenant/acme"] })).body);
    expect(claimsOf(accessToken)).toMatchObject({ scope: "tenant/acme", token_use: "access" });
    expect(claimsOf(accessToken)).not.toHaveProperty("username");
  });

  // RFC 6749, 3.3: without a scope the server may issue its default. Cognito's is all that the
  // client may have: https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
  it("has all scopes of the client where none is asked for", async () => {
    const { accessToken } = JSON.parse((await token({ client: "machine" })).body);
    const client = offline.running().deployment.graph.resources.find(({ name }) => name === "MachineClient");
    expect(claimsOf(accessToken).scope.split(" ")).toEqual(client?.inputs.allowedOauthScopes);
  });

  it.each<[unknown, string]>([
    [{ ...wish, scopes: ["admin"] }, "scope: expected some of"],
    [{ ...wish, groups: ["admins"] }, 'no group "admins"'],
    [{ ...wish, user: "a b" }, 'user name "a b"'],
    [{ ...wish, client: "nobody" }, "no client has this name"],
    ...[
      null,
      [],
      1,
      "x",
      {},
      { client: {}, scopes: [] },
      { client: { toString: 0 }, scopes: [] },
      { ...wish, groups: [{}] },
    ].map((asked): [unknown, string] => [asked, "expected client and"]),
    [{ ...wish, user: "a\u001b[31m\n" }, "expected 1 to 128 letters"],
    [{ client: "web", scopes: "traffic/read" }, "expected client and"],
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
    const readTraffic = resources.find(({ name }: { name: string }) => name === "ReadTrafficFunction");
    const table = resources.find(({ name }: { name: string }) => name === "TrafficTable");
    expect(readTraffic.uses).toContain(table.urn); // by a variable of its environment
    expect(readTraffic.gaps).toContainEqual({ what: "architecture", why: expect.stringContaining("arm64") });
    expect(table.inputs).toMatchObject({ hashKey: expect.any(String) });
    expect(gaps).toContainEqual({ what: "expiry of items", why: expect.any(String) });
  });

  it("names what a rule finds in a graph, by the resource", () => {
    const { declared, edge } = offline.running().deployment;
    const queue = declared.resources.find(({ type }) => type === "aws:sqs/queue:Queue");
    const inputs = { ...queue?.inputs, sqsManagedSseEnabled: false };
    const wrong = {
      ...declared,
      resources: declared.resources.map((each) => (each === queue ? { ...each, inputs } : each)),
    };
    const { policy } = graphView({ graph: resolve(wrong), declared: wrong, edge }, {}, "2026-11-24");
    expect(policy).toContainEqual({
      rule: expect.stringMatching(/^(?:high|medium|low): /),
      urn: queue?.urn,
      resource: queue?.name,
      message: expect.any(String),
    });
  });
});

describe.each(["dev", "prod"])("the console of stage %s on a port that is taken", (stage) => {
  it("listens on another one, which the API's CORS and the sign-in allow", async () => {
    const copy = repositoryCopy(() => {}, stage);
    const taken = Number(new URL(origin).port);
    const site = { ...OFFLINE_APP.site, port: taken } as NonNullable<OfflineApp["site"]>;
    // Without `sitePort` the console chooses its port, unless `port` is 0.
    const served = await serve(copy.folder, { ...OFFLINE_APP, site, stage, port: await freePort() });
    const { url = "" } = served.site ?? {};
    try {
      expect(url).not.toBe(origin);
      expect(served.news.join()).toContain(`port ${taken} is taken: the console runs at ${url}`);
      const headers = { origin: url, "access-control-request-method": "GET" };
      const preflight = await fetch(`${served.url()}/traffic`, { method: "OPTIONS", headers });
      expect(preflight.headers.get("access-control-allow-origin")).toBe(url);
      const { issuer, webClientId, consoleUrl } = served.running().deployment.graph.outputs as Record<string, string>;
      expect(consoleUrl).toBe(url);
      const asked = new URLSearchParams({ client_id: webClientId ?? "", response_type: "code", scope: "openid" });
      asked.set("redirect_uri", `${url}/callback`);
      asked.set("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"); // RFC 7636, appendix B
      asked.set("code_challenge_method", "S256");
      expect((await fetch(`${issuer}/oauth2/authorize?${asked}`)).status).toBe(200);
    } finally {
      await served.stop();
      copy.remove();
    }
  });
});
