import { describe, expect, it } from "vitest";

import type { Plain } from "../graph";
import type { RecordedResource } from "./recording";
import { render } from "./render";

const STAGE = "urn:pulumi:prod::app::aws:apigatewayv2/stage:Stage::Stage";
const TABLE = "urn:pulumi:prod::app::aws:dynamodb/table:Table::Table";

function recorded(urn: string, inputs: Record<string, Plain>, sources: string[] = []): RecordedResource {
  const [, , type = "", name = ""] = urn.split("::");
  return {
    ...{ urn, type, name, parent: "", custom: true, inputs, dependencies: sources, region: "eu-west-1" },
    propertyDependencies: Object.fromEntries(Object.keys(inputs).map((key) => [key, sources])),
    ...{ provider: "", retainOnDelete: false, protect: false, ignoreChanges: [] },
  };
}

/** Renders a text of a resource that depends on the stage of an API and on a table. */
function renderText(text: Plain) {
  const lambda = recorded("urn:pulumi:prod::app::aws:sns/topic:Topic::Topic", { text }, [STAGE, TABLE]);
  const resources = [recorded(STAGE, { name: "prod", apiId: "abc" }), recorded(TABLE, { name: "Audit-prod" }), lambda];
  const graph = render({ resources, builds: [], outputs: {} }, [], ["app", "prod"]);
  return graph.resources.find(({ name }) => name === "Topic")?.inputs.text;
}

describe("a text in a graph", () => {
  it.each<[string, Plain, unknown]>([
    ["is a reference if it is another resource's name", "Audit-prod", { ref: `${TABLE}#name` }],
    ["contains a reference if one of its words is a name", "the table Audit-prod", `the table \${${TABLE}#name}`],
    ["is a reference if it is the stage of an API", "prod", { ref: `${STAGE}#name` }],
    ["does not change if one of its words is the stage's name", "users-prod-1", "users-prod-1"],
    ["does not change if a name is only part of a word", "Audit-production", "Audit-production"],
    ["keeps a user's own dollar signs and braces", "${prod} $", "${$}{prod} $"],
    ["keeps a user's own key of a marker", { ref: "x" }, { $ref: "x" }],
    ["keeps a user's own key of the policy's marker", { unknown: "x" }, { $unknown: "x" }],
    ["keeps such a key in a JSON text", '{"secret":"x"}', { json: { $secret: "x" } }],
  ])("%s", (_title, text, expected) => {
    expect(renderText(text)).toEqual(expected);
  });
});
