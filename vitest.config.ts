import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/**/*.test.ts", "infra/**/*.test.ts"],

    globalSetup: ["packages/graph/test-platform.ts"],
    testTimeout: 30_000,
    restoreMocks: true,
  },
});
