/**
 * The deployment graph: all resources that a deployment of one stage would create in AWS, as data.
 *
 * Each stage has one JSON file, sorted by URN. The same infrastructure gives the same bytes, so a
 * diff of the file is a diff of the infrastructure.
 */
export interface Graph {
  version: 1;
  app: string;
  stage: string;
  region: string;
  /**
   * Settings of `app()` in sst.config.ts: what a removal retains, and whether `sst remove` is
   * rejected.
   */
  removal: "remove" | "retain" | "retain-all";
  protect: boolean;
  /** Tags that the AWS provider sets on every resource that supports tags. */
  tags: Record<string, string>;
  resources: Resource[];
  functions: FunctionBuild[];
  /** The result of `run()` in sst.config.ts. */
  outputs: Record<string, Value>;
  /**
   * Commands that `sst dev` starts on the developer's machine (`sst.x.DevCommand`), by component
   * name, with values instead of references. Present only in a graph of `sst dev`.
   */
  devCommands?: Record<string, Plain>;
}

export interface Resource {
  /** The URN of the deployment engine: `urn:pulumi:<stage>::<app>::<type chain>::<name>`. */
  urn: string;
  /** Pulumi type token, such as `aws:apigatewayv2/stage:Stage`; components have `sst:aws:*`. */
  type: string;
  name: string;
  /** URN of the component that created the resource. Absent at the top level. */
  parent?: string;
  inputs: Record<string, Value>;
  /** URNs of resources that must exist first, but that the inputs do not mention. */
  dependsOn?: string[];
  /** The resource stays in AWS when it leaves the deployment. */
  retainOnDelete?: true;
  /** The deployment does not delete the resource. */
  protect?: true;
  /** URN of the provider, if it is not the stage's default provider (for another region). */
  provider?: string;
  /** Inputs whose changes a deployment ignores. */
  ignoreChanges?: string[];
}

/**
 * Build options of one Lambda function for SST's bundler. The function's environment is in its
 * resource.
 */
export interface FunctionBuild {
  /** Name of the component, such as `PlaceOrders`. */
  name: string;
  /** URN of the `aws:lambda/function:Function` that runs the bundle. */
  urn: string;
  /** `<source file without extension>.<export>`, relative to the project. */
  handler: string;
  runtime: string;
  architecture: string;
  /** SST's `nodejs` options of the function, such as `minify`, `format` and `esbuild`. */
  nodejs: { [option: string]: Value };
  /** Names of linked resources (`link`), in alphabetical order. Absent without links. */
  links?: string[];
  /** Present if the function declares `copyFiles`. */
  copyFiles?: true;
  /** Present if the function declares `bundle`, which is code that was built elsewhere. */
  bundle?: true;
}

/**
 * A JSON value in which references stay visible:
 *
 * - `{"ref": "<urn>#<output>"}`: output of another resource. Inside a longer string:
 *   `${<urn>#<output>}`, where `${$}` is a literal dollar sign.
 * - `{"secret": "<name>"}`: a value that the graph must not contain. Inside a longer string:
 *   `${secret:<name>}`.
 * - `{"json": ...}`: a string with this JSON text, such as a policy. It is parsed so that diffs are
 *   readable.
 * - `{"asset": "<name>"}`: a file or folder that is uploaded.
 *
 * A user's object whose only key is one of these, or `unknown` (a marker of the policy), has a
 * dollar sign before the key: `{"$ref": ...}`. An object with the key `$ref` becomes
 * `{"$$ref": ...}`.
 */
export type Value =
  | null
  | boolean
  | number
  | string
  | Value[]
  | Reference
  | Secret
  | JsonText
  | Asset
  | { [key: string]: Value };
export interface Reference {
  ref: string;
}
export interface Secret {
  secret: string;
}
export interface JsonText {
  json: Value;
}
export interface Asset {
  asset: string;
}

/** A value without references, such as the inputs of a resource after `resolve`. */
export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };
