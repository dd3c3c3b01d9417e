import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { OPERATIONS } from "@backend/core/operations";
import { replaceFile } from "@backend/launch/replace-file";

import { loadGraph } from "@backend/sst-graph/load";
import { resolve } from "@backend/sst-graph/resolve";
import { openApiDocument } from "./document";

/** The text of the document that the graph of a stage and the operations in core make. */
export function openApiText(project: string, stage: string): string {
  const graph = resolve(loadGraph(path.join(project, "infra/graph", `${stage}.json`)));
  return `${JSON.stringify(openApiDocument(graph, OPERATIONS), null, 2)}\n`;
}

export function openApiFile(project: string): string {
  return path.join(project, "packages/functions/src/openapi.json");
}

/**
 * Writes the document from dev's graph: every stage has the same. Returns what happened, in words.
 */
export function writeOpenApi(project: string): string {
  const [file, text] = [openApiFile(project), openApiText(project, "dev")];
  const isFresh = existsSync(file) && readFileSync(file, "utf8") === text;
  if (!isFresh) replaceFile(file, text);
  return `${path.relative(process.cwd(), file)}: ${isFresh ? "unchanged" : "changed"}`;
}
