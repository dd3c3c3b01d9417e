import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import type { Graph } from "@secure-backend/graph/graph";
import { loadGraph } from "@secure-backend/graph/load";
import { resolve } from "@secure-backend/graph/resolve";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { synthesised } from "../../../graph/test/synthesised";
import { REPOSITORY, repositoryCopy } from "../../test/repository-copy";
import { functionLogOf, lineOf, serve } from "../../test/serving";
import { gapsOf } from "../coverage";
import type { Offline } from "../offline";
import { viewerRequest } from "./viewer-request";

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

describe("prod, behind its edge", () => {
  const graph = loadGraph(path.join(REPOSITORY, "infra/graph/prod.json"));
  let prod: Awaited<ReturnType<typeof served>>;
  beforeAll(async () => {
    prod = await served(graph);
  }, 30_000);
  afterAll(() => prod.stop());
  const url = () => `${new URL(prod.offline.url()).origin}/prod`;

  it("answers who comes through it, whatever they send under the names of its headers", async () => {
    const headers = {
      "x-origin-secret": "guessed",
      "x-viewer-address": "192.0.2.1",
      "x-forwarded-host": "evil.example",
    };
    const response = await fetch(`${url()}${FUNCTION}`, { headers });
    expect(response.status).toBe(200);
    const logged = functionLogOf(prod.folder, "SecureBackendFunction-prod").join("");
    expect(logged).toContain("127.0.0.1");
    expect(logged).not.toContain("192.0.2.1");
    expect(lineOf(prod.offline, response)).toMatchObject({ status: 200, stage: "prod" });
    const document = (await (await fetch(`${url()}/openapi.json`, { headers })).json()) as { servers: unknown };
    expect(JSON.stringify(document.servers)).not.toContain("evil");
  });

  it("is where its outputs say", () => {
    const outputs = JSON.parse(readFileSync(path.join(prod.folder, ".offline/dev/outputs.json"), "utf8"));
    expect(outputs.url).toBe(url());
  });
});

describe("prod, when its edge sends another secret than the functions know", () => {
  it("refuses every request that reaches a function, and logs it", async () => {
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
  }, 30_000);
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
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));
  const inputsOf = (type: string) =>
    resolve(graph)
      .resources.filter((one) => one.type === type)
      .map(({ inputs }) => inputs);

  it("is reached there alone: the edge has the domain, the API one behind it, and none of AWS's", () => {
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

  it("has nothing that offline does not know of", () => {
    expect(gapsOf(resolve(graph)).filter(({ unknown }) => unknown)).toEqual([]);
  });

  it("answers offline without the stage in the path, as the mapping of the domain does", async () => {
    const prod = await served(graph);
    try {
      const { origin } = new URL(prod.offline.url());
      expect((await fetch(`${origin}${FUNCTION}`)).status).toBe(200);
      expect((await fetch(`${origin}/prod${FUNCTION}`)).status).toBe(404);
      const document = (await (await fetch(`${origin}/openapi.json`)).json()) as { servers: { url: string }[] };
      expect(new URL(document.servers[0]?.url ?? "").pathname).toBe("/");
    } finally {
      await prod.stop();
    }
  }, 30_000);
});

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
describe("viewerRequest", () => {
  const request = {
    method: "GET",
    path: "/a",
    query: "b=c",
    rawHeaders: ["Host", "x", "Accept", "text/html", "accept", "*/*"],
    body: Buffer.alloc(0),
    sourceIp: "192.0.2.7",
  };

  it("hands the function names in lower case, every value of a name, and the caller's address", async () => {
    const play = viewerRequest(`async function handler({ viewer, request }) {
      request.headers["x-seen"] = { value: [viewer.ip, request.uri, request.headers.accept.multiValue.length].join(" ") };
      delete request.headers.host;
      return request;
    }`);
    expect(await play(request)).toEqual({
      ...request,
      rawHeaders: ["accept", "text/html", "accept", "*/*", "x-seen", "192.0.2.7 /a 2"],
    });
  });

  it("takes no function without a handler, and says of one that answers by itself that it is not played", async () => {
    expect(() => viewerRequest("var handler = 1;")).toThrow("has no handler");
    await expect(viewerRequest("function handler() { return { statusCode: 302 }; }")(request)).rejects.toThrow(
      "not played",
    );
  });
});
