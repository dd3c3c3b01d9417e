import { existsSync } from "node:fs";
import path from "node:path";

import type { Promises } from "./promises";

const FILE = "infra/tools/policy.ts";

/**
 * Reads the promises that a project exports as `PROMISES` from `infra/tools/policy.ts`. Returns no
 * promises if the file does not exist. Throws an Error if the file cannot be bundled or does not
 * export `PROMISES`.
 *
 * @param project folder of the sst.config.ts
 */
export async function loadPromises(project: string): Promise<Promises> {
  const file = path.join(project, FILE);
  if (!existsSync(file)) return {};
  const esbuild = await import("esbuild");
  const { outputFiles } = await esbuild.build({
    entryPoints: [file],
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    write: false,
    logLevel: "silent", // the thrown error contains the messages
  });
  const code = Buffer.from(outputFiles[0]?.contents ?? "").toString("base64");
  const { PROMISES } = (await import(`data:text/javascript;base64,${code}`)) as { PROMISES?: Promises };
  if (PROMISES === undefined) throw new Error(`${file}: expected an export named PROMISES`);
  return PROMISES;
}
