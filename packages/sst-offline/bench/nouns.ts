import type { ColdNoun } from "./cold/case";
import type { Program } from "./run-chosen";

/** Cases of nouns for `pnpm bench cold`. */
export const COLD_NOUNS: (() => Promise<{ COLD: ColdNoun }>)[] = [
  () => import("./nouns/audit/cold"), // #line audit
  // Others are added here.
];

/** Soaks of nouns, by name. */
export const SOAK_NOUNS: Record<string, Program> = {
  // #region audit
  audit: { about: "the audit trail under load and kills", run: () => import("./nouns/audit/soak") },
  // #endregion audit
};
