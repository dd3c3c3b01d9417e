import { fileURLToPath } from "node:url";

import type { Graph } from "@secure-backend/graph/graph";
import { loadGraph } from "@secure-backend/graph/load";
import { resolve } from "@secure-backend/graph/resolve";
import { describe, expect, it } from "vitest";

import { gapsOf } from "./coverage";

const graph = (stage = "dev") =>
  loadGraph(fileURLToPath(new URL(`../../../infra/graph/${stage}.json`, import.meta.url)));
const find = (of: Graph, type: string) => {
  const found = of.resources.find((resource) => resource.type === type);
  if (found === undefined) throw new Error(`no ${type}`);
  return found;
};

describe("what is not simulated", () => {
  it("is named for the stage dev, each thing once", () => {
    const whats = gapsOf(resolve(graph())).map(({ what }) => what);
    expect(whats).toEqual([...new Set(whats)]);
    expect(whats).toEqual(expect.arrayContaining(["CORS", "IAM", "log retention", "throttling"]));
  });

  it("tells the limits that do not hold here", () => {
    const throttling = (stage: string) => gapsOf(resolve(graph(stage))).find(({ what }) => what === "throttling")?.why;
    expect(throttling("dev")).toBe("100 requests/s with a burst of 200: nothing is answered 429");
    expect(throttling("prod")).toBe("1000 requests/s with a burst of 2000: nothing is answered 429");
  });

  it("leaves CORS out where the graph declares none", () => {
    expect(gapsOf(resolve(graph("prod"))).map(({ what }) => what)).not.toContain("CORS");
  });

  it("names a resource of a type that is not known here", () => {
    const changed = graph();
    changed.resources.push({
      urn: "urn:table",
      type: "aws:dynamodb/table:Table",
      name: "Events",
      inputs: { hashKey: "pk", name: "events" },
    });
    expect(gapsOf(resolve(changed))).toContainEqual({
      what: "Events",
      why: "resources of type aws:dynamodb/table:Table are not simulated",
    });
  });

  it.each([
    ["aws:apigatewayv2/api:Api", "disableExecuteApiEndpoint", "SecureBackendAPIApi"],
    ["aws:apigatewayv2/stage:Stage", "stageVariables", "SecureBackendAPIStage"],
    ["aws:lambda/function:Function", "reservedConcurrentExecutions", "SecureBackendFunctionFunction"],
    ["aws:cloudwatch/logGroup:LogGroup", "kmsKeyId", "SecureBackendAPIAccessLog"],
  ])("names an input that is not known here: %s %s", (type, input, name) => {
    const changed = graph();
    find(changed, type).inputs[input] = true;
    expect(gapsOf(resolve(changed))).toContainEqual({
      what: `${name}.${input}`,
      why: `this input of ${type} is not simulated`,
    });
  });

  it("names another limit of the stage", () => {
    const changed = graph();
    Object.assign(find(changed, "aws:apigatewayv2/stage:Stage").inputs.defaultRouteSettings as object, {
      detailedMetricsEnabled: true,
    });
    expect(gapsOf(resolve(changed)).map(({ why }) => why)).toContainEqual(
      expect.stringContaining("detailedMetricsEnabled is not simulated"),
    );
  });
});
