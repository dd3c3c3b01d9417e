import type { Waiver } from "./waivers";

/**
 * Facts about a project that the rules compare with its graph, from `infra/tools/policy.ts`. A list
 * that is left out counts as empty, unless its comment states something else.
 */
export interface Promises {
  /**
   * Stages that must have a graph. Waivers may name no other stages. Without it, any stage is
   * accepted.
   */
  stages?: readonly string[];
  /** Route keys that anyone may call. */
  publicRoutes?: readonly string[];
  /**
   * Scope of each operation, or `public`, by route key. Without it, routes are not compared with
   * operations.
   */
  operations?: Readonly<Record<string, string>>;
  /**
   * Names of groups that a user pool must have, and patterns of names that it may have. Without it,
   * a user pool may have any groups.
   */
  groups?: readonly (string | RegExp)[];
  /**
   * Scopes of which a token may hold only one. The functions read them, so no route has to require
   * one.
   */
  exclusiveScopes?: RegExp;
  /**
   * Returns the origins of front ends outside the deployment that may call a stage's API and sign
   * users in.
   */
  origins?(stage: string): readonly string[];
  /** Names of the `sst.aws.Dynamo` tables whose items nobody may change or delete. */
  appendOnlyTables?: readonly string[];
  /**
   * How functions recognise a request that came through the edge. Without it, an edge in front of
   * an API is a finding.
   */
  edge?: EdgeLock;
  /**
   * Returns the metrics that a stage's functions write to their logs in CloudWatch's Embedded
   * Metric Format: by namespace and name, the sets of dimensions that they are published with.
   */
  metrics?(stage: string): Readonly<Record<string, EmbeddedMetrics>>;
  /** Names of tags that every resource must carry. */
  tags?: readonly string[];
  waivers?: readonly Waiver[];
  /**
   * Where in this project to make a rule's fix, by the rule's id. Reports add it to the rule's
   * `fix`.
   */
  hints?: Readonly<Record<string, string>>;
}

/** By name of the metric. An empty set is the metric without dimensions. */
export type EmbeddedMetrics = Readonly<Record<string, readonly (readonly string[])[]>>;

export interface EdgeLock {
  /** Name of the header with the edge's secret, in lower case. */
  secretHeader: string;
  /** Name of the header with the viewer's address, in lower case. */
  addressHeader: string;
  /** Environment variable with the secrets that functions accept, separated by spaces. */
  variable: string;
}
