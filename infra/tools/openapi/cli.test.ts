import { expect, it } from "vitest";

import { main } from "./cli";

function openapi(...argv: string[]) {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) });
  const code = main(argv, { stdout: output("stdout"), stderr: output("stderr") });
  return { code, ...written };
}

it("pnpm openapi leaves a document that is fresh", () => {
  const { code, stdout, stderr } = openapi();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("packages/functions/src/openapi.json: unchanged");
});

it("pnpm openapi prints its help", () => {
  expect(openapi("--help").stdout).toContain("Usage: pnpm openapi");
});

it("pnpm openapi answers 2 to an option that it does not have", () => {
  const { code, stderr } = openapi("--stage", "dev");
  expect(code).toBe(2);
  expect(stderr).toContain("Unknown option '--stage'\n\nUsage: pnpm openapi");
});
