import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { AccessLogAnswer } from "@backend/platform/access-log/search-answer";
import { FunctionLogAnswer } from "@backend/platform/function-log/answer";
import { TrafficAnswer } from "@backend/platform/traffic/answer";
import { compileFilterPattern } from "@backend/sst-offline/logs/filter-pattern";
import type { Offline } from "@backend/sst-offline/offline";
import { APP, withPrefix } from "@backend/testing/app";
import { printedToken } from "@backend/testing/printed-token";
import { REPOSITORY, repositoryCopy } from "@backend/testing/repository-copy";
import { accessLogOf, idOf, serve } from "@backend/testing/serving";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OFFLINE_APP } from "../offline-app";
import { examplesOf } from "./examples";

const { folder, remove } = repositoryCopy();
let offline: Offline & { news: string[] };
let operator: string;

const tokenOf = (...args: string[]) => printedToken(args, folder, OFFLINE_APP);
const person = (scope: string, ...groups: string[]) =>
  tokenOf("--user", "ada", "--scope", scope, ...groups.flatMap((group) => ["--group", group]));

beforeAll(async () => {
  offline = await serve(folder, OFFLINE_APP);
  operator = await person("traffic/read", "operators");
});
afterAll(async () => {
  await offline.stop();
  remove();
});

interface Body {
  items: { requestTimeEpoch: number }[];
  routes: { route: string; requests: number }[];
  refusals: Record<string, number>;
  unparseableLines: number;
}

async function get(target: string, bearer = operator) {
  const headers = bearer === "" ? {} : { authorization: `Bearer ${bearer}` };
  const response = await fetch(`${offline.url()}${target}`, { headers });
  return { status: response.status, body: (await response.json()) as Body, id: idOf(response) };
}

const ANSWERS: Record<string, { parse(body: unknown): unknown }> = {
  "GET /traffic": TrafficAnswer,
  "GET /access-log": AccessLogAnswer,
  "GET /function-log": FunctionLogAnswer,
};

describe("every example of the documentation", () => {
  // examples.test.ts sends the others.
  it.each(examplesOf({ scope: "traffic/read", asked: true }))("%s, %s", async (key, _name, { query = {}, status }) => {
    const { status: answered, body } = await get(`${key.slice(4)}?${new URLSearchParams(query)}`);
    expect(answered).toBe(status);
    expect(ANSWERS).toHaveProperty([key]);
    if (status === 200) ANSWERS[key]?.parse(body);
  });
});

describe("the traffic", () => {
  it("is what the access log says, seconds later", async () => {
    for (const target of ["/SecureBackendFunction", "/SecureBackendFunction", "/nothing", "/access-log"]) {
      await fetch(`${offline.url()}${target}`);
    }
    const routeKeys = accessLogOf(offline).map(({ routeKey }) => (routeKey === "-" ? "(none)" : routeKey));
    const counted = async () => {
      const { body } = await get("/traffic");
      const others = body.routes.filter(({ route }) => route !== "GET /traffic");
      return Object.fromEntries(others.map(({ route, requests }) => [route, requests]));
    };
    const wanted: Record<string, number> = {};
    for (const key of routeKeys) if (key !== "GET /traffic") wanted[String(key)] = (wanted[String(key)] ?? 0) + 1;
    await expect.poll(counted).toEqual(wanted);
    const { body } = await get("/traffic");
    expect(body.refusals).toMatchObject({ "not-found": 1 });
    expect(body.unparseableLines).toBe(0);
  });
});

describe("the access log", () => {
  it("is searched by request, and the answer leads on", async () => {
    const { id } = await get("/nothing");
    const { body } = await get(`/access-log?requestId=${encodeURIComponent(id)}`);
    expect(body).toMatchObject({
      items: [{ requestId: id, status: 404, path: "/dev/nothing", errorMessage: "Not Found" }],
      complete: true,
      insightsQuery: expect.stringContaining(`requestId = "${id}"`),
    });
  });

  it("is newest first", async () => {
    const { body } = await get("/access-log");
    const times = body.items.map(({ requestTimeEpoch }) => requestTimeEpoch);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(times.length).toBeGreaterThan(3);
  });
});

describe("the log of a function", () => {
  const logOf = async (id: string) => {
    const found = AccessLogAnswer.parse((await get(`/access-log?requestId=${encodeURIComponent(id)}`)).body);
    const { integrationRequestId, routeKey, requestTimeEpoch = 0 } = found.items[0] ?? {};
    const at = new Date(requestTimeEpoch).toISOString();
    const invocation = { integrationRequestId: String(integrationRequestId), route: String(routeKey), at };
    const { status, body } = await get(`/function-log?${new URLSearchParams(invocation)}`);
    return { status, body, invocation };
  };

  it.each([
    ["/SecureBackendFunction", "SecureBackendFunction"],
    ["/traffic", "ReadTraffic"],
  ])("has what an invocation by %s logged, and nothing of another one", async (target, name) => {
    const { id } = await get(target);
    await get(target);
    const { status, body, invocation } = await logOf(id);
    const { integrationRequestId } = invocation;
    const { logGroup, records, complete } = FunctionLogAnswer.parse(body);
    expect([status, logGroup, complete]).toEqual([200, `/aws/lambda/${withPrefix(name)}-dev`, true]);
    const texts = records.map(({ message }) => JSON.stringify(message));
    expect(texts.filter((text) => !text.includes(integrationRequestId))).toEqual([]);
    expect(records).toContainEqual({
      timestamp: expect.any(String),
      message: expect.objectContaining({
        requestId: integrationRequestId,
        message: expect.objectContaining({ requestId: id }),
      }),
    });
  });

  it("is not that of the function which reads it", async () => {
    const { id } = await get("/function-log?route=GET+/traffic");
    expect(await logOf(id)).toMatchObject({ status: 400, body: { errors: [{ pointer: "/route" }] } });
  });
});

describe("none is shown to", () => {
  it.each<[string, () => Promise<string> | string, number]>([
    ["nobody", () => "", 401],
    ["a person who is no operator", () => person("traffic/read", "tenant:acme"), 403],
    ["an operator whose client asked for another scope", () => person("openid", "operators"), 403],
    ["a machine", () => tokenOf("--client", "machine"), 403],
  ])("%s", async (_who, bearer, status) => {
    for (const target of ["/traffic", "/access-log", "/function-log"])
      expect((await get(target, await bearer())).status).toBe(status);
  });
});

describe("a function that reads logs", () => {
  const filter = async (name: string, logGroupName: string) => {
    const key = offline.running().accessKeyOf(`${withPrefix(name)}-dev`);
    const response = await fetch(offline.endpointUrl, {
      method: "POST",
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${key}/20261123/${APP.region}/logs/aws4_request`,
        "x-amz-target": "Logs_20140328.FilterLogEvents",
      },
      body: JSON.stringify({ logGroupName }),
    });
    return { status: response.status, body: await response.json() };
  };

  const ACCESS_LOG = `/aws/apigateway/${withPrefix("SecureBackendAPI")}/dev`;
  it.each([
    ["ReadAccessLog", ACCESS_LOG, `/aws/lambda/${withPrefix("SecureBackendFunction")}-dev`],
    ["ReadFunctionLog", `/aws/lambda/${withPrefix("SecureBackendFunction")}-dev`, ACCESS_LOG],
    ["ReadFunctionLog", `/aws/lambda/${APP.prefix}ReadAccessLog-dev`, `/aws/lambda/${APP.prefix}RollUpTraffic-dev`],
  ])("%s may read %s, and not %s", async (name, own, foreign) => {
    expect((await filter(name, own)).status).toBe(200);
    expect(await filter(name, foreign)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("is not authorized to perform: logs:FilterLogEvents") },
    });
  });
});

describe("the metric filters of the graph", () => {
  it("count what API Gateway refused itself, and nothing else", async () => {
    const refused = await get("/traffic", "");
    const scope = await get("/traffic", await person("openid", "operators"));
    const group = await get("/traffic", await person("traffic/read", "tenant:acme"));
    expect([refused.status, scope.status, group.status]).toEqual([401, 403, 403]);
    const filters = offline
      .running()
      .deployment.graph.resources.filter(({ type }) => type.endsWith(":LogMetricFilter"));
    const unauthorized = filters.find(({ name }) => name === "UnauthorizedRequestsFilter")?.inputs.pattern;
    const throttled = filters.find(({ name }) => name === "ThrottledRequestsFilter")?.inputs.pattern;
    const lines = accessLogOf(offline);
    const idsIn = (pattern: unknown) => {
      const found = lines.filter((line) => compileFilterPattern(String(pattern))(JSON.stringify(line)));
      return found.map(({ requestId }) => requestId);
    };
    expect(idsIn(unauthorized)).toEqual(expect.arrayContaining([refused.id, scope.id]));
    expect(idsIn(unauthorized)).not.toContain(group.id); // refused by the function, which says why
    expect(idsIn(throttled)).toEqual(lines.filter(({ status }) => status === 429).map(({ requestId }) => requestId));
  });
});

describe("ops smoke", () => {
  it("calls the API, and finds the request in the access log and in the function's log", async () => {
    const [launch, ops] = ["packages/launch/launch.mjs", "packages/ops/src/main.ts"].map((file) =>
      path.join(REPOSITORY, file),
    );
    const args = [launch ?? "", ops ?? "", "smoke", "--offline", "--json", "--project", folder];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      steps: [
        { step: "response", ok: true },
        { step: "access log", ok: true },
        { step: "function log", ok: true },
      ],
    });
  });
});
