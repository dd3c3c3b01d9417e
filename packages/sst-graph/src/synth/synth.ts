import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import type { Graph } from "../graph";
import { bundleApp, bundleProgram } from "./bundle";
import { evaluationError } from "./config-error";
import type { Recording, Task } from "./recording";
import { render } from "./render";

/** The parts of the result of `app()` in sst.config.ts that a graph needs. */
interface App {
  name: string;
  removal?: Graph["removal"];
  protect?: boolean;
  providers?: { aws?: { region?: string; defaultTags?: { tags?: Record<string, string> } } | string };
}

export interface Synthesiser {
  /**
   * Returns the graph of a stage. Throws an Error with the fault in sst.config.ts.
   *
   * @param options `dev` for the graph that `sst dev` deploys, with live stubs and without sites
   */
  synth(stage: string, options?: { dev?: boolean }): Promise<Graph>;
  /** The source files of the graph: sst.config.ts and the user's own files that it imports. */
  sources: string[];
  close(): void;
}

/**
 * Bundles a project's sst.config.ts once. Each stage is evaluated in a separate process, because
 * SST and Pulumi keep their state in globals.
 *
 * @param project folder with sst.config.ts
 * @param platform folder with SST's own components, as `installPlatform` returns it
 */
export async function openSynthesiser(project: string, platform: string): Promise<Synthesiser> {
  // Inside the platform, so that the bundles resolve the packages of SST's components.
  const bundles = mkdirIn(path.join(platform, "node_modules/.cache/synth"));
  const work = mkdirIn(os.tmpdir());
  const program = path.join(bundles, "program.mjs");
  const appProgram = path.join(bundles, "app.mjs");
  const [sources] = await Promise.all([
    bundleProgram(project, platform, program),
    bundleApp(project, platform, appProgram),
  ]).catch((error) => {
    close();
    throw error;
  });

  return { synth, sources, close };

  function close(): void {
    for (const folder of [bundles, work]) rmSync(folder, { recursive: true, force: true });
  }

  async function synth(stage: string, { dev = false } = {}): Promise<Graph> {
    const folder = mkdirIn(work);
    const emptySite = path.join(folder, "site");
    mkdirSync(emptySite, { recursive: true });
    const app = await evaluate<App>(appProgram, { stage, answer: path.join(folder, "app.json") });
    const aws = typeof app.providers?.aws === "object" ? app.providers.aws : {};
    const region = aws.region;
    if (region === undefined) throw new Error(`${project}/sst.config.ts: expected app() to set providers.aws.region`);
    const head = { name: app.name, stage, removal: app.removal ?? "retain", protect: app.protect ?? false };
    const task: Task = {
      ...{ project, platform, work: folder, emptySite, region, dev, app: head },
      recording: path.join(folder, "recording.json"),
    };
    const recording = await evaluate<Recording>(program, { ...task, answer: task.recording });
    return {
      version: 1,
      app: app.name,
      stage,
      region,
      removal: head.removal,
      protect: head.protect,
      tags: { "sst:app": app.name, "sst:stage": stage, ...aws.defaultTags?.tags }, // the CLI sets the first two
      ...render(recording, foldersOf(task), [app.name, stage]),
      ...(dev && { devCommands: recording.devCommands }),
    };
  }

  async function evaluate<T>(
    file: string,
    task: { stage?: string; answer: string; app?: { stage: string } },
  ): Promise<T> {
    const input = `${task.answer}.task`;
    writeFileSync(input, JSON.stringify(task));
    const { code, stderr } = await run(file, input, project);
    if (code !== 0 || !existsSync(task.answer)) throw evaluationError({ project, bundle: file, task: input, stderr });
    return JSON.parse(readFileSync(task.answer, "utf8")) as T;
  }
}

/** Returns folders that inputs may contain, longest first, with the text that replaces each. */
function foldersOf({ emptySite, work, platform, project }: Task): [string, string][] {
  return [
    [emptySite, "site"],
    [work, "work"],
    [platform, "platform"],
    [`${project}/`, ""],
    [project, "."],
  ];
}

function run(file: string, input: string, cwd: string): Promise<{ code: number | null; stderr: string }> {
  // A graph depends only on the project: the user's profile, stage and secrets must not reach the
  // evaluation.
  const env = Object.fromEntries(["PATH", "HOME", "TMPDIR", "SystemRoot"].map((name) => [name, process.env[name]]));
  const child = spawn(process.execPath, [file, input], { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stderr }));
  });
}

function mkdirIn(parent: string): string {
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(path.join(parent, "synth-"));
}
