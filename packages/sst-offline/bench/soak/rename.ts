// The repository under another name: a clone with another infra/app.ts is synthesised, checked, judged and tested. Then
// says where the old names are left.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { APP } from "@backend/testing/app";

const REPOSITORY = fileURLToPath(new URL("../../../..", import.meta.url));
const OTHER = { name: "zebra-crossing", prefix: "Zebra", region: "ap-south-1" };

/** Files that may hold the old names, each with the reason. Tests of tools use names of their own. */
const MAY_NAME: [pattern: RegExp, reason: string][] = [
  [/^(README|CHANGELOG)\.md$|^LICENSE$|^docs\//, "prose and figures: `pnpm adopt` rewrites the title"],
  [/^package\.json$/, "`pnpm adopt` writes its name"],
  [/\.test\.tsx?$|\/(test|bench)\/|^packages\/testing\//, "tests with names of their own"],
];
/** Logical names and a route that the lab asks for. */
const LAB = /SecureBackend(API|Function)\w*/g;

const folder = mkdtempSync(path.join(os.tmpdir(), "rename-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const clone = path.join(folder, "clone");
execFileSync("git", ["clone", "-q", REPOSITORY, clone], { stdio: "inherit" });

const app = path.join(clone, "infra/app.ts");
let text = readFileSync(app, "utf8");
for (const key of ["name", "prefix", "region"] as const)
  text = text.replace(`${key}: ${JSON.stringify(APP[key])}`, `${key}: ${JSON.stringify(OTHER[key])}`);
writeFileSync(app, text);

for (const args of [["synth"], ["reference"], ["check"], ["policy"], ["test"]]) {
  const begin = performance.now();
  // pnpm installs what is missing first.
  execFileSync("npx", ["--yes", "pnpm@12", ...args], { cwd: clone, stdio: ["ignore", "inherit", "inherit"] });
  console.log(`renamed: pnpm ${args.join(" ")} passes, ${((performance.now() - begin) / 1000).toFixed(0)} s`);
}

const left = execFileSync("git", ["grep", "-nIE", `${APP.name}|${APP.prefix}|${APP.region}`], {
  cwd: clone,
  encoding: "utf8",
})
  .split("\n")
  .filter((line) => new RegExp(`${APP.name}|${APP.prefix}|${APP.region}`).test(line.replaceAll(LAB, "")))
  .filter((line) => !MAY_NAME.some(([pattern]) => pattern.test(line.slice(0, line.indexOf(":")))));
console.log(
  left.length === 0 ? "renamed: no other file holds an old name" : `renamed: old names are left\n${left.join("\n")}`,
);
if (left.length > 0) process.exitCode = 1;
