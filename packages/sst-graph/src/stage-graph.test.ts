import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { recordSources } from "./sources";
import { openStageGraph, renewWhileStale, type StageGraph, synthProgram } from "./stage-graph";

const GRAPH = { version: 1, app: "a", stage: "dev", region: "r", tags: {}, resources: [], functions: [], outputs: {} };
/** A file with a merge conflict: https://git-scm.com/docs/git-merge#_how_conflicts_are_presented */
const CONFLICT = '{\n<<<<<<< HEAD\n  "dev": {}\n=======\n  "dev": { "a": "1" }\n>>>>>>> theirs\n}\n';

let project: string;
let source: string;
beforeEach(() => {
  project = mkdtempSync(path.join(os.tmpdir(), "stage-graph-"));
  source = path.join(project, "sst.config.ts");
  mkdirSync(path.join(project, "infra/graph"), { recursive: true });
  writeFileSync(source, "export {};\n");
  writeGraph("dev.json", JSON.stringify(GRAPH));
  recordSources(project, "dev", [source]);
});
afterEach(() => rmSync(project, { recursive: true }));

function writeGraph(name: string, text: string): void {
  writeFileSync(path.join(project, "infra/graph", name), text);
}

/** The project's graph with a synthesis that the test provides and counts. */
function stageGraph(synthesise: () => void | Promise<void> = renewed, canRenew = true) {
  let syntheses = 0;
  const graph: StageGraph = {
    ...openStageGraph(project, "dev"),
    canRenew: () => canRenew,
    async renew() {
      syntheses++;
      await synthesise();
    },
  };
  return { graph, syntheses: () => syntheses };
}

function renewed(): void {
  writeGraph("dev.json", JSON.stringify(GRAPH));
  recordSources(project, "dev", [source]);
}

function signal() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Returns why the graph does not match its sources after a renewal. */
const problemOf = (graph: StageGraph) => renewWhileStale(graph, () => {});

async function renew(graph: StageGraph): Promise<string[]> {
  const said: string[] = [];
  await renewWhileStale(graph, (text) => said.push(text));
  return said;
}

const edit = (text = "export const edited = true;\n") => writeFileSync(source, text);

describe("openStageGraph", () => {
  it.each(["../../package", "dev/../prod", "/etc/passwd", "dev.json", "\u001b[2J"])(
    "rejects the stage name %j",
    (stage) => {
      expect(() => openStageGraph(project, stage)).toThrow(/^--stage .*: expected letters, digits and hyphens/);
    },
  );

  it("lists the stages that have a graph, and no other files", () => {
    for (const file of ["prod.json", ".hidden.json", "no stage.json", "notes.txt"]) writeGraph(file, "{}");
    expect(() => openStageGraph(project, "nope")).toThrow(
      /: there are graphs of dev, prod; create it with "pnpm synth --stage nope /,
    );
  });
});

describe("the program that renews a graph", () => {
  it("is the synthesiser's own command line, unless the project has one in infra/tools", () => {
    expect(synthProgram(project)).toMatch(/packages[/\\]sst-graph[/\\]src[/\\]main\.ts$/);
    const own = path.join(project, "infra/tools/synth.ts");
    mkdirSync(path.dirname(own));
    writeFileSync(own, "");
    expect(synthProgram(project)).toBe(own);
  });
});

describe("renewWhileStale", () => {
  it("ends if the signal aborts, without a message about the aborted synthesis", async () => {
    edit();
    const stop = new AbortController();
    const graph: StageGraph = {
      ...openStageGraph(project, "dev"),
      canRenew: () => true,
      renew: (given) => new Promise((_resolve, reject) => given?.addEventListener("abort", () => reject(given.reason))),
    };
    const said: string[] = [];
    const finished = renewWhileStale(graph, (text) => said.push(text), stop.signal);
    stop.abort();
    await finished;
    expect(said).toEqual([expect.stringContaining("Updating the graph…")]);
  });

  it("does nothing if nothing has changed", async () => {
    const { graph, syntheses } = stageGraph();
    expect([await renew(graph), syntheses()]).toEqual([[], 0]);
  });

  it("synthesises again if a source has changed, and names the source", async () => {
    edit();
    const { graph, syntheses } = stageGraph();
    const said = await renew(graph);
    expect([said.length, syntheses()]).toEqual([1, 1]);
    expect(said[0]).toMatch(/dev\.json is out of date\. Changed files: .*sst\.config\.ts\n/);
  });

  it("synthesises once more if a source changes during the synthesis", async () => {
    edit();
    let edits = 2;
    const { graph, syntheses } = stageGraph(() => {
      renewed();
      if (edits-- > 0) edit(`export const left = ${edits};\n`);
    });
    await renew(graph);
    expect(syntheses()).toBe(3);
  });

  it("ends if sources keep changing", async () => {
    edit();
    const { graph, syntheses } = stageGraph(() => {});
    await renew(graph);
    expect(syntheses()).toBeLessThanOrEqual(10);
  });

  it.each([
    ["in conflict", CONFLICT],
    ["empty", ""],
    ["null", "null"],
    ["a list", "[]"],
    ["of another structure", '{"dev":{"sst.config.ts":5}}'],
    ["a stage of null", '{"dev":null}'],
  ])("renews a graph whose record of sources is %s", async (_title, text) => {
    writeGraph(".sources.json", text);
    const { graph, syntheses } = stageGraph();
    expect(graph.sources()).toMatchObject({ files: [path.join(project, "infra/graph/.sources.json")], changed: [] });
    const said = await renew(graph);
    expect([said.length, syntheses()]).toEqual([1, 1]);
    expect(said[0]).toContain(`${path.join(project, "infra/graph/.sources.json")}: expected digests`);
    expect(said[0]).toContain('Run "pnpm synth" to recreate it');
    expect(graph.sources()).toEqual({ files: [source], changed: [] });
  });

  it.each([
    ["in conflict", CONFLICT],
    ["empty", ""],
    ["null", "null"],
    ["no graph", '{"version":1}'],
  ])("renews a graph that is %s", async (_title, text) => {
    writeGraph("dev.json", text);
    const { graph, syntheses } = stageGraph();
    const said = await renew(graph);
    expect([said.length, syntheses()]).toEqual([1, 1]);
    expect(said[0]).toContain("dev.json: expected a deployment graph, found");
    expect(graph.load()).toEqual(GRAPH);
  });

  it("keeps the graph and says how to update it if it cannot synthesise", async () => {
    edit();
    const { graph, syntheses } = stageGraph(renewed, false);
    const said = await renew(graph);
    expect([said.length, syntheses()]).toEqual([1, 0]);
    expect(said[0]).toContain('Run "pnpm synth" to update it');
  });

  it.each(["SST's platform", "an sst.config.ts"])("lets load() report a damaged graph without %s", async (what) => {
    writeGraph("dev.json", CONFLICT);
    const isPlatform = what === "SST's platform";
    recordSources(project, "dev", []);
    if (!isPlatform) rmSync(source);
    const { graph } = stageGraph(renewed, !isPlatform);
    expect(await renew(graph)).toEqual([]);
    expect(() => graph.load()).toThrow("git conflict markers");
  });

  it("reports the fault in the configuration, and keeps the graph", async () => {
    edit();
    const { graph, syntheses } = stageGraph(() => {
      throw new Error("sst.config.ts cannot be evaluated: no such stage");
    });
    const said = await renew(graph);
    expect([said.length, syntheses()]).toEqual([2, 1]);
    expect(said[1]).toBe("sst.config.ts cannot be evaluated: no such stage\nStill using the previous graph.");
  });

  it("returns why a graph does not match its sources, and undefined if it does", async () => {
    const failing = stageGraph(() => {
      throw new Error("cannot be evaluated");
    });
    expect(await problemOf(stageGraph().graph)).toBeUndefined();
    edit();
    expect(await problemOf(failing.graph)).toBe("cannot be evaluated");
    expect(await problemOf(stageGraph(renewed, false).graph)).toMatch(/is out of date/);
    expect(await problemOf(stageGraph(() => {}).graph)).toMatch(/is out of date/);
    expect(await problemOf(stageGraph().graph)).toBeUndefined();
  });

  it("does not claim to keep the graph if it was written before a failure", async () => {
    edit();
    const { graph } = stageGraph(() => {
      renewed();
      throw new Error("the route GET /x is described by no operation");
    });
    expect((await renew(graph))[1]).toBe("the route GET /x is described by no operation");
  });

  it("does not reject if the file system or a synthesis fails", async () => {
    const broken = (): never => {
      throw new Error("EACCES: permission denied");
    };
    const { graph } = stageGraph();
    expect(await renew({ ...graph, sources: broken })).toEqual([expect.stringContaining("EACCES")]);
    expect(await renew({ ...graph, load: broken, renew: broken })).toHaveLength(2);
  });

  it("runs one synthesis for overlapping calls", async () => {
    edit();
    const synthesis = signal();
    const { graph, syntheses } = stageGraph(async () => {
      await synthesis.promise;
      renewed();
    });
    const calls = [renew(graph), renew(graph), renew(graph)];
    synthesis.resolve();
    await Promise.all(calls);
    expect(syntheses()).toBe(1);
  });

  it("tries again if a call comes in during a failing synthesis, since the fault may be fixed", async () => {
    edit("broken");
    const synthesis = signal();
    const { graph, syntheses } = stageGraph(async () => {
      const text = readFileSync(source, "utf8");
      await synthesis.promise;
      if (text === "broken") throw new Error("cannot be bundled");
      renewed();
    });
    const first = renew(graph);
    await new Promise(setImmediate);
    edit();
    const second = renew(graph);
    synthesis.resolve();
    const said = [await first, await second].flat();
    expect(syntheses()).toBe(2);
    expect(said.join()).not.toContain("cannot be bundled");
  });
});
