import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

const SRC = fileURLToPath(new URL(".", import.meta.url)).replace(/[/\\]$/, "");

/**
 * Returns the folders that each folder of src imports from. Files directly in src are the folder
 * "".
 */
function importsByFolder(): Map<string, Set<string>> {
  const imports = new Map<string, Set<string>>();
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => /\.(ts|mjs)$/.test(name) && !/\.(test|d)\.ts$/.test(name))) {
    const folder = folderOf(file);
    const targets = imports.get(folder) ?? new Set();
    imports.set(folder, targets);
    for (const [, target = ""] of readFileSync(path.join(SRC, file), "utf8").matchAll(
      /(?:from|import\()\s*"(\.[^"]*)"/g,
    )) {
      const found = folderOf(path.relative(SRC, path.resolve(SRC, path.dirname(file), target)));
      if (found !== folder) targets.add(found);
    }
  }
  return imports;
}

/** Returns the first folder of a path in src, or "" for a file directly in src. */
function folderOf(file: string): string {
  const [first = "", ...rest] = file.split(path.sep);
  return rest.length === 0 ? "" : first;
}

/** Returns a circle of folders as a path that ends where it begins. */
function findCircle(imports: Map<string, Set<string>>): string[] | undefined {
  const done = new Set<string>();
  for (const start of imports.keys()) {
    const circle = visit(start, []);
    if (circle !== undefined) return circle;
  }
  return undefined;

  function visit(folder: string, trail: string[]): string[] | undefined {
    if (trail.includes(folder)) return [...trail.slice(trail.indexOf(folder)), folder];
    if (done.has(folder)) return undefined;
    for (const target of imports.get(folder) ?? []) {
      const circle = visit(target, [...trail, folder]);
      if (circle !== undefined) return circle;
    }
    done.add(folder);
    return undefined;
  }
}

it("finds a circle", () => {
  const imports = new Map([
    ["a", new Set(["b"])],
    ["b", new Set(["c"])],
    ["c", new Set(["b"])],
  ]);
  expect(findCircle(imports)).toEqual(["b", "c", "b"]);
});

it("no two folders import each other, directly or through others", () => {
  const imports = importsByFolder();
  expect([...imports.keys()]).toContain("gateway");
  expect(findCircle(imports)).toBeUndefined();
});

it("the kit imports no other folder", () => {
  expect([...(importsByFolder().get("kit") ?? [])]).toEqual([]);
});
