import path from "node:path";

import { replaceFile } from "@secure-backend/launch/replace-file";

import type { GraphBackend } from "./backend";

/** Writes what a deployment would output, as SST does to `.sst/outputs.json`, and where AWS, the console and the access log are here. */
export function writeOutputs(
  folder: string,
  { graph, accessLog }: GraphBackend,
  awsEndpointUrl: string,
  consoleUrl: string,
): string {
  const file = path.join(folder, "outputs.json");
  const outputs = { ...graph.outputs, awsEndpointUrl, consoleUrl, accessLogFile: accessLog?.writer.file };
  replaceFile(file, `${JSON.stringify(outputs, null, 2)}\n`);
  return file;
}
