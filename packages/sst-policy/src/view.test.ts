import type { Graph } from "@backend/sst-graph/graph";
import { escapeMarker } from "@backend/sst-graph/reference";
import { describe, expect, it } from "vitest";
import { viewOf } from "./view";

/** A function whose only variable has the name of a graph marker. */
function graphWith(name: string): Graph {
  const inputs = { environment: { variables: escapeMarker({ [name]: "x" }) } };
  const lambda = { urn: "urn:f", type: "aws:lambda/function:Function", name: "F", inputs };
  const head = { version: 1, app: "a", stage: "dev", region: "r", removal: "remove", protect: false } as const;
  return { ...head, tags: {}, functions: [], outputs: {}, resources: [lambda] };
}

describe("a view of a graph", () => {
  it.each(["ref", "secret", "json", "asset", "unknown"])("reads a key called %s as a key", (name) => {
    const view = viewOf(graphWith(name));
    const [lambda] = view.graph.resources;
    if (lambda === undefined) throw new Error("no function");
    expect(view.read(lambda, `environment.variables.${name}`)).toEqual({ is: "known", value: "x" });
  });
});
