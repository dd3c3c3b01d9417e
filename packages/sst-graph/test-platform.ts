import { fileURLToPath } from "node:url";

import { installPlatform } from "./src/platform";

/**
 * Runs once before all tests, because synthesis and the types of sst.config.ts need SST's platform.
 */
export async function setup(): Promise<void> {
  await installPlatform(fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, ""), console.log);
}
