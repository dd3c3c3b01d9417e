import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/**/*.test.ts", "infra/**/*.test.ts"],
    globalSetup: ["packages/graph/test-platform.ts", "packages/ops/test-evidence.ts"],
    reporters: ["default", "json"],
    outputFile: { json: "node_modules/.cache/test-results.json" },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    restoreMocks: true,
  },
});
