import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { APP } from "@backend/testing/app";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadGraph } from "./load";

const COMMITTED = fileURLToPath(new URL("../../../infra/graph/dev.json", import.meta.url));
/** A file with a merge conflict: https://git-scm.com/docs/git-merge#_how_conflicts_are_presented */
const CONFLICT = '{\n<<<<<<< HEAD\n  "version": 1\n=======\n  "version": 1,\n>>>>>>> theirs\n}\n';

describe("loadGraph", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "load-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("reads a graph that pnpm synth wrote", () => {
    expect(loadGraph(COMMITTED)).toMatchObject({ app: APP.name, stage: "dev" });
  });

  const graph = {
    version: 1,
    app: "a",
    stage: "dev",
    region: "r",
    tags: {},
    resources: [],
    functions: [],
    outputs: {},
  };
  const resource = { urn: "u", type: "t", name: "n", inputs: {} };
  it.each<[string, unknown]>([
    ["an empty file", ""],
    ["an empty file", "\n"],
    ["git conflict markers in line 2", CONFLICT],
    ["git conflict markers in line 2", CONFLICT.replaceAll("\n", "\r\n")],
    ["invalid JSON (", "{"],
    ["null", "null"],
    ["JSON that is not an object", "[]"],
    ["JSON that is not an object", "7"],
    ["version (none) instead of 1", {}],
    ["version 2 instead of 1", { ...graph, version: 2 }],
    ['no "app"', { ...graph, app: undefined }],
    ['a "resources" of the wrong type', { ...graph, resources: {} }],
    ['a "outputs" of the wrong type', { ...graph, outputs: null }],
    ["a value that is not an object in resources[1]", { ...graph, resources: [resource, null] }],
    ['a "inputs" of the wrong type in resources[0]', { ...graph, resources: [{ ...resource, inputs: [] }] }],
    ['no "urn" in functions[0]', { ...graph, functions: [{ name: "F" }] }],
  ])("reports the file, %s, and the fix", (found, contents) => {
    const file = path.join(folder, "dev.json");
    writeFileSync(file, typeof contents === "string" ? contents : JSON.stringify(contents));
    expect(() => loadGraph(file)).toThrow(`${file}: expected a deployment graph, found ${found}`);
    expect(() => loadGraph(file)).toThrow(/\. Run "pnpm synth" to recreate it$/);
  });

  it("reports a missing file, and a file that cannot be read", () => {
    expect(() => loadGraph(path.join(folder, "none.json"))).toThrow(
      "none.json: expected a deployment graph, found no such file",
    );
    expect(() => loadGraph(folder)).toThrow(
      `${folder}: expected a deployment graph, found a file that cannot be read (EISDIR)`,
    );
  });
});
