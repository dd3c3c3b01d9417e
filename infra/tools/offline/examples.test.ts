import { PERMISSIONS, type Permission } from "@backend/core/permissions";
import type { Offline } from "@backend/sst-offline/offline";
import { APP, withPrefix } from "@backend/testing/app";
import { printedToken } from "@backend/testing/printed-token";
import { repositoryCopy } from "@backend/testing/repository-copy";
import { lineOf, serve } from "@backend/testing/serving";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OFFLINE_APP } from "../offline-app";
import { examplesOf } from "./examples";

const { folder, remove } = repositoryCopy();
let offline: Offline;
beforeAll(async () => {
  offline = await serve(folder, OFFLINE_APP);
});
afterAll(async () => {
  await offline.stop();
  remove();
});

/** A person who may do everything in one tenant. */
const anybody = () => {
  const permissions: Permission[] = Object.values(PERMISSIONS);
  const groups = permissions.flatMap(({ group }) => group ?? []);
  const args = [...groups, "tenant:acme"].flatMap((group) => ["--group", group]);
  return printedToken(["--user", "ada", "--scope", Object.keys(PERMISSIONS).join(" "), ...args], folder, OFFLINE_APP);
};

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

describe("every example of the documentation", () => {
  // traffic.test.ts sends the others.
  it.each(examplesOf({ scope: "traffic/read", asked: false }))(
    "%s, %s",
    async (key, _name, { status, path: parameters = {}, query = {}, headers = {}, body }) => {
      const [method = "", template = ""] = key.split(" ");
      const target = template.replaceAll(/\{(\w+)\}/g, (_all, name) => parameters[name] ?? "");
      const search = Object.keys(query).length === 0 ? "" : `?${new URLSearchParams(query)}`;
      const sent = await send(`${target}${search}`, await anybody(), { method, headers, body });
      expect(sent.status).toBe(status);
      expect(lineOf(offline, sent.response)).toMatchObject({ status, httpMethod: method });
    },
  );

  it("has the addresses of where it is served", async () => {
    const { body } = await send("/openapi.json", "");
    const { issuer } = offline.running().deployment.graph.outputs;
    expect(body.servers).toEqual([{ url: expect.stringMatching(/\/dev$/) }]);
    expect(body.components.securitySchemes.cognito.flows.clientCredentials.tokenUrl).toBe(`${issuer}/oauth2/token`);
  });
});

describe("an attack", () => {
  it.each<[string, Record<string, string>]>([
    ["a page of another origin", { origin: "https://evil.example" }],
    ["a page's form or image", { "sec-fetch-site": "cross-site" }],
  ])("by %s on the token endpoint and the tables is refused", async (_title, headers) => {
    const body = "grant_type=client_credentials";
    const form = { ...headers, "content-type": "application/x-www-form-urlencoded" };
    const answer = await fetch(`${offline.running().deployment.graph.outputs.issuer}/oauth2/token`, {
      method: "POST",
      headers: form,
      body,
    });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([403, null]);
    expect((await aws("DynamoDB_20120810.ListTables", {}, "anybody", headers)).status).toBe(403);
  });
});

describe("a function", () => {
  it("cannot forge the access log", async () => {
    const input = {
      logGroupName: `/aws/apigateway/${withPrefix("SecureBackendAPI")}/dev`,
      logStreamName: "access-log",
      logEvents: [{ timestamp: Date.now(), message: "{}" }],
    };
    expect(
      await aws(
        "Logs_20140328.PutLogEvents",
        input,
        offline.running().accessKeyOf(`${withPrefix("SecureBackendFunction")}-dev`),
      ),
    ).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("with an explicit deny in an identity-based policy") },
    });
  });
});

async function aws(target: string, input: object, accessKeyId: string, headers: Record<string, string> = {}) {
  const service = target.startsWith("Logs") ? "logs" : "dynamodb";
  const scope = `${accessKeyId}/20261123/${APP.region}/${service}/aws4_request`;
  const response = await fetch(offline.endpointUrl, {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      "x-amz-target": target,
      "content-type": "application/x-amz-json-1.0",
      ...headers,
    },
    body: JSON.stringify(input),
  });
  return { status: response.status, body: await response.json() };
}
