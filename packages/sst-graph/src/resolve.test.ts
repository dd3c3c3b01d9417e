import { describe, expect, it } from "vitest";

import type { Graph, Value } from "./graph";
import { ACCOUNT_ID } from "./names";
import { resolve } from "./resolve";

const GROUP = "urn:pulumi:dev::app::aws:cloudwatch/logGroup:LogGroup::Group";
const QUEUE = "urn:pulumi:dev::app::aws:sqs/queue:Queue::Queue";
const ARN = `arn:aws:logs:eu-west-1:${ACCOUNT_ID}:log-group:/a/b`;

const graph = (inputs: Record<string, Value>): Graph => ({
  ...{ version: 1, app: "app", stage: "dev", region: "eu-west-1", removal: "remove", protect: false },
  tags: {},
  functions: [],
  outputs: { group: { ref: `${GROUP}#arn` } },
  resources: [
    { urn: GROUP, type: "aws:cloudwatch/logGroup:LogGroup", name: "Group", inputs: { name: "/a/b" } },
    { urn: QUEUE, type: "aws:sqs/queue:Queue", name: "Queue", inputs },
  ],
});
const inputsOf = (inputs: Record<string, Value>, overrides = {}) =>
  resolve(graph(inputs), overrides).resources[1]?.inputs;

describe("resolve", () => {
  it.each<[string, Value, unknown]>([
    ["an output", { ref: `${GROUP}#arn` }, ARN],
    ["an input that is also an output", { ref: `${GROUP}#name` }, "/a/b"],
    ["a reference inside a text", `\${${GROUP}#arn}:*`, `${ARN}:*`],
    ["a JSON text", { json: { Resource: [{ ref: `${GROUP}#arn` }], n: 1 } }, `{"Resource":["${ARN}"],"n":1}`],
    ["a secret", { secret: "Password" }, "secret(Password)"],
    ["a secret inside a text", "key=${secret:Password};", "key=secret(Password);"],
    ["an asset", { asset: "site/index.html" }, "site/index.html"],
    ["a literal dollar sign", "${$}{x} $context.path", "${x} $context.path"],
    ["values without references", [1, true, null, { a: "b" }], [1, true, null, { a: "b" }]],
  ])("%s", (_title, value, expected) => {
    expect(inputsOf({ value })).toEqual({ value: expected });
  });

  it("prefers an override", () => {
    const value = [{ ref: `${GROUP}#arn` }, { secret: "Password" }];
    expect(inputsOf({ value }, { [`${GROUP}#arn`]: "local", "secret:Password": "pw" })).toEqual({
      value: ["local", "pw"],
    });
  });

  it("resolves the outputs of the stage", () => {
    expect(resolve(graph({})).outputs).toEqual({ group: ARN });
  });

  it.each([
    ["urn:gone#arn", 'the graph of stage "dev" refers to urn:gone, which is not in the graph'],
    [`${GROUP}#nothing`, `the graph of stage "dev" refers to ${GROUP}#nothing, but ${GROUP} has no such output`],
  ])("reports a reference without a target: %s", (ref, message) => {
    expect(() => inputsOf({ value: { ref } })).toThrow(message);
  });
});
