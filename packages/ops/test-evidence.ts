import { fileURLToPath } from "node:url";

import { recordTestedState } from "./src/evidence/tested";

/** Runs once around all tests: their results are evidence of what stood in the working tree. */
export function setup(): () => void {
  return recordTestedState(fileURLToPath(new URL("../..", import.meta.url)));
}
