import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";

import type { Graph, Resource } from "@backend/sst-graph/graph";
import { freePort } from "@backend/testing/free-port";
import { serve } from "@backend/testing/serving";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FixtureProject, fixtureProject, fixtureResource, lambdaRef } from "../test/project";
import { readFixture } from "../test/reading";
import { startDeployment } from "./deployment/start";
import { openTables } from "./dynamodb/store";
import { openLogGroups } from "./logs/groups";
import { openLogs } from "./logs/service";

const answering = (text: string) => ({ source: `export const handler = async () => ${JSON.stringify(text)};` });
const schedule = fixtureResource("aws:scheduler/schedule:Schedule", "Hourly", {
  name: "Hourly",
  scheduleExpression: "rate(1 hour)",
  target: { arn: lambdaRef(0) },
});

let project: FixtureProject;
beforeEach(() => {
  project = fixtureProject({ "GET /a": answering("a"), "GET /b": answering("b") }, { resources: [schedule] });
});
afterEach(() => project.remove());
const stageFile = (...names: string[]) => path.join(project.folder, ".offline/dev", ...names);

/** Changes the graph's file. */
function change(edit: (graph: Graph) => void): void {
  const file = path.join(project.folder, "infra/graph/dev.json");
  const graph = JSON.parse(readFileSync(file, "utf8")) as Graph;
  edit(graph);
  writeFileSync(file, JSON.stringify(graph));
}

/** Adds a distribution in front of the API, with a viewer function of this code. */
function addViewerFunction({ resources }: Graph, code: string): void {
  const api = resources.find(({ type }) => type === "aws:apigatewayv2/api:Api") as Resource;
  const viewer = fixtureResource("aws:cloudfront/function:Function", "Viewer", { name: "Viewer", code });
  const domainName = `\${${api.urn}#id}.execute-api.eu-west-1.amazonaws.com`;
  resources.push(
    viewer,
    fixtureResource("aws:cloudfront/distribution:Distribution", "Edge", {
      origins: [{ originId: "api", domainName }],
      defaultCacheBehavior: {
        targetOriginId: "api",
        functionAssociations: [{ eventType: "viewer-request", functionArn: { ref: `${viewer.urn}#arn` } }],
      },
    }),
  );
}

describe("a start that fails", () => {
  it.each<[string, () => void, string]>([
    [
      "outputs.json is a folder",
      () => mkdirSync(stageFile("outputs.json"), { recursive: true }),
      "outputs.json cannot be",
    ],
    ["a bundler's option is unknown", () => change(withUnknownOption), "nodejs.install is not supported"],
    [
      "a viewer function cannot be read",
      () => change((graph) => addViewerFunction(graph, 'import cf from "cloudfront";')),
      "cannot be simulated",
    ],
    [
      "the graph has a merge conflict",
      () => writeFileSync(path.join(project.folder, "infra/graph/dev.json"), "<<<<<<< HEAD\n{}\n"),
      "dev.json",
    ],
  ])("because %s leaves nothing behind", async (_title, damage, message) => {
    const port = await freePort();
    damage();
    await expect(serve(project.folder, { port })).rejects.toThrow(message);
    for (const taken of [port, port + 1]) await expect(connected(taken)).resolves.toBe(false);
    rmSync(stageFile("outputs.json"), { recursive: true, force: true });
    project.write({ "GET /a": answering("again") });
    const offline = await serve(project.folder);
    expect(await (await fetch(`${offline.url()}/a`)).text()).toBe("again");
    await offline.stop();
  });
});

describe("a damaged file in .offline", () => {
  it.each(["", "null", "{", "[]", '{"Hourly":"yesterday"}', '{"Hourly":1e999}'])(
    "schedules.json with %j is reported once, and replaced",
    async (content) => {
      mkdirSync(stageFile(), { recursive: true });
      writeFileSync(stageFile("schedules.json"), content);
      const offline = await serve(project.folder);
      expect(offline.news.filter((text) => text.includes("schedules.json"))).toEqual([
        expect.stringContaining("is damaged"),
      ]);
      expect(JSON.parse(readFileSync(stageFile("schedules.json"), "utf8"))).toEqual({ Hourly: expect.any(Number) });
      await offline.stop();
    },
  );

  it("a truncated bundle is built again", async () => {
    const first = await serve(project.folder);
    expect(await (await fetch(`${first.url()}/a`)).text()).toBe("a");
    await first.stop();
    const [bundle = ""] = readdirSync(stageFile("functions/F0")).filter((name) => name !== "manifest.json");
    writeFileSync(stageFile("functions/F0", bundle, "bundle.mjs"), "export const handler = async () =>");
    const second = await serve(project.folder);
    expect(await (await fetch(`${second.url()}/a`)).text()).toBe("a");
    await second.stop();
  });

  it.each(["", "null", "{", "[]"])("a bundle's manifest with %j is replaced", async (content) => {
    mkdirSync(stageFile("functions/F0"), { recursive: true });
    writeFileSync(stageFile("functions/F0/manifest.json"), content);
    const offline = await serve(project.folder);
    expect(await (await fetch(`${offline.url()}/a`)).text()).toBe("a");
    await offline.stop();
  });
});

describe("one folder", () => {
  it("is served by one process at a time", async () => {
    const first = await serve(project.folder);
    await expect(serve(project.folder)).rejects.toThrow(
      `.offline/dev is already served by process ${process.pid}: stop it first`,
    );
    expect((await fetch(`${first.url()}/a`)).status).toBe(200);
    await first.stop();
    expect(existsSync(stageFile("server.json"))).toBe(false);
    const second = await serve(project.folder);
    await second.stop();
  });

  it.each([
    ["a process that has ended", { pid: 2 ** 22 + 1, port: 1 }],
    ["a process that does not listen on the port", { pid: process.pid, port: 1 }],
    ["no process", {}],
  ])("claimed by %s can be claimed", async (_title, claim) => {
    mkdirSync(stageFile(), { recursive: true });
    writeFileSync(stageFile("server.json"), JSON.stringify(claim));
    const offline = await serve(project.folder);
    await offline.stop();
  });
});

it("a claim with this process's own id and port is left over from an earlier process", async () => {
  const port = await freePort();
  mkdirSync(stageFile(), { recursive: true });
  writeFileSync(stageFile("server.json"), JSON.stringify({ pid: process.pid, port: port + 1 }));
  const offline = await serve(project.folder, { port });
  expect(JSON.parse(readFileSync(stageFile("server.json"), "utf8"))).toEqual({ pid: process.pid, port: port + 1 });
  await offline.stop();
});

describe("a reload", () => {
  it.each<[string, (graph: Graph) => void, string]>([
    ["the route key", ({ resources }) => setRoute(resources, "GET /a/"), "ends in a slash"],
    ["the second function's bundler", withUnknownOption, "nodejs.install"],
    ["the viewer function", (graph) => addViewerFunction(graph, 'import cf from "cloudfront";'), "cannot be simulated"],
    [
      "the log subscription",
      ({ resources }) =>
        void resources.push(
          fixtureResource("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", "Filter", {
            logGroup: "/aws/apigateway/Api/dev",
            destinationArn: lambdaRef(0),
            filterPattern: "{",
          }),
        ),
      "the log subscription",
    ],
  ])("rejected because of %s keeps nothing of the new graph", async (_title, edit, message) => {
    const offline = await serve(project.folder);
    expect(await (await fetch(`${offline.url()}/a`)).text()).toBe("a");
    const graphFile = path.join(project.folder, "infra/graph/dev.json");
    const intact = readFileSync(graphFile, "utf8");
    for (let n = 0; n < 2; n++) {
      const before = offline.news.length;
      writeFileSync(graphFile, intact.replace('"tags":{}', `"tags":{"n":"${n}"}`));
      change(edit);
      await expect.poll(() => offline.news.slice(before).join("\n")).toContain(message);
    }
    const before = offline.news.length;
    writeFileSync(path.join(project.folder, "f0.ts"), answering("edited").source);
    await expect.poll(async () => (await fetch(`${offline.url()}/a`)).text()).toBe("edited");
    expect(offline.news.slice(before).filter((text) => text === "F0 bundled")).toHaveLength(1);
    await offline.stop();
  });

  it("keeps at most two bundles of a function", async () => {
    const offline = await serve(project.folder);
    for (const text of ["1", "2", "3", "4"]) {
      writeFileSync(path.join(project.folder, "f0.ts"), answering(text).source);
      await expect.poll(async () => (await fetch(`${offline.url()}/a`)).text()).toBe(text);
    }
    const bundles = readdirSync(stageFile("functions/F0")).filter((name) => name !== "manifest.json");
    expect(bundles.length).toBeLessThanOrEqual(2);
    await offline.stop();
  });
});

it("a stopped deployment leaves no access keys of its functions", async () => {
  const logs = openLogs(stageFile("logs"));
  const services = {
    project: project.folder,
    folder: stageFile(),
    endpointUrl: "http://127.0.0.1:1",
    logs,
    logGroups: openLogGroups(logs.folder),
    tables: openTables(stageFile("dynamodb"), "eu-west-1", () => {}),
    principals: new Map(),
    reservedConcurrency: new Map(),
    news: { built: () => {}, failed: () => {}, notice: () => {} },
  };
  const running = await startDeployment(readFixture(project), services);
  expect(services.principals.size).toBe(2);
  await running.stop();
  expect(services.principals.size).toBe(0);
});

function withUnknownOption({ functions }: Graph): void {
  Object.assign(functions[1] ?? {}, { nodejs: { install: [] } });
}

function setRoute(resources: Resource[], routeKey: string): void {
  const route = resources.find(({ type }) => type === "aws:apigatewayv2/route:Route");
  if (route !== undefined) route.inputs.routeKey = routeKey;
}

function connected(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
