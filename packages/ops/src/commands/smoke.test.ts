import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { withPrefix } from "@backend/testing/recorded";
import { describe, expect, it, onTestFinished } from "vitest";
import { awsServer, type FakeLogGroup } from "../../test/aws-server";
import { accessLogLine, GROUP, offlineProject, run } from "../../test/run";

const ID = "goFCkrFM77yKlUA=";
const INVOCATION = "d98b96da-507f-4852-855d-5d695750fa0f";
const FUNCTION_GROUP = `/aws/lambda/${withPrefix("SecureBackendFunction")}-dev`;

/**
 * An API that answers as API Gateway does, with its `apigw-requestid`; before that, `first` by an
 * answer each without one.
 */
async function api(
  status: number,
  headers: Record<string, string> = { "apigw-requestid": ID },
  first: (number | "hang up")[] = [],
) {
  const paths: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    paths.push(`${request.method} ${request.url}`);
    const early = first[paths.length - 1];
    if (early === "hang up") request.destroy();
    else if (early !== undefined) response.writeHead(early).end("not yet");
    else response.writeHead(status, headers).end('{"message":"Hello"}');
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
  onTestFinished(() => (server.listening ? close() : undefined));
  return { close, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/dev`, paths };
}

const line = (changes = {}) => ({
  timestamp: Date.now(),
  message: accessLogLine({
    requestId: ID,
    integrationRequestId: INVOCATION,
    requestTimeEpoch: Date.now(),
    ...changes,
  }),
});
const record = () => ({ timestamp: Date.now(), message: `{"level":"INFO","requestId":"${INVOCATION}"}` });

async function smoke(
  url: string,
  logGroups: FakeLogGroup[],
  argv: string[] = [],
  appearing?: (groups: FakeLogGroup[], call: number) => void,
) {
  const server = await awsServer({ logGroups, beforeFilter: (_input, call) => appearing?.(logGroups, call) });
  const project = offlineProject({ url, accessLogGroup: GROUP, awsEndpointUrl: server.url });
  return { ...(await run(["smoke", "--offline", "--project", project, ...argv])), calls: server.calls };
}

describe("smoke", () => {
  it("finds the request in both logs, and times each step", async () => {
    const { url, paths } = await api(200);
    const groups = [
      { name: GROUP, events: [line()] },
      { name: FUNCTION_GROUP, events: [record()] },
    ];
    const { code, stdout } = await smoke(url, groups);
    expect(code).toBe(0);
    expect(paths).toEqual(["GET /dev/SecureBackendFunction"]);
    const [response = "", accessLog = "", functionLog = "", ...rest] = stdout.split("\n");
    expect(rest).toEqual([""]);
    expect(response).toMatch(
      /^ok {5}response +\d+ ms {2}GET http:\S+\/dev\/SecureBackendFunction answered 200, goFCkrFM77yKlUA=$/,
    );
    expect(accessLog).toMatch(/^ok {5}access log +\d+ ms {2}status 200, 12 ms, goFCkrFM77yKlUA=$/);
    expect(functionLog).toMatch(
      new RegExp(`^ok {5}function log +\\d+ ms  invocation ${INVOCATION} in ${FUNCTION_GROUP}$`),
    );
  });

  it("looks again until the lines are there", async () => {
    const { url } = await api(200);
    const groups: FakeLogGroup[] = [
      { name: GROUP, events: [] },
      { name: FUNCTION_GROUP, events: [] },
    ];
    const { code } = await smoke(url, groups, [], ([accessLog, functionLog], call) => {
      if (call === 3) accessLog?.events?.push(line());
      if (call === 5) functionLog?.events?.push(record());
    });
    expect(code).toBe(0);
  });

  it("waits for a log group that a first deployment has yet to make, and says so once", async () => {
    const { url } = await api(200);
    const groups: FakeLogGroup[] = [];
    const { code, stderr } = await smoke(url, groups, [], (_groups, call) => {
      if (call === 4) groups.push({ name: GROUP, events: [line()] }, { name: FUNCTION_GROUP, events: [record()] });
    });
    expect(code).toBe(0);
    expect(stderr.match(/^Waiting for the access log: ResourceNotFoundException: .*$/gm)).toHaveLength(1);
  });

  // A new distribution's host name answers some minutes after SST has stopped waiting, and a new
  // API may answer 404 first:
  // https://github.com/anomalyco/sst/issues/5978
  it.each<[string, number | "hang up"]>([
    ["CloudFront refuses", 403],
    ["there is no route", 404],
    ["the origin is not reached", 502],
    ["the connection breaks", "hang up"],
  ])("asks again while %s", async (_what, early) => {
    const { url, paths } = await api(200, undefined, [early, early]);
    const groups = [
      { name: GROUP, events: [line()] },
      { name: FUNCTION_GROUP, events: [record()] },
    ];
    const { code, stderr } = await smoke(url, groups);
    expect(code).toBe(0);
    expect(paths).toHaveLength(3);
    expect(stderr.match(/^Waiting for the response: /gm)).toHaveLength(1);
  });

  it("does not ask again for an answer that time does not change", async () => {
    const { url, paths } = await api(401);
    const { code, stdout } = await smoke(
      url,
      [{ name: GROUP, events: [line({ status: 401 })] }],
      ["--timeout", "600ms"],
    );
    expect(code).toBe(1);
    expect(paths).toHaveLength(1);
    expect(stdout).toContain("answered 401");
  });

  it("is JSON on request", async () => {
    const { url } = await api(200);
    const groups = [
      { name: GROUP, events: [line()] },
      { name: FUNCTION_GROUP, events: [record()] },
    ];
    const { stdout } = await smoke(url, groups, ["--json", "--path", "/other"]);
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      stage: "dev",
      where: "offline",
      url: `${url}/other`,
      steps: ["response", "access log", "function log"].map((step) => ({
        step,
        ok: true,
        milliseconds: expect.any(Number),
        detail: expect.any(String),
      })),
    });
  });
});

describe("smoke ends with exit code 1, and says what was not found:", () => {
  const complete: FakeLogGroup[] = [
    { name: GROUP, events: [line()] },
    { name: FUNCTION_GROUP, events: [record()] },
  ];
  it.each<[string, number, Record<string, string> | undefined, FakeLogGroup[], string, string]>([
    [
      "another status",
      500,
      undefined,
      complete,
      "failed response",
      'answered 500, goFCkrFM77yKlUA=; expected 200: {"message":"Hello"}',
    ],
    ["no request id", 200, {}, complete, "failed response", "no apigw-requestid header, so nothing to look for"],
    [
      "no line",
      200,
      undefined,
      [{ name: GROUP }],
      "failed access log",
      `no line of request ${ID} in ${GROUP} after 0.6 s`,
    ],
    [
      "a line of another request",
      200,
      undefined,
      [{ name: GROUP, events: [line({ requestId: "x" })] }],
      "failed access log",
      "no line",
    ],
    [
      "no log group",
      200,
      undefined,
      [],
      "failed access log",
      "(ResourceNotFoundException: The specified log group does not exist. " +
        "Is the stage deployed, in this account and region?)",
    ],
    [
      "no invocation",
      200,
      undefined,
      [{ name: GROUP, events: [line({ integrationRequestId: "-" })] }],
      "failed function log",
      "names no invocation",
    ],
    [
      "no record",
      200,
      undefined,
      [{ name: GROUP, events: [line()] }, { name: FUNCTION_GROUP }],
      "failed function log",
      `no record of invocation ${INVOCATION} in the logs of the stage's functions after 0.6 s`,
    ],
    [
      "a record of another stage's function",
      200,
      undefined,
      [
        { name: GROUP, events: [line()] },
        { name: FUNCTION_GROUP.replace("-dev", "-prod"), events: [record()] },
      ],
      "failed function log",
      "no record",
    ],
  ])("%s", async (_title, status, headers, groups, step, detail) => {
    const { url } = await api(status, headers);
    const { code, stdout } = await smoke(url, groups, ["--timeout", "600ms"]);
    expect(code).toBe(1);
    expect(stdout).toContain(step);
    expect(stdout).toContain(detail);
  });

  it("nobody answers", async () => {
    const gone = await api(200, {});
    await gone.close();
    const { code, stdout, calls } = await smoke(gone.url, [], ["--timeout", "600ms"]);
    expect({ code, calls }).toEqual({ code: 1, calls: [] });
    expect(stdout).toMatch(/Nothing listens at 127\.0\.0\.1:\d+ \(connection refused\)/);
  });
});

it.each([
  ["ANY /hello", "/hello"],
  ["GET /hello", "/hello"],
  ["POST /hello", "/openapi.json"],
  ["GET /hello/{name}", "/openapi.json"],
])("calls a route that anyone may GET: with %s that is %s", async (routeKey, expected) => {
  const { url, paths } = await api(401);
  const project = offlineProject({ url, accessLogGroup: GROUP, awsEndpointUrl: "http://127.0.0.1:1" });
  const file = path.join(project, "infra/graph/dev.json");
  writeFileSync(file, readFileSync(file, "utf8").replaceAll('"ANY /SecureBackendFunction"', JSON.stringify(routeKey)));
  await run(["smoke", "--offline", "--project", project, "--timeout", "200ms"]);
  expect(paths).toEqual([`GET /dev${expected}`]);
});
