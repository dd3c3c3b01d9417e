import { readdirSync } from "node:fs";
import path from "node:path";

import { expect, it } from "vitest";

import type { AnyOperation } from "./contract";
import { OPERATIONS } from "./operations";

const SRC = path.join(import.meta.dirname, "..");
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) =>
  /^(?!.*\.test).*\.ts$/.test(file),
);

function isOperation(value: unknown): value is AnyOperation {
  const { key, id, permission, answers } = Object(value) as Partial<AnyOperation>;
  return [key, id, permission].every((text) => typeof text === "string") && typeof answers === "object";
}

/** The operations that the modules of core export. */
const exported = (
  await Promise.all(
    files.map(async (file) => {
      const module: Record<string, unknown> = await import(/* @vite-ignore */ path.join(SRC, file));
      return Object.entries(module).flatMap(([name, value]) => (isOperation(value) ? [{ file, name, ...value }] : []));
    }),
  )
).flat();

it("has an entry for each operation that a module exports", () => {
  const missing = exported.filter(({ key, id }) => OPERATIONS[key]?.id !== id);
  expect(missing.map(({ name, file }) => `OPERATIONS lacks ${name} of core/src/${file}`)).toEqual([]);
  const found = exported.map(({ id }) => id); // no fewer than there are: the search works
  expect(Object.values(OPERATIONS).filter(({ id }) => !found.includes(id))).toEqual([]);
});
