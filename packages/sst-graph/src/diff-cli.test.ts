import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { main } from "./diff-cli";

const folder = mkdtempSync(path.join(tmpdir(), "graph-diff-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, files: Record<string, string>): void {
  mkdirSync(path.join(folder, name));
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, name, file), text);
}

const graph = (stage: string, region: string) =>
  JSON.stringify({ version: 1, app: "app", stage, region, tags: {}, resources: [], functions: [], outputs: {} });
write("base", {
  "prod.json": graph("prod", "eu-west-1"),
  "dev.json": graph("dev", "eu-west-1"),
  ".sources.json": "{}",
});
write("head", {
  "prod.json": graph("prod", "eu-north-1"),
  "dev.json": graph("dev", "eu-west-1"),
  "mine.json": graph("mine", "x"),
});
write("empty", {});
write("broken", { "dev.json": "{" });

async function run(...argv: string[]) {
  let [stdout, stderr] = ["", ""];
  const code = await main(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: {},
    cwd: folder,
  });
  return { code, stdout, stderr };
}

describe("graph-diff", () => {
  it("reads the stages of both folders in the order of promotion, without hidden files", async () => {
    const { code, stdout, stderr } = await run("base", "head");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n").filter((line) => line.startsWith("- "))).toEqual([
      "- **dev**: no differences",
      "- **prod**: settings of the stage changed",
      "- **mine**: no differences",
    ]);
    expect(stdout).toContain('    region: "eu-west-1" -> "eu-north-1"\n');
  });

  it("prints the differences of each stage as JSON with --json", async () => {
    const { code, stdout, stderr } = await run("base", "head", "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual([
      { stage: "dev", differences: [] },
      { stage: "prod", differences: [{ item: "", property: "region", before: "eu-west-1", after: "eu-north-1" }] },
      { stage: "mine", differences: [] },
    ]);
  });

  it.each([
    [["base"], "expected two folders, found 1"],
    [["base", "head", "base"], "expected two folders, found 3"],
    [["base", "nowhere"], "nowhere: expected a folder with deployment graphs, found no such folder"],
    [["--wrong"], "Unknown option '--wrong'"],
  ])("rejects %j", async (argv, message) => {
    const { code, stderr } = await run(...argv);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it.each([
    ["empty", "found no <stage>.json"],
    ["broken", "dev.json: expected a deployment graph, found invalid JSON"],
  ])("reports the problem of the folder %s", async (name, message) => {
    const { code, stdout, stderr } = await run("base", name);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("prints its help", async () => {
    expect(await run("--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("BASE_FOLDER HEAD_FOLDER") });
  });
});
