// Removes each removable noun from a clone. The rest must pass check, the policy and all tests.
import { execFileSync } from "node:child_process";
import process from "node:process";

import { cloneRepository } from "./clone";

const { folder, commit, pnpm } = cloneRepository();

const [, found = ""] = /^expected one noun: (.*)$/m.exec(usageError()) ?? [];
for (const noun of found.split(" or ")) {
  pnpm("run", "remove", noun, "--yes");
  for (const command of ["check", "policy", "test"]) pnpm(command);
  commit(`Remove ${noun}`);
}

/** Returns the error of `pnpm run remove` without a noun, which lists the nouns. */
function usageError(): string {
  const args = ["packages/launch/launch.mjs", "infra/tools/remove.ts"];
  try {
    return execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr);
  }
}
