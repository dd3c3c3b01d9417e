// Each noun that can be removed is taken out of a clone. What is left passes check, the policy and the whole test suite.
import { execFileSync } from "node:child_process";
import process from "node:process";

import { cloneRepository } from "./clone";

const { folder, commit, pnpm } = cloneRepository();

const [, found = ""] = /^expected one noun: (.*)$/m.exec(refusal()) ?? [];
for (const noun of found.split(" or ")) {
  pnpm("run", "remove", noun, "--yes");
  for (const command of ["check", "policy", "test"]) pnpm(command);
  commit(`Remove ${noun}`);
}

/** What `pnpm run remove` says without a noun: it lists them. */
function refusal(): string {
  const args = ["packages/launch/launch.mjs", "infra/tools/remove.ts"];
  try {
    return execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr);
  }
}
