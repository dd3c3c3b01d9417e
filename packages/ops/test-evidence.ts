import { fileURLToPath } from "node:url";

import { noteTested } from "./src/evidence/tested";

/** Runs once around all tests: their results are evidence of what stood in the working tree. */
export function setup(): () => void {
  return noteTested(fileURLToPath(new URL("../..", import.meta.url)));
}
