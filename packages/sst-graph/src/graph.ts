/**
 * The deployment graph: everything that a deployment of one stage would create in AWS, as data.
 *
 * One JSON file a stage, sorted by URN and byte-stable, so that a diff of it is a diff of the infrastructure.
 */
export interface Graph {
  version: 1;
  app: string;
  stage: string;
  region: string;
  /** What `app()` in sst.config.ts declares: what a removal keeps, and whether one is refused. */
  removal: "remove" | "retain" | "retain-all";
  protect: boolean;
  /** Tags that the AWS provider puts on every resource which can carry tags. */
  tags: Record<string, string>;
  resources: Resource[];
  functions: FunctionBuild[];
  /** What `run()` in sst.config.ts returns. */
  outputs: Record<string, Value>;
  /**
   * Commands that `sst dev` starts on the developer's machine (`sst.x.DevCommand`), by the component's
   * name, with values in place of references. Present only in a graph of `sst dev`.
   */
  devCommands?: Record<string, Plain>;
}

export interface Resource {
  /** `urn:pulumi:<stage>::<app>::<type chain>::<name>`, as the deployment engine writes it. */
  urn: string;
  /** Pulumi type token, such as `aws:apigatewayv2/stage:Stage`; components have `sst:aws:*`. */
  type: string;
  name: string;
  /** URN of the component that made it; absent at the top. */
  parent?: string;
  inputs: Record<string, Value>;
  /** URNs of what must exist first without being mentioned in the inputs. */
  dependsOn?: string[];
  /** Kept in AWS when it leaves the deployment. */
  retainOnDelete?: true;
  /** The deployment refuses to delete it. */
  protect?: true;
  /** URN of the provider, where it is not the stage's own (another region). */
  provider?: string;
  /** Inputs whose drift is left alone. */
  ignoreChanges?: string[];
}

/** What SST's bundler is asked to build for one Lambda function; the function's environment stands in its resource. */
export interface FunctionBuild {
  /** The component's name, such as `PlaceOrders`. */
  name: string;
  /** URN of the `aws:lambda/function:Function` that runs the bundle. */
  urn: string;
  /** `<source file without extension>.<export>`, relative to the project. */
  handler: string;
  runtime: string;
  architecture: string;
  /** SST's `nodejs` options of the function: `minify`, `format`, `esbuild`, ... */
  nodejs: { [option: string]: Value };
  /** Names of the resources that the function is linked to (`link`), in alphabetical order; absent without any. */
  links?: string[];
  /** Present where the function declares `copyFiles`. */
  copyFiles?: true;
  /** Present where the function declares `bundle`: code that somebody else has built. */
  bundle?: true;
}

/**
 * A JSON value in which references stay visible:
 *
 * - `{"ref": "<urn>#<output>"}`: another resource's output. Inside a longer string: `${<urn>#<output>}`, where
 *   `${$}` is a literal dollar sign.
 * - `{"secret": "<name>"}`: a value that the graph must not hold; inside a longer string `${secret:<name>}`.
 * - `{"json": ...}`: a string that holds this JSON text (policies, mostly), spelled out so that its diff can be read.
 * - `{"asset": "<name>"}`: a file or folder that is uploaded.
 *
 * An object of the user's own with such a key alone, or with `unknown` alone, which a policy reads as a marker, has a
 * dollar sign before the key: `{"$ref": ...}`, and `{"$$ref": ...}` for an object that has `$ref`.
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

/** A value without references: what a resource's inputs become by `resolve`. */
export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };
