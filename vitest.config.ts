import { randomInt } from "node:crypto";

import { defineConfig } from "vitest/config";
import type { Reporter } from "vitest/node";

/** `pnpm soak properties` sets it: tests tagged "sampled" then try all their cases. */
const triesAllSamples = process.env.TEST_SAMPLES === "all";

// Workers inherit it. See packages/testing/src/sampling.ts.
process.env.TEST_SEED ??= String(randomInt(2 ** 31));

// The AWS SDK warns each process that runs Node.js 20; the project supports it until the SDK does not.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const seedReporter: Reporter = {
  onTestRunStart: printSeed,
  onTestRunEnd(_modules, _errors, reason) {
    if (reason === "failed") printSeed();
  },
};

function printSeed(): void {
  const { TEST_SEED } = process.env;
  console.log(` Random tests use seed ${TEST_SEED}. TEST_SEED=${TEST_SEED} repeats them.\n`);
}

export default defineConfig({
  test: {
    reporters: ["default", "json", seedReporter],
    outputFile: { json: "node_modules/.cache/test-results.json" },
    // Ends what hangs. A busy machine makes a test slow, and must not make it fail.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    restoreMocks: true,
    maxWorkers: 2,
    tags: [
      {
        name: "sampled",
        description: "Random cases: a sample of them in the suite, all of them in `pnpm soak properties`",
        ...(triesAllSamples && { timeout: 60 * 60_000 }),
      },
    ],
    globalSetup: ["packages/graph/test-platform.ts", "packages/ops/test-evidence.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "units",
          include: ["packages/{core,functions,graph,launch,ops}/**/*.test.ts", "infra/**/*.test.ts"],
          isolate: false, // modules are loaded once for each worker
        },
      },
      { extends: true, test: { name: "offline", include: ["packages/offline/**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "console",
          include: ["packages/console/**/*.test.ts"],
          isolate: false, // a worker's files share its browser
        },
      },
    ],
  },
});
