import path from "node:path";

import { replaceFile } from "@secure-backend/launch/replace-file";

import type { GraphBackend } from "./backend";

/** Writes what a deployment would output, as SST does to `.sst/outputs.json`, and where the access log is kept. */
export function writeOutputs(folder: string, { graph, accessLog }: GraphBackend): string {
  const file = path.join(folder, "outputs.json");
  replaceFile(file, `${JSON.stringify({ ...graph.outputs, accessLogFile: accessLog?.writer.file }, null, 2)}\n`);
  return file;
}
