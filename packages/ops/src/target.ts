import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { UsageError } from "@backend/sst-graph/command-line";
import { oneLine } from "@backend/sst-graph/printable";
import { graphFile } from "@backend/sst-graph/stages";

import { declaredBy } from "./declared";

/** The stage of a command, and where it runs. */
export interface Target {
  where: "aws" | "offline";
  stage: string;
  project: string;
  /** Absent: the SDK finds it. */
  region?: string;
  /** Of the offline services; absent on AWS. */
  endpoint?: string;
  /** On AWS only if it was given: `apiUrlOf` asks for it. */
  url?: string;
  accessLogGroup?: string;
  /** Why `accessLogGroup`, or offline `url`, is absent. */
  unknown: string;
}

interface TargetValues {
  stage?: string | undefined;
  offline: boolean;
  url?: string | undefined;
  "log-group"?: string | undefined;
  region?: string | undefined;
  project: string;
}

type Outputs = Partial<Record<string, string>>;

/** Throws a UsageError without a stage, and an Error if the offline stage is not running. */
export function targetOf(values: TargetValues, cwd: string): Target {
  const { offline, url, "log-group": logGroup, region } = values;
  const stage = values.stage ?? (offline ? "dev" : undefined);
  if (stage === undefined) throw new UsageError("Which stage? Expected --stage NAME (on AWS) or --offline");
  if (url !== undefined && !/^https?:\/\/[^/]/.test(url)) throw new UsageError(`--url ${url}: expected an http(s) URL`);
  const project = path.resolve(cwd, values.project);
  const given = { ...(url !== undefined && { url }), ...(logGroup !== undefined && { accessLogGroup: logGroup }) };
  const found = offline ? offlineOutputs(project, stage) : declaredOutputs(project, stage);
  const target: Target = { where: offline ? "offline" : "aws", stage, project, ...found, ...given };
  const known = region ?? regionIn(target.url) ?? declaredRegion(project, stage);
  return known === undefined ? target : { ...target, region: known };
}

/** Returns one line that names the target, safe for a terminal: a URL may come from the user. */
export function describe({ where, stage, region, url, endpoint }: Target, logGroup?: string): string {
  const place = where === "offline" ? `offline, AWS endpoint ${endpoint ?? "unknown"}` : `AWS ${region ?? ""}`.trim();
  const parts = [`Stage ${stage}`, place, url, logGroup].filter((part) => part !== undefined);
  return oneLine(parts.join(", "));
}

/** The target's URL or log group, or an Error that says how to give it. */
export function required(target: Target, what: "url" | "accessLogGroup"): string {
  const value = target[what];
  if (value !== undefined) return value;
  throw new Error(`${target.unknown}; or give ${what === "url" ? "--url" : "--log-group"}`);
}

function offlineOutputs(project: string, stage: string) {
  const file = path.join(project, ".offline", stage, "outputs.json");
  const start = `pnpm offline${stage === "dev" ? "" : ` --stage ${stage}`}`;
  if (!existsSync(file)) throw new Error(`${file} is not there: start the stage with ${start}`);
  const { url, accessLogGroup, awsEndpointUrl } = outputsIn(file);
  if (awsEndpointUrl === undefined)
    throw new Error(`${file} has no awsEndpointUrl: start the stage again with ${start}`);
  return { ...used(url, accessLogGroup), endpoint: awsEndpointUrl, unknown: `${file} names neither` };
}

function declaredOutputs(project: string, stage: string) {
  return {
    ...used(undefined, declaredAccessLog(project, stage)),
    unknown: `${graphFile(project, stage)} declares no access log`,
  };
}

function declaredAccessLog(project: string, stage: string): string | undefined {
  const hasGraph = [stage, "dev"].some((name) => existsSync(graphFile(project, name)));
  if (!hasGraph) return undefined;
  return declaredBy(project, stage).logGroups.find(({ name }) => name.startsWith("/aws/apigateway/"))?.name;
}

function used(url?: string, accessLogGroup?: string) {
  return { ...(url !== undefined && { url }), ...(accessLogGroup !== undefined && { accessLogGroup }) };
}

function outputsIn(file: string): Outputs {
  try {
    const json: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Outputs;
  } catch (error) {
    throw new Error(`${file}: expected the outputs of a stage as JSON (${(error as Error).message})`, { cause: error });
  }
  throw new Error(`${file}: expected the outputs of a stage as a JSON object`);
}

function regionIn(url: string | undefined): string | undefined {
  return /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com/.exec(url ?? "")?.[1];
}

/** Returns the region of the deployment graph. A personal stage is deployed to the one of `dev`. */
function declaredRegion(project: string, stage: string): string | undefined {
  const file = [stage, "dev"].map((name) => graphFile(project, name)).find(existsSync);
  return file === undefined ? undefined : outputsIn(file).region;
}
