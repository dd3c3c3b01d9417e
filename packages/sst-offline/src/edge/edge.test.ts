import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import type { Graph } from "@backend/sst-graph/graph";
import { loadGraph } from "@backend/sst-graph/load";
import { resolve } from "@backend/sst-graph/resolve";
import { withPrefix } from "@backend/testing/app";
import { REPOSITORY, repositoryCopy } from "@backend/testing/repository-copy";
import { accessLogOf, exchange, functionLogOf, lineOf, serve } from "@backend/testing/serving";
import { synthesised } from "@backend/testing/synthesised";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gapsOf } from "../deployment/coverage";
import { apiHostsOf } from "../gateway/api";
import type { Offline } from "../offline";
import { findDistribution } from "./edge";

const FUNCTION = "/SecureBackendFunction";

/** Serves this repository's functions with the graph of another stage, under the name dev. */
async function served(graph: Graph): Promise<{ offline: Offline; folder: string; stop(): Promise<void> }> {
  const copy = repositoryCopy((dev) => Object.assign(dev, graph, { stage: "dev" }));
  const offline = await serve(copy.folder);
  return {
    offline,
    folder: copy.folder,
    async stop() {
      await offline.stop();
      copy.remove();
    },
  };
}

/** Includes the distribution in front of the API, as a deployment does. */
function gapsIn(graph: Graph) {
  const resolved = resolve(graph);
  return gapsOf({ graph: resolved, edge: findDistribution(resolved, apiHostsOf(resolved)) });
}

describe("prod, behind its edge", () => {
  const graph = loadGraph(path.join(REPOSITORY, "infra/graph/prod.json"));
  let prod: Awaited<ReturnType<typeof served>>;
  beforeAll(async () => {
    prod = await served(graph);
  });
  afterAll(() => prod.stop());
  const url = () => `${new URL(prod.offline.url()).origin}/prod`;

  it("serves requests that come through it, and replaces forged edge headers", async () => {
    const headers = {
      "x-origin-secret": "guessed",
      "x-viewer-address": "192.0.2.1",
      "x-forwarded-host": "evil.example",
    };
    const response = await fetch(`${url()}${FUNCTION}`, { headers });
    expect(response.status).toBe(200);
    const logged = functionLogOf(prod.folder, `${withPrefix("SecureBackendFunction")}-prod`).join("");
    expect(logged).toContain("127.0.0.1");
    expect(logged).not.toContain("192.0.2.1");
    expect(lineOf(prod.offline, response)).toMatchObject({ status: 200, stage: "prod" });
    const document = (await (await fetch(`${url()}/openapi.json`, { headers })).json()) as { servers: unknown };
    expect(JSON.stringify(document.servers)).not.toContain("evil");
  });

  // CloudFront responds with 400 to a request without a Host header. The cases are HTTP/1.0 and
  // HTTP/1.1, with and without a host in the request target.
  it.each([
    "GET /prod/x HTTP/1.0\r\n\r\n",
    "GET /prod/x HTTP/1.1\r\nConnection: close\r\n\r\n",
    "GET http://a.example/prod/x HTTP/1.0\r\n\r\n",
  ])("responds to %j with 400 and keeps serving", async (text) => {
    const before = accessLogOf(prod.offline).length;
    const response = await exchange(prod.offline, text);
    expect(response).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*x-cache: Error from cloudfront\r\n/);
    expect(accessLogOf(prod.offline)).toHaveLength(before);
    expect((await fetch(`${url()}${FUNCTION}`)).status).toBe(200);
  });

  it("writes its URL to the outputs", () => {
    const outputs = JSON.parse(readFileSync(path.join(prod.folder, ".offline/dev/outputs.json"), "utf8"));
    expect(outputs.url).toBe(url());
  });
});

describe("prod, when the edge sends a different secret than the functions expect", () => {
  it("rejects every request that reaches a function, and logs it", async () => {
    const graph = loadGraph(path.join(REPOSITORY, "infra/graph/prod.json"));
    for (const { type, inputs } of graph.resources) {
      if (type !== "aws:lambda/function:Function") continue;
      const { variables } = inputs.environment as { variables: Record<string, unknown> };
      if (variables.ORIGIN_SECRETS !== undefined) variables.ORIGIN_SECRETS = "x".repeat(64);
    }
    const prod = await served(graph);
    try {
      const response = await fetch(`${new URL(prod.offline.url()).origin}/prod${FUNCTION}`);
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ type: expect.stringMatching(/access\.edge$/) });
      expect(lineOf(prod.offline, response)).toMatchObject({ status: 403 });
    } finally {
      await prod.stop();
    }
  });
});

describe("prod with a domain in the stage's table", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "domain-"));
  let graph: Graph;
  beforeAll(async () => {
    for (const name of ["sst.config.ts", "package.json", "tsconfig.json", "infra"]) {
      cpSync(path.join(REPOSITORY, name), path.join(folder, name), { recursive: true });
    }
    for (const name of ["packages", "node_modules"]) symlinkSync(path.join(REPOSITORY, name), path.join(folder, name));
    const table = path.join(folder, "infra/stage.ts");
    const edge = /^ {4}edge: \{.*\},$/m;
    writeFileSync(table, readFileSync(table, "utf8").replace(edge, '$&\n    domain: "api.example.com",'));
    graph = await synthesised(folder, "prod");
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const inputsOf = (type: string) =>
    resolve(graph)
      .resources.filter((one) => one.type === type)
      .map(({ inputs }) => inputs);

  it("has only the domain: at the edge, with an origin domain for the API, and no AWS address", () => {
    expect(graph.outputs.url).toBe("https://api.example.com");
    expect(inputsOf("aws:apigatewayv2/api:Api")).toEqual([
      expect.objectContaining({ disableExecuteApiEndpoint: true }),
    ]);
    expect(inputsOf("aws:apigatewayv2/domainName:DomainName")).toEqual([
      expect.objectContaining({
        domainName: "origin.api.example.com",
        domainNameConfiguration: expect.objectContaining({ securityPolicy: "TLS_1_2", endpointType: "REGIONAL" }),
      }),
    ]);
    expect(inputsOf("aws:apigatewayv2/apiMapping:ApiMapping")).toEqual([expect.objectContaining({ stage: "prod" })]);
    expect(inputsOf("aws:cloudfront/distribution:Distribution")).toContainEqual(
      expect.objectContaining({
        aliases: ["api.example.com"],
        origins: [expect.objectContaining({ domainName: "origin.api.example.com" })],
        viewerCertificate: expect.objectContaining({ minimumProtocolVersion: "TLSv1.2_2021" }),
      }),
    );
  });

  it("declares nothing that offline does not know", () => {
    expect(gapsIn(graph).filter(({ unknown }) => unknown)).toEqual([]);
  });

  it("is served offline without the stage in the path, as the domain's mapping does", async () => {
    const prod = await served(graph);
    try {
      const { origin } = new URL(prod.offline.url());
      expect(prod.offline.url()).toBe(origin);
      const outputs = JSON.parse(readFileSync(prod.offline.outputsFile, "utf8"));
      expect(outputs.url).toBe(origin);
      expect((await fetch(`${origin}${FUNCTION}`)).status).toBe(200);
      expect((await fetch(`${origin}/prod${FUNCTION}`)).status).toBe(404);
      const document = (await (await fetch(`${origin}/openapi.json`)).json()) as { servers: { url: string }[] };
      expect(new URL(document.servers[0]?.url ?? "").pathname).toBe("/");
    } finally {
      await prod.stop();
    }
  });
});
