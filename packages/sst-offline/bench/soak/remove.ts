// Each noun that can be removed is taken out of a clone. What is left passes check, the policy and the whole test suite.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../../../..", import.meta.url));

const folder = mkdtempSync(path.join(os.tmpdir(), "remove-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const clone = path.join(folder, "clone");
execFileSync("git", ["clone", "-q", REPOSITORY, clone], { stdio: "inherit" });

const [, found = ""] = /^expected one noun: (.*)$/m.exec(refusal()) ?? [];
for (const noun of found.split(" or ")) {
  const author = ["-c", "user.name=soak", "-c", "user.email=soak@example.com"];
  for (const args of [["run", "remove", noun, "--yes"], ["check"], ["policy"], ["test"]]) {
    const begin = performance.now();
    // pnpm installs what is missing first.
    execFileSync("npx", ["--yes", "pnpm@12", ...args], { cwd: clone, stdio: ["ignore", "inherit", "inherit"] });
    console.log(`without ${noun}: pnpm ${args.join(" ")} passes, ${((performance.now() - begin) / 1000).toFixed(0)} s`);
  }
  execFileSync("git", [...author, "commit", "-qam", `Remove ${noun}`], { cwd: clone });
}

/** What `pnpm run remove` says without a noun: it lists them. */
function refusal(): string {
  const args = ["packages/launch/launch.mjs", "infra/tools/remove.ts"];
  try {
    return execFileSync(process.execPath, args, {
      cwd: REPOSITORY,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr);
  }
}
