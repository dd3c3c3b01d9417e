import type { Waiver } from "./waivers";

/**
 * What a project tells the rules about itself, in `infra/tools/policy.ts`. Rules that compare with a list which is left
 * out expect it to be empty, unless its comment says otherwise.
 */
export interface Promises {
  /** Stages that must have a graph; waivers may name no others. Without it any stage will do. */
  stages?: readonly string[];
  /** Route keys that anyone may call. */
  publicRoutes?: readonly string[];
  /** Scope of each operation, or `public`, by route key. Without it routes are not compared with operations. */
  operations?: Readonly<Record<string, string>>;
  /** Groups that permissions ask for. Without it a user pool may have any groups. */
  groups?: readonly string[];
  /** Returns the origins of front ends outside the deployment that may call a stage's API and sign people in. */
  origins?(stage: string): readonly string[];
  /** Names of the `sst.aws.Dynamo` tables whose items nobody may change or delete. */
  appendOnlyTables?: readonly string[];
  /** Names of tags that every resource must carry. */
  tags?: readonly string[];
  waivers?: readonly Waiver[];
}
