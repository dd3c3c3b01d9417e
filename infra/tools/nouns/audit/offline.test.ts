import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Graph } from "@backend/sst-graph/graph";
import { loadGraph } from "@backend/sst-graph/load";
import type { Offline } from "@backend/sst-offline/offline";
import { createTerminal } from "@backend/sst-offline/terminal";
import { APP, withPrefix } from "@backend/testing/app";
import { printedToken } from "@backend/testing/printed-token";
import { repositoryCopy } from "@backend/testing/repository-copy";
import { functionLogOf, lineOf, serve } from "@backend/testing/serving";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OFFLINE_APP } from "../../offline-app";

const { folder, remove } = repositoryCopy();
let offline: Offline & { news: string[] };
beforeAll(async () => {
  offline = await serve(folder, OFFLINE_APP);
});
afterAll(async () => {
  await offline.stop();
  remove();
});

const tokenOf = (...args: string[]) => printedToken(args, folder, OFFLINE_APP);
const machine = () => tokenOf("--client", "machine", "--scope", "audit/write audit/read tenant/acme");
const person = (...groups: string[]) =>
  tokenOf("--user", "ada", "--scope", "audit/write audit/read", ...groups.flatMap((group) => ["--group", group]));

interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

async function send(target: string, bearer: string, { method = "GET", headers = {}, body }: Sent = {}) {
  const response = await fetch(`${offline.url()}${target}`, {
    method,
    headers: {
      ...(bearer !== "" && { authorization: `Bearer ${bearer}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { response, status: response.status, body: JSON.parse(await response.text()) };
}
const record = (body: unknown, bearer: string, headers = {}) =>
  send("/events", bearer, { method: "POST", body, headers });

const event = {
  action: "invoice.paid",
  actor: { type: "user", id: "ada" },
  targets: [{ type: "invoice", id: "42" }],
  outcome: "success",
  occurredAt: "2026-11-23T09:30:00Z",
  metadata: {},
};

it("the start screen's example of a token is accepted by its route", async () => {
  const written: string[] = [];
  createTerminal({ write: (text) => written.push(text) > 0 }, {}).started(offline, 1);
  await expect.poll(() => written.join("")).toContain("curl");
  const screen = written.join("");
  const [, options = ""] = /offline token(.*)\)/.exec(screen) ?? [];
  const [, url = ""] = /--oauth2-bearer \$TOKEN (\S+)/.exec(screen) ?? [];
  const bearer = await tokenOf(...options.split(" ").filter(Boolean));
  expect((await fetch(url, { headers: { authorization: `Bearer ${bearer}` } })).status).toBe(200);
});

describe("the audit trail", () => {
  it("leads from an event to its line in the access log, and on to who it was", async () => {
    const { response, body } = await record(event, await person("writers", "tenant:acme"));
    expect(response.headers.get("apigw-requestid")).toBe(body.requestId);
    const { client, user } = lineOf(offline, response) as { client: string; user: string };
    expect(client).toBe(offline.running().deployment.graph.outputs.webClientId);
    expect(user).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("keeps its events over a restart, and the tokens stay good", async () => {
    const bearer = await machine();
    const { body: recorded } = await record({ ...event, action: "kept.event" }, bearer);
    await offline.stop();
    offline = await serve(folder, OFFLINE_APP);
    expect((await send(`/events/${recorded.id}`, await machine())).body).toEqual(recorded);
    expect((await send("/events?action=kept.event", await machine())).body.items).toHaveLength(1);
  });

  it("is refused with a token whose signature has been tampered with", async () => {
    const { status, response } = await send("/events", `${await machine()}x`);
    expect(status).toBe(401);
    expect(lineOf(offline, response)).toMatchObject({ authorizerError: expect.stringContaining("invalid_token") });
  });
});

describe("an attack", () => {
  it.each<[string, () => Promise<string>, string, Sent, number]>([
    ["no token", async () => "", "/events", {}, 401],
    ["a forged claim", async () => forged(await person("tenant:acme")), "/events", {}, 401],
    ["no group", () => person(), "/events", {}, 403],
    ["two tenants", () => person("writers", "tenant:acme", "tenant:globex"), "/events", {}, 400],
    [
      "two tenants, one of them named",
      () => person("tenant:acme", "tenant:globex"),
      "/events",
      { headers: { "x-tenant": "globex" } },
      200,
    ],
    ["a foreign tenant", () => person("tenant:acme"), "/events", { headers: { "x-tenant": "globex" } }, 403],
    ["a reader who writes", () => person("tenant:acme"), "/events", { method: "POST", body: event }, 403],
    ["a tenant in the body", machine, "/events", { method: "POST", body: { ...event, tenant: "globex" } }, 400],
    ["a tenant in the query", machine, "/events?tenant=globex", {}, 400],
    [
      "a scope that was not asked for",
      () => tokenOf("--client", "machine", "--scope", "audit/read"),
      "/events",
      { method: "POST", body: event },
      403,
    ],
  ])("by %s is answered", async (_title, bearer, target, sent, status) => {
    const answer = await send(target, await bearer(), sent);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).not.toMatch(/at .*\.(ts|mjs):\d+/);
  });

  it("by another tenant's event id, cursor and key finds nothing", async () => {
    const [acme, globex] = [await machine(), await person("writers", "tenant:globex")];
    const { body: mine } = await record(event, acme, { "idempotency-key": "same" });
    await record(event, acme);
    const { body: page } = await send("/events?limit=1", acme);
    expect((await send(`/events/${mine.id}`, globex)).status).toBe(404);
    expect((await send(`/events?cursor=${page.cursor}`, globex)).body).toEqual({ items: [] });
    const { body: theirs } = await record(event, globex, { "idempotency-key": "same" });
    expect([theirs.tenant, theirs.id === mine.id]).toEqual(["globex", false]);
  });
});

async function aws(target: string, input: object, accessKeyId: string) {
  const scope = `${accessKeyId}/20261123/${APP.region}/dynamodb/aws4_request`;
  const response = await fetch(offline.endpointUrl, {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      "x-amz-target": target,
      "content-type": "application/x-amz-json-1.0",
    },
    body: JSON.stringify(input),
  });
  return { status: response.status, body: await response.json() };
}

describe("a function", () => {
  const keyOf = (name: string) => offline.running().accessKeyOf(name);
  const TableName = `${APP.prefix}Audit-dev`;

  it("may call what its role allows, and nothing else", async () => {
    const Key = { pk: { S: "acme#2026-11-23" }, sk: { S: "x" } };
    const get = (name: string) => aws("DynamoDB_20120810.GetItem", { TableName, Key }, keyOf(name));
    expect((await get(`${APP.prefix}RecordEvents-dev`)).status).toBe(200);
    expect((await get(`${APP.prefix}ReadEvents-dev`)).status).toBe(200);
    // Wording: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    expect(await get(`${withPrefix("SecureBackendFunction")}-dev`)).toMatchObject({
      status: 400,
      body: {
        __type: "com.amazon.coral.service#AccessDeniedException",
        message: expect.stringMatching(
          new RegExp(
            `^User: arn:aws:sts::000000000000:assumed-role/\\S+/${withPrefix("SecureBackendFunction")}-dev is not authorized to ` +
              `perform: dynamodb:GetItem on resource: arn:aws:dynamodb:${APP.region}:000000000000:table/${APP.prefix}Audit-dev ` +
              "because no identity-based policy allows the dynamodb:GetItem action$",
          ),
        ),
      },
    });
  });

  it("fails when the action that it needs is taken out of the graph, and works again when it is back", async () => {
    const file = path.join(folder, "infra/graph/dev.json");
    const graph = loadGraph(file);
    const without = structuredClone(graph);
    forbid(without, "RecordEventsRole", "dynamodb:PutItem");
    await reloaded(file, without);
    const { status, response } = await record(event, await machine());
    expect(status).toBe(500);
    const { integrationRequestId } = lineOf(offline, response);
    const records = functionLogOf(folder, `${APP.prefix}RecordEvents-dev`).filter((line) =>
      line.includes(String(integrationRequestId)),
    );
    expect(records.join()).toContain("is not authorized to perform: dynamodb:PutItem");
    await reloaded(file, graph);
    expect((await record(event, await machine())).status).toBe(201);
  });

  async function reloaded(file: string, graph: Graph) {
    const before = offline.news.length;
    writeFileSync(file, JSON.stringify(graph));
    await expect.poll(() => offline.news.slice(before).join()).toContain("Reloaded");
  }
});

function forbid({ resources }: Graph, role: string, action: string): void {
  const found = resources.find(({ name }) => name === role);
  const text = JSON.stringify(found?.inputs).replace(`"${action}",`, "");
  if (found === undefined || text === JSON.stringify(found.inputs)) throw new Error(`${role} has no ${action}`);
  found.inputs = JSON.parse(text);
}

/** The token with a group more in its claims, under the same signature. */
function forged(bearer: string): string {
  const [header, payload = "", signature] = bearer.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  claims["cognito:groups"] = ["writers", "tenant:globex"];
  return [header, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
}
