import type { Plain } from "@backend/sst-graph/graph";
import type { ResolvedResource } from "@backend/sst-graph/resolve";

import { objectOf } from "../../kit/json";
import { timeZoneGap } from "../../lambda/function-config";
import { type Coverage, type Gap, not } from "./reasons";

export const LAMBDA: Record<`aws:lambda/${string}`, Coverage> = {
  "aws:lambda/function:Function": {
    architectures: architecture,
    deadLetterConfig: ["targetArn"],
    description: true,
    environment: timeZone,
    ephemeralStorage: storage,
    handler: true,
    loggingConfig: ["applicationLogLevel", "logFormat", "logGroup"],
    memorySize: true,
    name: true,
    packageType: true,
    publish: true,
    reservedConcurrentExecutions: true,
    role: true,
    runtime,
    s3Bucket: true, // offline builds functions from source instead
    s3Key: true,
    timeout: true,
  },
  "aws:lambda/permission:Permission": not("resource policies", "API Gateway may invoke the function of every route"),
};

function architecture(value: Plain): Gap | undefined {
  const [wanted] = Array.isArray(value) ? value : [];
  const here = process.arch === "x64" ? "x86_64" : process.arch;
  if (wanted === here) return undefined;
  return { what: "architecture", why: `functions run on ${here} here, and on ${wanted} on AWS` };
}

function timeZone(value: Plain, { name }: ResolvedResource): Gap | undefined {
  const { variables, ...others } = objectOf(value);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return { what: `${name}.environment.${unknown}`, why: "not simulated", unknown: true };
  const { TZ } = objectOf(variables);
  const gap = timeZoneGap(typeof TZ === "string" ? { TZ } : {});
  return gap === undefined ? undefined : { what: "time zones", why: `"${name}" declares ${gap}` };
}

function runtime(value: Plain): Gap | undefined {
  const wanted = /^nodejs(\d+)/.exec(String(value))?.[1];
  const here = process.versions.node.split(".", 1)[0];
  if (wanted === here) return undefined;
  return { what: "runtime", why: `functions run on Node.js ${process.versions.node} here, and on ${value} on AWS` };
}

function storage(value: Plain): Gap | undefined {
  return {
    what: "ephemeral storage",
    why: `/tmp is this machine's, not ${objectOf(value).size} MB for each execution environment`,
  };
}
