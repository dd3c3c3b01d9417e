import { configDefaults, defineConfig } from "vitest/config";

const BUDGET = "packages/console/test/budget.test.ts";

export default defineConfig({
  test: {
    reporters: ["default", "json"],
    outputFile: { json: "node_modules/.cache/test-results.json" },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    expect: { poll: { timeout: 15_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: "tests",
          include: ["packages/**/*.test.ts", "infra/**/*.test.ts"],
          exclude: [...configDefaults.exclude, BUDGET],
          globalSetup: ["packages/graph/test-platform.ts", "packages/ops/test-evidence.ts"],
        },
      },
      // What a person's browser may take, in milliseconds, is seen when no other test runs.
      { extends: true, test: { name: "budget", include: [BUDGET], sequence: { groupOrder: 1 } } },
    ],
  },
});
