import { randomInt } from "node:crypto";

import { configDefaults, defineConfig } from "vitest/config";
import type { Reporter } from "vitest/node";

/** Set by `pnpm soak properties`: tests with the tag "sampled" then try all their cases. */
const triesAllSamples = process.env.TEST_SAMPLES === "all";

// Workers inherit both. The seed: see packages/testing/src/sampling.ts. The AWS SDK would warn in
// each process that runs Node.js 20, which this project supports as long as the SDK does.
process.env.TEST_SEED ??= String(randomInt(2 ** 31));
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

/** Tests that replace a module for themselves: each needs modules of its own. */
const MOCKS = ["packages/sst-offline/src/logs/{logs,many-streams}.test.ts"];

const shared = {
  // Ends what hangs. A busy machine makes a test slow, and must not make it fail.
  testTimeout: 180_000,
  hookTimeout: 180_000,
  expect: { poll: { timeout: 60_000, interval: 10 } },
  restoreMocks: true,
};

export default defineConfig({
  test: {
    reporters: ["default", "json", seedReporter],
    outputFile: { json: "node_modules/.cache/test-results.json" },
    globalSetup: ["packages/sst-graph/test-platform.ts", ...(triesAllSamples ? [] : ["packages/ops/test-evidence.ts"])],
    maxWorkers: 3, // for two cores: tests wait for processes and browsers; Vitest would start one
    slowTestThreshold: 1000,
    tags: [
      {
        name: "sampled",
        description: "Tries a sample of its cases in the suite, and all of them in `pnpm soak properties`",
        ...(triesAllSamples && { timeout: 60 * 60_000 }),
      },
    ],
    projects: [
      {
        test: {
          ...shared,
          name: "units",
          include: [
            "packages/{core,functions,launch,ops,platform,sst-graph,sst-policy,testing}/**/*.test.ts",
            "infra/**/*.test.ts",
          ],
          env: { ORIGIN_SECRETS: "none" }, // handlers are those of a stage without an edge
          isolate: false, // a worker loads each module once
        },
      },
      {
        test: {
          ...shared,
          name: "offline",
          include: ["packages/sst-offline/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...MOCKS],
          isolate: false,
        },
      },
      { test: { ...shared, name: "mocks", include: MOCKS } },
      {
        test: {
          ...shared,
          name: "console",
          include: ["packages/console/**/*.test.ts"],
          globalSetup: "packages/console/test/setup.ts",
          isolate: false, // the files of a worker share its browser
        },
      },
    ],
  },
});
