import { describe, expect, it } from "vitest";

import { edgeSecrets, requireEdge } from "./edge";

const current = "c".repeat(32);
const previous = "p".repeat(32);

describe("edgeSecrets", () => {
  it.each<[string, string, string[]]>([
    ["a stage without an edge", "none", []],
    ["one", current, [current]],
    ["two, while one is being replaced", `${current} ${previous}`, [current, previous]],
    ["one, and nothing in place of the other", `${current} `, [current]],
  ])("reads %s", (_title, text, secrets) => {
    expect(edgeSecrets(text)).toEqual(secrets);
  });

  it.each([
    ["", 0],
    [" ", 0],
    ["x".repeat(31), 31],
    [`${current} short`, 5],
  ])("refuses %j", (text, length) => {
    expect(() => edgeSecrets(text)).toThrow(`the edge's secret has ${length} characters: expected at least 32`);
  });
});

it("refuses a function without the variable: it would answer around the edge", () => {
  expect(() => edgeSecrets(undefined)).toThrow("ORIGIN_SECRETS is not set");
});

describe("requireEdge", () => {
  it.each([current, previous])("lets %s through", (sent) => {
    expect(() => requireEdge([current, previous], sent)).not.toThrow();
  });

  it.each([undefined, "", "x", `${current} `, `${current},${current}`, current.slice(1)])("refuses %j", (sent) => {
    expect(() => requireEdge([current, previous], sent)).toThrow(
      expect.objectContaining({ kind: "forbidden", code: "access.edge" }),
    );
  });
});
