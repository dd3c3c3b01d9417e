import { readdirSync } from "node:fs";
import path from "node:path";
import type { AnyOperation } from "@backend/platform/api/contract";
import { expect, it } from "vitest";
import { OPERATIONS } from "./operations";

const PACKAGES = path.join(import.meta.dirname, "../..");
/** Modules of core, and the platform's modules that need no environment variables. */
const files = ["core/src", "platform/src"].flatMap((folder) =>
  readdirSync(path.join(PACKAGES, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /^(?!handlers|lambda|.*\.test).*\.ts$/.test(file))
    .map((file) => path.join(folder, file)),
);

function isOperation(value: unknown): value is AnyOperation {
  const { key, id, permission, answers } = Object(value) as Partial<AnyOperation>;
  return [key, id, permission].every((text) => typeof text === "string") && typeof answers === "object";
}

/** The operations that these modules export. */
const exported = (
  await Promise.all(
    files.map(async (file) => {
      const module: Record<string, unknown> = await import(/* @vite-ignore */ path.join(PACKAGES, file));
      return Object.entries(module).flatMap(([name, value]) => (isOperation(value) ? [{ file, name, ...value }] : []));
    }),
  )
).flat();

it("has an entry for each operation that a module exports", () => {
  const missing = exported.filter(({ key, id }) => OPERATIONS[key]?.id !== id);
  expect(missing.map(({ name, file }) => `OPERATIONS lacks ${name} of packages/${file}`)).toEqual([]);
  const found = exported.map(({ id }) => id); // the search found all operations
  expect(Object.values(OPERATIONS).filter(({ id }) => !found.includes(id))).toEqual([]);
});
