import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import type { Graph } from "@backend/sst-graph/graph";
import { loadGraph } from "@backend/sst-graph/load";
import { judge } from "@backend/sst-policy/judge";
import { synthesised } from "@backend/testing/synthesised";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { APP } from "./app";
import { PROMISES } from "./tools/policy";

const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));
const OTHER: Record<keyof typeof APP, string> = {
  ...{ name: "zebra-crossing", prefix: "Zebra", region: "ap-south-1" },
  ...{ owner: "zebras", costCenter: "4711", repository: "zebras/crossing" },
};
const TODAY = "2026-11-28";

/** This repository under another name: its functions and sources are the same files. */
function renamedCopy(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "renamed-"));
  cpSync(path.join(REPOSITORY, "infra"), path.join(folder, "infra"), { recursive: true });
  cpSync(path.join(REPOSITORY, "sst.config.ts"), path.join(folder, "sst.config.ts"));
  for (const name of ["packages", "node_modules", "package.json", "tsconfig.json"])
    symlinkSync(path.join(REPOSITORY, name), path.join(folder, name));
  writeFileSync(path.join(folder, "infra/app.ts"), `export const APP = ${JSON.stringify(OTHER)} as const;\n`);
  return folder;
}

describe.each(["dev", "prod"])("another name, prefix and region: stage %s", (stage) => {
  let folder: string;
  let graph: Graph;
  let original: Graph;
  beforeAll(async () => {
    folder = renamedCopy();
    graph = await synthesised(folder, stage);
    original = loadGraph(path.join(REPOSITORY, "infra/graph", `${stage}.json`));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("has the same resources, and nothing is called by the old names", () => {
    expect(graph.resources.map(({ name }) => name).sort()).toEqual(original.resources.map(({ name }) => name).sort());
    // The logical names of the lab stay: SecureBackendAPI, SecureBackendFunction.
    const values = JSON.stringify(graph.resources.map(({ inputs }) => inputs)).replaceAll(
      /SecureBackend(API|Function)/g,
      "",
    );
    // CloudFront and what goes with it are in us-east-1 whatever the region is.
    const words: string[] = [APP.name, APP.prefix, APP.region, APP.owner];
    const old = words.filter((word) => word !== "us-east-1" && values.includes(word));
    expect(old).toEqual([]);
  });

  it("names every table, function, queue, topic, pool, API and log group by the new prefix or name", () => {
    const named = graph.resources.flatMap(({ type, name, inputs }) =>
      NAMED.includes(type) ? [[name, String(inputs.name ?? inputs.bucket ?? inputs.domain)]] : [],
    );
    expect(named.length).toBeGreaterThan(30);
    const prefixed = /^(\/aws\/(apigateway|lambda)\/|aws-waf-logs-)?(Zebra|zebra-crossing-)/;
    expect(named.filter(([, physical = ""]) => !prefixed.test(physical))).toEqual([]);
  });

  it("loses no promise and no waiver", () => {
    const metrics = (name: string) =>
      mapKeys(PROMISES.metrics?.(name) ?? {}, (key) => key.replace(APP.prefix, "Zebra"));
    const before = judge(original, PROMISES, TODAY);
    const after = judge(graph, { ...PROMISES, metrics }, TODAY);
    expect(after?.findings).toEqual([]);
    const waivers = (verdict: typeof before) =>
      verdict?.waived.map(({ rule, urn }) => [rule.id, urn.split("::").at(-1)]);
    expect(waivers(after)).toEqual(waivers(before));
  });
});

/** Types whose names one account, or one region of it, has once. */
const NAMED = [
  "aws:dynamodb/table:Table",
  "aws:lambda/function:Function",
  "aws:sqs/queue:Queue",
  "aws:sns/topic:Topic",
  "aws:cognito/userPool:UserPool",
  "aws:apigatewayv2/api:Api",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
  "aws:scheduler/schedule:Schedule",
  "aws:iam/role:Role",
  "aws:s3/bucket:Bucket",
  "aws:cloudfront/function:Function",
  "aws:wafv2/webAcl:WebAcl",
];

function mapKeys<T>(record: Readonly<Record<string, T>>, change: (key: string) => string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [change(key), value]));
}
