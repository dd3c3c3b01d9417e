import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Graph, Value } from "@backend/sst-graph/graph";
import { loadGraph } from "@backend/sst-graph/load";
import { write } from "@backend/sst-graph/write";
import { APP, RECORDED, recordedGraph } from "@backend/testing/recorded";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { main } from "./cli";
import { RULES } from "./rules";

const repository = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[/\\]$/, "");

async function policy(...argv: string[]) {
  const written = { out: "", err: "" };
  const code = await main(argv.includes("--project") ? argv : [...argv, "--project", sound], {
    stdout: { write: (text) => (written.out += text) },
    stderr: { write: (text) => (written.err += text) },
    env: { COLUMNS: "400" },
    cwd: sound,
    today: "2026-11-24",
  });
  return { code, ...written };
}

/**
 * A project with the recorded graphs, and one whose dev API has no throttle and an unknown
 * retention.
 */
let sound: string;
let project: string;
beforeAll(() => {
  sound = projectOf("dev.json", "test.json", "prod.json");
  project = projectOf("test.json", "prod.json");
  const graph = recordedGraph("dev");
  inputsOf(graph, "SecureBackendAPIStage").defaultRouteSettings = {};
  inputsOf(graph, "SecureBackendAPIAccessLog").retentionInDays = { secret: "Days" };
  writeFileSync(path.join(project, "infra/graph/dev.json"), write(graph));
});
afterAll(() => {
  for (const folder of [sound, project]) rmSync(folder, { recursive: true, force: true });
});

function projectOf(...graphs: string[]): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "policy-"));
  mkdirSync(path.join(folder, "infra/graph"), { recursive: true });
  mkdirSync(path.join(folder, "infra/tools"));
  const promises = path.join(repository, "packages/testing/src/recorded-promises");
  writeFileSync(path.join(folder, "infra/tools/policy.ts"), `export { PROMISES } from ${JSON.stringify(promises)};`);
  for (const file of graphs) cpSync(path.join(RECORDED, file), path.join(folder, "infra/graph", file));
  return folder;
}

function inputsOf(graph: Graph, name: string): Record<string, Value> {
  const found = graph.resources.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`no resource ${name}`);
  return found.inputs;
}

describe("pnpm policy", () => {
  it("exits with 0 and prints the number of resources and rules without findings", async () => {
    const { code, out, err } = await policy("--stage", "prod");
    expect([code, err]).toEqual([0, ""]);
    const resources = loadGraph(path.join(RECORDED, "prod.json")).resources.length;
    expect(out).toMatch(
      new RegExp(`^${APP.name} prod: ${resources} resources, ${RULES.length} rules: no findings, \\d+ waived\n$`),
    );
  });

  it("checks dev, test and prod by default", async () => {
    const { code, out } = await policy("--format", "json");
    expect(code).toBe(0);
    expect((JSON.parse(out) as { stages: { stage: string }[] }).stages.map(({ stage }) => stage)).toEqual([
      ...["dev", "test", "prod"],
    ]);
  });

  it("exits with 1 and prints the resource, the reason, the fix and the line of each finding", async () => {
    const { code, out } = await policy("--stage", "dev", "--project", project);
    expect(code).toBe(1);
    expect(out).toContain("high     stage-throttle\n         - SecureBackendAPIStage inputs.defaultRouteSettings.");
    expect(out).toContain(RULES.find(({ id }) => id === "stage-throttle")?.fix);
    expect(out).toContain("log-group-retention (undetermined)\n");
    const line = readFileSync(path.join(project, "infra/graph/dev.json"), "utf8")
      .split("\n")
      .findIndex((text) => text.includes('"urn"') && text.includes("::SecureBackendAPIStage"));
    expect(out).toContain(`infra/graph/dev.json:${line + 1}\n`);
  });

  it("exits with 1 if all findings are unknown", async () => {
    const graph = loadGraph(path.join(RECORDED, "test.json"));
    inputsOf(graph, "SecureBackendAPIAccessLog").retentionInDays = { secret: "Days" };
    writeFileSync(path.join(project, "infra/graph/mine.json"), write({ ...graph, stage: "test" }));
    const { code, out } = await policy("--stage", "mine", "--project", project, "--format", "json");
    const [stage] = (JSON.parse(out) as { stages: { findings: { unknown: boolean }[] }[] }).stages;
    expect([code, stage?.findings.map(({ unknown }) => unknown)]).toEqual([1, [true, true]]);
  });

  it.each([
    ["is missing", undefined, /expected a folder with sst\.config\.ts/],
    ["throws", 'throw new Error("no such region");', /cannot be evaluated: no such region/],
    ["cannot be bundled", 'import "./missing";', /cannot be bundled: .*missing/],
  ])(
    "exits with 1 and checks nothing if the configuration %s",
    async (_title, text, reason) => {
      const config = path.join(project, "sst.config.ts");
      const sources = path.join(project, "infra/graph/.sources.json");
      if (text !== undefined) writeFileSync(config, text);
      writeFileSync(sources, JSON.stringify({ prod: { "sst.config.ts": "0000000000000000" } }));
      const { code, err, out } = await policy("--stage", "prod", "--project", project);
      rmSync(sources);
      rmSync(config, { force: true });
      expect([code, out]).toEqual([1, ""]);
      expect(err).toMatch(/infra\/graph\/prod\.json is out of date\. Changed files: .*sst\.config\.ts\n/);
      expect(err).toMatch(reason);
      expect(err).toContain("infra/graph/prod.json does not match sst.config.ts: stage prod was not checked\n");
    },
    30_000,
  );

  it.each([
    [["--stage", "../x"], "--stage ../x: expected letters, digits and hyphens"],
    [["--format", "xml"], "--format xml: expected text, json, sarif"],
    [["--format", "toString"], "--format toString: expected text, json, sarif"],
    [["--stage", "nowhere"], 'no graph of stage "nowhere"'],
    [["--project", "/nowhere"], "--project /nowhere: no such folder"],
    [["--json", "--format", "sarif"], "--json and --format sarif: expected only one of them"],
    [["--strict"], "Unknown option '--strict'"],
    [["prod"], "Unexpected argument 'prod'"],
  ])("exits with 2 for %j", async (argv, message) => {
    const { code, out, err } = await policy(...argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(message);
  });

  it("exits with 1 for a file that is not a graph, with its name and without a stack trace", async () => {
    writeFileSync(path.join(project, "infra/graph/broken.json"), "{");
    const { code, err } = await policy("--stage", "broken", "--project", project);
    rmSync(path.join(project, "infra/graph/broken.json"));
    expect(code).toBe(1);
    expect(err).toMatch(/^[^\n]*broken\.json: expected a deployment graph, found invalid JSON [^\n]*\n$/);
  });

  it("exits with 2 if there is no graph", async () => {
    const { code, out, err } = await policy("--project", os.tmpdir());
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(`${os.tmpdir()} has no deployment graph`);
  });

  it("checks every stage of another project that has a graph", async () => {
    const { out } = await policy("--project", project, "--format", "json");
    const stages = (JSON.parse(out) as { stages: { file: string }[] }).stages.map(({ file }) => file);
    expect(stages).toEqual(expect.arrayContaining(["infra/graph/dev.json", "infra/graph/prod.json"]));
  });

  it("checks a project without infra/tools/policy.ts, without waivers", async () => {
    const theirs = mkdtempSync(path.join(os.tmpdir(), "policy-"));
    mkdirSync(path.join(theirs, "infra/graph"), { recursive: true });
    cpSync(path.join(RECORDED, "prod.json"), path.join(theirs, "infra/graph/prod.json"));
    const { code, out, err } = await policy("--project", theirs);
    rmSync(theirs, { recursive: true });
    expect([code, err]).toEqual([1, ""]);
    expect(out).toContain("table-backed-up");
    expect(out).not.toContain("waived");
  });

  it.each([
    ["exports nothing", "export {};", /infra\/tools\/policy\.ts: expected an export named PROMISES/],
    ["cannot be bundled", 'import "./missing";', /Could not resolve "\.\/missing"/],
  ])("exits with 1 if infra/tools/policy.ts %s", async (_title, text, message) => {
    const theirs = mkdtempSync(path.join(os.tmpdir(), "policy-"));
    mkdirSync(path.join(theirs, "infra/tools"), { recursive: true });
    writeFileSync(path.join(theirs, "infra/tools/policy.ts"), text);
    const { code, out, err } = await policy("--project", theirs);
    rmSync(theirs, { recursive: true });
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(message);
  });

  it("lists its rules", async () => {
    const { code, out } = await policy("--rules");
    expect(code).toBe(0);
    expect(out.split("\n").filter((line) => line.startsWith("| `"))).toHaveLength(RULES.length + 1);
  });
});

// The parts in use of https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json.
// The schema allows other properties only in `properties`.
const text = z.strictObject({ text: z.string().min(1) });
const level = z.enum(["none", "note", "warning", "error"]);
const descriptor = z.strictObject({
  id: z.string(),
  ...{ shortDescription: text, fullDescription: text, help: text },
  defaultConfiguration: z.strictObject({ level }),
  properties: z.looseObject({ tags: z.array(z.string()).refine((tags) => new Set(tags).size === tags.length) }),
});
const location = z.strictObject({
  physicalLocation: z.strictObject({
    artifactLocation: z.strictObject({ uri: z.string().regex(/^[^/:][^:]*$/) }),
    region: z.strictObject({ startLine: z.int().min(1) }),
  }),
  logicalLocations: z.array(z.strictObject({ name: z.string(), fullyQualifiedName: z.string(), kind: z.string() })),
});
const result = z.strictObject({
  ...{ ruleId: z.string(), ruleIndex: z.int().min(0) },
  kind: z.enum(["notApplicable", "pass", "fail", "review", "open", "informational"]),
  level,
  ...{ message: text, locations: z.array(location) },
  partialFingerprints: z.record(z.string(), z.string()),
  suppressions: z
    .array(
      z.strictObject({
        kind: z.enum(["inSource", "external"]),
        status: z.enum(["accepted", "underReview", "rejected"]),
        justification: z.string(),
      }),
    )
    .optional(),
});
const Sarif = z.strictObject({
  $schema: z.url(),
  version: z.literal("2.1.0"),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({ driver: z.strictObject({ name: z.string(), rules: z.array(descriptor) }) }),
      columnKind: z.enum(["utf16CodeUnits", "unicodeCodePoints"]),
      results: z.array(result),
    }),
  ),
});

describe("pnpm policy --format sarif", () => {
  const sarif = async (...argv: string[]) => {
    const [run] = Sarif.parse(JSON.parse((await policy("--format", "sarif", ...argv)).out)).runs;
    if (run === undefined) throw new Error("no run");
    return run;
  };

  it("prints SARIF 2.1.0 with every rule, and with each result's rule index", async () => {
    const { tool, results } = await sarif("--project", project, "--stage", "dev", "--stage", "prod");
    expect(tool.driver.rules.map(({ id }) => id)).toEqual([...RULES.map(({ id }) => id), "waiver-valid"]);
    expect(results.length).toBeGreaterThan(5);
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  });

  // Section 3.27.10: kinds other than fail have the level none.
  it("gives a finding its rule's level, and an undetermined finding the kind open", async () => {
    const { results } = await sarif("--project", project, "--stage", "dev");
    const ofRule = (id: string) =>
      results.filter(({ ruleId }) => ruleId === id).map(({ kind, level }) => [kind, level]);
    expect(ofRule("stage-throttle")).toEqual([
      ["fail", "error"],
      ["fail", "error"],
    ]);
    expect(ofRule("access-log-retention")).toEqual([["open", "none"]]);
  });

  it("locates the resource's line in the graph, relative to the project", async () => {
    const { results } = await sarif("--project", project, "--stage", "dev");
    const [first] = results.find(({ ruleId }) => ruleId === "stage-throttle")?.locations ?? [];
    const { artifactLocation, region } = first?.physicalLocation ?? {};
    expect(artifactLocation?.uri).toBe("infra/graph/dev.json");
    const lines = readFileSync(path.join(project, "infra/graph/dev.json"), "utf8").split("\n");
    expect(lines[(region?.startLine ?? 0) - 1]).toMatch(/^ {6}"urn": ".*::SecureBackendAPIStage",$/);
  });

  it("marks waived findings as suppressed, with the reason", async () => {
    const { results } = await sarif("--stage", "prod");
    expect(results.length).toBeGreaterThan(5);
    for (const { suppressions } of results) expect(suppressions?.[0]?.justification.length).toBeGreaterThan(40);
  });

  it("gives each finding its own fingerprint, which does not depend on other findings", async () => {
    const prints = async () =>
      (await sarif("--project", project, "--stage", "dev")).results.map(({ partialFingerprints }) =>
        Object.values(partialFingerprints).join(),
      );
    const before = await prints();
    const file = path.join(project, "infra/graph/dev.json");
    const graph = loadGraph(file);
    writeFileSync(file, write({ ...graph, outputs: { more: "lines", ...graph.outputs } }));
    expect(await prints()).toEqual(before);
    expect(new Set(before).size).toBe(before.length);
  });
});
