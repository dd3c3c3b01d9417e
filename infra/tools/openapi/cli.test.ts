import { nameSchema } from "@backend/platform/api/schemas";
import { REPOSITORY } from "@backend/sst-graph/repository";
import { expect, it } from "vitest";
import * as z from "zod/mini";

import { main } from "./cli";
import { openApiText } from "./write";

async function openapi(...argv: string[]) {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) });
  const code = await main(argv, { stdout: output("stdout"), stderr: output("stderr") });
  return { code, ...written };
}

it("pnpm openapi leaves a document that is fresh", async () => {
  const { code, stdout, stderr } = await openapi();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("packages/functions/src/openapi.json: unchanged");
});

it("the document leaves out named schemas that none of its operations refers to", () => {
  nameSchema(z.object({ stray: z.string() }), "Stray", "A schema of no operation.");
  expect(openApiText(REPOSITORY, "dev")).not.toContain("Stray");
});

it("pnpm openapi answers 2 to an option that it does not have", async () => {
  const { code, stderr } = await openapi("--stage", "dev");
  expect(code).toBe(2);
  expect(stderr).toContain("Unknown option '--stage': expected --help");
});
