import path from "node:path";
import { fileURLToPath } from "node:url";

import type { Graph } from "@backend/sst-graph/graph";
import { loadGraph } from "@backend/sst-graph/load";
import { resolve } from "@backend/sst-graph/resolve";
import { synthesisedFixture } from "@backend/testing/synthesised";
import { describe, expect, it } from "vitest";
import { findDistribution } from "../edge/edge";
import { apiHostsOf } from "../gateway/api";
import { gapsOf } from "./coverage";

const repository = fileURLToPath(new URL("../../../..", import.meta.url));
const committed = (stage = "dev") => loadGraph(path.join(repository, "infra/graph", `${stage}.json`));
const find = (graph: Graph, type: string) => {
  const found = graph.resources.find((resource) => resource.type === type);
  if (found === undefined) throw new Error(`no ${type}`);
  return found;
};
/** Includes the distribution in front of the API, as a deployment does. */
function gapsIn(graph: Graph) {
  const resolved = resolve(graph);
  return gapsOf({ graph: resolved, edge: findDistribution(resolved, apiHostsOf(resolved)) });
}
const whatsOf = (graph: Graph) => gapsIn(graph).map(({ what }) => what);

describe("each resource and input", () => {
  it.each(["dev", "test", "prod"])("of stage %s is simulated or listed with a reason", (stage) => {
    expect(gapsIn(committed(stage)).filter(({ unknown }) => unknown)).toEqual([]);
  });

  it.each<[string, string[]]>([
    ["dynamo", ["expiry of items"]],
    ["log-subscription", ["queues", "resource policies"]],
    ["router-waf", ["edge"]],
    ["schedule", []],
    ["static-site", ["site"]],
    ["user-pool", ["passwords"]],
  ])("of the project %s is simulated or listed with a reason", async (project, expected) => {
    const graph = await synthesisedFixture(project);
    expect(gapsIn(graph).filter(({ unknown }) => unknown)).toEqual([]);
    expect(whatsOf(graph)).toEqual(expect.arrayContaining(expected));
  });
});

describe("the list of gaps", () => {
  it("names each gap of the stage dev once", () => {
    const whats = whatsOf(committed());
    expect(whats).toEqual([...new Set(whats)]);
    expect(whats).toEqual(expect.arrayContaining(["resource policies", "log retention"]));
    expect(whats).not.toContain("throttling");
  });

  it("has resources of types that no row describes", () => {
    const graph = committed();
    graph.resources.push({
      urn: "urn:x",
      type: "aws:kinesis/stream:Stream",
      name: "Errors",
      inputs: {},
    });
    expect(() => gapsIn(graph)).toThrow("aws:kinesis/stream:Stream"); // the graph package asks for a row first
    graph.resources.splice(-1, 1, {
      urn: "urn:x",
      type: "aws:s3/bucketVersioning:BucketVersioning",
      name: "Versions",
      inputs: {},
    });
    expect(gapsIn(graph)).toContainEqual({
      what: "Versions",
      why: "resources of type aws:s3/bucketVersioning:BucketVersioning are not simulated",
      unknown: true,
    });
  });

  it.each([
    ["aws:apigatewayv2/api:Api", "ipAddressType"],
    ["aws:apigatewayv2/stage:Stage", "stageVariables"],
    ["aws:lambda/function:Function", "snapStart"],
    ["aws:cloudwatch/logGroup:LogGroup", "kmsKeyId"],
    ["aws:cognito/userPool:UserPool", "lambdaConfig"],
    ["aws:dynamodb/table:Table", "replicas"],
    ["aws:iam/role:Role", "permissionsBoundary"],
  ])("has inputs that no row describes: %s %s", (type, input) => {
    const graph = committed();
    const { name, inputs } = find(graph, type);
    inputs[input] = true;
    const gap = { what: `${name}.${input}`, why: `this input of ${type} is not simulated`, unknown: true };
    expect(gapsIn(graph)).toContainEqual(gap);
  });

  it("has members of inputs that no row describes", () => {
    const graph = committed();
    const settings = find(graph, "aws:apigatewayv2/stage:Stage").inputs.defaultRouteSettings;
    Object.assign(settings as object, { detailedMetricsEnabled: true });
    expect(whatsOf(graph)).toContain("SecureBackendAPIStage.defaultRouteSettings.detailedMetricsEnabled");
  });

  it("has the links, copied files and bundle of a function", () => {
    const graph = committed();
    const [first] = graph.functions;
    Object.assign(first ?? {}, { links: ["Things"], copyFiles: true, bundle: true });
    const gaps = gapsIn(graph).filter(({ why }) => why.includes(`"${first?.name}"`));
    expect(gaps.map(({ what }) => what)).toEqual(["bundles", "copied files", "links"]);
  });

  it("has a time zone other than UTC", () => {
    const graph = committed();
    const environment = find(graph, "aws:lambda/function:Function").inputs.environment as { variables: object };
    Object.assign(environment.variables, { TZ: "Asia/Tokyo" });
    expect(whatsOf(graph)).toContain("time zones");
  });
});
