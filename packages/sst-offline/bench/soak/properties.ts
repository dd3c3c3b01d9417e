// Runs every test with the tag "sampled" with all its cases: random properties, and syntheses that
// must be reproducible.
import path from "node:path";
import { fileURLToPath } from "node:url";

import { run } from "../run-program";

const repository = fileURLToPath(new URL("../../../..", import.meta.url));
const vitest = path.join(repository, "node_modules/vitest/vitest.mjs");
const results = path.join(repository, "node_modules/.cache/soak-results.json");

const args = ["run", "--root", repository, "--tags-filter=sampled", "--passWithNoTests=false"];
await run([vitest, ...args, `--outputFile.json=${results}`], { TEST_SAMPLES: "all" });
