import { describe, expect, it } from "vitest";

import { difference, describe as inWords } from "./diff";
import type { Graph, Resource } from "./graph";

const stage: Resource = {
  urn: "urn:pulumi:dev::app::aws:apigatewayv2/stage:Stage::ApiStage",
  type: "aws:apigatewayv2/stage:Stage",
  name: "ApiStage",
  inputs: { name: "dev", defaultRouteSettings: { throttlingRateLimit: 100 }, tags: ["a", "b"] },
};
const graph = (...resources: Resource[]): Graph => ({
  ...{ version: 1, app: "app", stage: "dev", region: "eu-west-1", removal: "remove", protect: false },
  ...{ tags: { owner: "us" }, functions: [], outputs: {}, resources },
});
const words = (before: Graph, after: Graph) => difference(before, after).map(inWords);

describe("difference", () => {
  it("is empty for the same graph", () => {
    expect(words(graph(stage), graph(structuredClone(stage)))).toEqual([]);
  });

  it("names a changed property with both values", () => {
    const after = { ...stage, inputs: { ...stage.inputs, defaultRouteSettings: { throttlingRateLimit: 50 } } };
    expect(words(graph(stage), graph(after))).toEqual([
      'aws:apigatewayv2/stage:Stage "ApiStage": inputs.defaultRouteSettings.throttlingRateLimit: 100 -> 50',
    ]);
  });

  it("names properties that come and go, and items of a list", () => {
    const after: Resource = { ...stage, inputs: { name: "dev", description: "x", tags: ["a", "c"] }, protect: true };
    expect(words(graph(stage), graph(after))).toEqual([
      'aws:apigatewayv2/stage:Stage "ApiStage": inputs.defaultRouteSettings: {"throttlingRateLimit":100} -> absent',
      'aws:apigatewayv2/stage:Stage "ApiStage": inputs.tags.1: "b" -> "c"',
      'aws:apigatewayv2/stage:Stage "ApiStage": inputs.description: absent -> "x"',
      'aws:apigatewayv2/stage:Stage "ApiStage": protect: absent -> true',
    ]);
  });

  it("names a resource that came or went", () => {
    expect(words(graph(), graph(stage))).toEqual(['aws:apigatewayv2/stage:Stage "ApiStage": absent -> "present"']);
    expect(words(graph(stage), graph())).toEqual(['aws:apigatewayv2/stage:Stage "ApiStage": "present" -> absent']);
  });

  it("names what is not a resource", () => {
    expect(words(graph(), { ...graph(), region: "eu-north-1", tags: {} })).toEqual([
      'region: "eu-west-1" -> "eu-north-1"',
      'tags.owner: "us" -> absent',
    ]);
  });
});
