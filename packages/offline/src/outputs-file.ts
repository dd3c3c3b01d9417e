import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

import type { GraphBackend } from "./backend";

/** Writes what a deployment would output, as SST does to `.sst/outputs.json`, and where the access log is kept. */
export function writeOutputs(folder: string, { graph, accessLog }: GraphBackend): string {
  const file = path.join(folder, "outputs.json");
  const draft = `${file}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(draft, `${JSON.stringify({ ...graph.outputs, accessLogFile: accessLog?.writer.file }, null, 2)}\n`);
  renameSync(draft, file);
  return file;
}
