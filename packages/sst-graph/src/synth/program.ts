import { writeFileSync } from "node:fs";

import { Output, type Resource, runtime } from "@pulumi/pulumi";

import type { Plain } from "../graph";
import { startBuildServer } from "./build-server";
import { RecordingMonitor } from "./monitor";
import type { Recording, Task } from "./recording";
import { secretPlaceholder } from "./secret-placeholder";

/** The part of sst.config.ts that the bundle of a project provides. */
interface Config {
  run(): Promise<Record<string, unknown> | undefined>;
}
type RunInSst = (program: () => Promise<Record<string, unknown>>) => Promise<Record<string, unknown>>;

/**
 * Evaluates sst.config.ts in this process instead of the deployment engine. Writes the recording
 * when the event loop is empty, because only then all values have resolved.
 */
export async function record(task: Task, load: () => Promise<{ config: Config; run: RunInSst }>): Promise<void> {
  const { app } = task;
  const server = await startBuildServer(task.work);
  provideEnvironment(server.url, task.region);
  const monitor = new RecordingMonitor(task.region);
  await runtime.setMocks(UNUSED, app.name, app.stage, false); // switches Pulumi to a monitor in this process
  (runtime as unknown as EngineSettings).setMockOptions(monitor, app.name, app.stage, false);

  const outputs: Recording["outputs"] = {};
  process.once("beforeExit", () => {
    const { recorded: resources, devCommands } = monitor;
    const recording: Recording = { resources, builds: server.builds, outputs, devCommands };
    writeFileSync(task.recording, JSON.stringify(recording));
  });
  const { config, run } = await load();
  await runtime.runInPulumiStack(async () => {
    const returned = await run(async () => (await config.run()) ?? {});
    delete returned._protect; // SST's own marker for the engine
    for (const [key, value] of Object.entries(returned)) {
      const output = Output.create(value) as unknown as Inspectable;
      const resources = await output.allResources();
      const dependencies = await Promise.all([...resources].map((resource) => urnOf(resource)));
      outputs[key] = { value: (await output.promise()) ?? null, dependencies };
    }
    return returned;
  });
}

interface EngineSettings {
  setMockOptions(monitor: RecordingMonitor, project: string, stack: string, preview: boolean): void;
}
interface Inspectable {
  allResources(): Promise<Set<Resource>>;
  promise(): Promise<Plain | undefined>;
}

const UNUSED = {
  newResource: () => ({ id: undefined, state: {} }),
  call: () => ({}),
};

function urnOf(resource: Resource): Promise<string> {
  return (resource.urn as unknown as { promise(): Promise<string> }).promise();
}

/** SST reads secrets from the environment, which returns a placeholder for each secret. */
function provideEnvironment(buildServer: string, region: string): void {
  process.env.SST_SERVER = buildServer;
  process.env.SST_AWS_REGION = region;
  process.env = new Proxy(process.env, {
    get: (environment, key: string) =>
      key.startsWith("SST_SECRET_") ? secretPlaceholder(key.slice("SST_SECRET_".length)) : environment[key],
  });
}
