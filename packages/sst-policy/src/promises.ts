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
  /**
   * Names of groups that a user pool must have, and patterns of names that it may have. Without it a user pool may have
   * any groups.
   */
  groups?: readonly (string | RegExp)[];
  /** Scopes of which a token may hold only one. The functions read them, so no route needs to ask for one. */
  exclusiveScopes?: RegExp;
  /** Returns the origins of front ends outside the deployment that may call a stage's API and sign people in. */
  origins?(stage: string): readonly string[];
  /** Names of the `sst.aws.Dynamo` tables whose items nobody may change or delete. */
  appendOnlyTables?: readonly string[];
  /** How an edge proves to functions that a request came through it. Without it an edge in front of an API is a finding. */
  edge?: EdgeLock;
  /** Names of tags that every resource must carry. */
  tags?: readonly string[];
  waivers?: readonly Waiver[];
  /** Where this project makes the change that a rule asks for, by the rule's id. Reports add it to the rule's `fix`. */
  hints?: Readonly<Record<string, string>>;
}

export interface EdgeLock {
  /** Name of the header, in lower case, with the edge's secret. */
  secretHeader: string;
  /** Name of the header, in lower case, with the address of the viewer. */
  addressHeader: string;
  /** Environment variable of functions, with the secrets that they accept, separated by spaces. */
  variable: string;
}
