import { describe, expect, it } from "vitest";

import { compareGraphs, formatDifference } from "./diff";
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
const words = (before: Graph, after: Graph) => compareGraphs(before, after).map(formatDifference);

describe("compareGraphs", () => {
  it("is empty for the same graph", () => {
    expect(words(graph(stage), graph(structuredClone(stage)))).toEqual([]);
  });

  it("names a changed property with both values", () => {
    const after = { ...stage, inputs: { ...stage.inputs, defaultRouteSettings: { throttlingRateLimit: 50 } } };
    expect(words(graph(stage), graph(after))).toEqual([
      'aws:apigatewayv2/stage:Stage "ApiStage": inputs.defaultRouteSettings.throttlingRateLimit: 100 -> 50',
    ]);
  });

  it("names added and removed properties, and list items", () => {
    const after: Resource = { ...stage, inputs: { name: "dev", description: "x", tags: ["a", "c"] }, protect: true };
    expect(words(graph(stage), graph(after))).toEqual([
      'aws:apigatewayv2/stage:Stage "ApiStage": inputs.defaultRouteSettings: {"throttlingRateLimit":100} -> absent',
      'aws:apigatewayv2/stage:Stage "ApiStage": inputs.tags.1: "b" -> "c"',
      'aws:apigatewayv2/stage:Stage "ApiStage": inputs.description: absent -> "x"',
      'aws:apigatewayv2/stage:Stage "ApiStage": protect: absent -> true',
    ]);
  });

  it("compares lists by their members, not by position", () => {
    const tagged = (...tags: string[]) => graph({ ...stage, inputs: { tags } });
    const label = 'aws:apigatewayv2/stage:Stage "ApiStage"';
    expect(words(tagged("a", "b", "c"), tagged("new", "a", "b", "c"))).toEqual([
      `${label}: inputs.tags.0: absent -> "new"`,
    ]);
    expect(words(tagged("a", "b", "c"), tagged("a", "c"))).toEqual([`${label}: inputs.tags.1: "b" -> absent`]);
    expect(words(tagged("a", "a"), tagged("a"))).toEqual([`${label}: inputs.tags.1: "a" -> absent`]);
    expect(words(tagged("a", "b"), tagged("b", "a"))).toEqual([`${label}: inputs.tags: ["a","b"] -> ["b","a"]`]);
  });

  it("names an added or removed resource", () => {
    expect(words(graph(), graph(stage))).toEqual(['aws:apigatewayv2/stage:Stage "ApiStage": absent -> "present"']);
    expect(words(graph(stage), graph())).toEqual(['aws:apigatewayv2/stage:Stage "ApiStage": "present" -> absent']);
  });

  it("names functions and settings of the stage", () => {
    expect(words(graph(), { ...graph(), region: "eu-north-1", tags: {} })).toEqual([
      'region: "eu-west-1" -> "eu-north-1"',
      'tags.owner: "us" -> absent',
    ]);
  });
});
