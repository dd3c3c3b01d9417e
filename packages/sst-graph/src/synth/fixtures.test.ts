import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { PROJECTS, synthesised, synthesisedFixture } from "@backend/testing/synthesised";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Graph, Value } from "../graph";
import { outputName } from "../reference";
import { resolve } from "../resolve";
import { write } from "../write";

const find = (graph: Graph, type: string, name = "") => {
  const found = graph.resources.filter((resource) => resource.type === type && resource.name.includes(name));
  expect(found, `${type} ${name}`).toHaveLength(1);
  return found[0] as Graph["resources"][number];
};
const output = (graph: Graph, type: string, key: string, name = "") => outputName(find(graph, type, name).urn, key);
const statementsOf = (policy: Value | undefined) => (policy as { json: { Statement: Value[] } }).json.Statement;

describe("a table with indexes", () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await synthesisedFixture("dynamo");
  });

  it("keeps the declared index and expiry", () => {
    expect(find(graph, "aws:dynamodb/table:Table").inputs).toMatchObject({
      hashKey: "pk",
      rangeKey: "sk",
      globalSecondaryIndexes: [{ name: "byActor", hashKey: "actor", rangeKey: "sk", projectionType: "KEYS_ONLY" }],
      ttl: { attributeName: "expiresAt", enabled: true },
    });
  });

  it("has references to the table in the reader's environment and policy", () => {
    const table = output(graph, "aws:dynamodb/table:Table", "arn");
    const lambda = find(graph, "aws:lambda/function:Function");
    expect(lambda.inputs.environment).toMatchObject({
      variables: { TABLE_NAME: { ref: output(graph, "aws:dynamodb/table:Table", "name") } },
    });
    const [policy] = find(graph, "aws:iam/role:Role").inputs.inlinePolicies as { policy: Value }[];
    expect(statementsOf(policy?.policy)).toEqual([
      { Effect: "Allow", Action: ["dynamodb:Query"], Resource: [{ ref: table }, `\${${table}}/index/byActor`] },
    ]);
  });

  it("lists the functions to bundle", () => {
    expect(graph.functions).toEqual([
      {
        name: "Reader",
        urn: find(graph, "aws:lambda/function:Function").urn,
        handler: "src/reader.handler",
        runtime: "nodejs24.x",
        architecture: "x86_64",
        nodejs: {},
      },
    ]);
  });

  it("has the URNs of the deployment engine, and is sorted by them", () => {
    const urns = graph.resources.map(({ urn }) => urn);
    // https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
    expect(urns).toContain("urn:pulumi:dev::fixture::sst:aws:Dynamo$aws:dynamodb/table:Table::AuditTable");
    expect(urns).toEqual([...urns].sort());
  });

  it("resolves to values without references", () => {
    const text = JSON.stringify(resolve(graph));
    expect(text).not.toContain('"ref"');
    expect(text).not.toContain("${urn:");
    expect(text).toMatch(
      /arn:aws:dynamodb:eu-west-1:000000000000:table\/fixture-dev-AuditTable-[a-z]{8}\/index\/byActor/,
    );
  });
});

describe("a user pool with two clients", () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await synthesisedFixture("user-pool");
  });

  it("has the flows of each client, and a reference to the resource server's scope", () => {
    const client = "aws:cognito/userPoolClient:UserPoolClient";
    expect(find(graph, client, "Web").inputs.allowedOauthFlows).toEqual(["implicit", "code"]);
    expect(find(graph, client, "Machine").inputs).toMatchObject({
      generateSecret: true,
      allowedOauthScopes: [{ ref: output(graph, "aws:cognito/resourceServer:ResourceServer", "scopeIdentifiers[0]") }],
    });
    expect(JSON.stringify(resolve(graph))).toContain('"allowedOauthScopes":["audit/write"]');
  });

  it("has a reference for a client's ID in a JSON key, and none for an equal scope", () => {
    const client = "aws:cognito/userPoolClient:UserPoolClient";
    const machine = output(graph, client, "id", "Machine");
    const { environment } = find(graph, "aws:lambda/function:Function").inputs;
    expect(environment).toMatchObject({ variables: { GRANTS: `{"\${${machine}}":{"scopes":["audit/write"]}}` } });
    const resolved = resolve(graph).resources;
    const { id = "" } = resolved.find(({ name }) => name === "MachineClient")?.outputs ?? {};
    const lambda = resolved.find(({ type }) => type === "aws:lambda/function:Function");
    const grants = JSON.stringify({ [id]: { scopes: ["audit/write"] } });
    expect(lambda?.inputs.environment).toMatchObject({ variables: { GRANTS: grants } });
  });

  it("contains the names of secrets, but not their values", () => {
    const secret = output(graph, "aws:cognito/userPoolClient:UserPoolClient", "clientSecret", "Machine");
    const lambda = find(graph, "aws:lambda/function:Function").inputs.environment as {
      variables: Record<string, Value>;
    };
    expect(lambda.variables).toMatchObject({
      CLIENT_SECRET: { secret },
      PASSWORD: { secret: "Password" },
      PLAIN: "plain",
      SST_KEY: { secret: output(graph, "random:index/randomBytes:RandomBytes", "base64") },
    });
  });
});

describe("a site with assets", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "site-"));
    cpSync(path.join(PROJECTS, "static-site"), folder, { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("has the same graph after its files change, and before they are built", async () => {
    const before = write(await synthesised(folder));
    appendFileSync(path.join(folder, "web/dist/index.html"), "<p>edited</p>");
    mkdirSync(path.join(folder, "web/dist/new"));
    writeFileSync(path.join(folder, "web/dist/new/page.html"), "<p>new</p>");
    expect(write(await synthesised(folder))).toBe(before);
    rmSync(path.join(folder, "web/dist"), { recursive: true });
    expect(write(await synthesised(folder))).toBe(before);
    expect(before).not.toContain(os.tmpdir());
  });

  it("keeps the declared build, the routes of its assets and the order of its deployment", async () => {
    const graph = await synthesised(folder);
    expect(find(graph, "command:local:Command").inputs).toEqual({
      ...{ addPreviousOutputInEnv: true, create: "pnpm build", update: "pnpm build", dir: "web", environment: {} },
    });
    const keys = find(graph, "pulumi-nodejs:dynamic:Resource", "KvKeys");
    expect(keys.inputs.entries).toMatchObject({ metadata: { json: { s3: { routes: ["/runtime"] } } } });
    expect(find(graph, "pulumi-nodejs:dynamic:Resource", "Invalidation").dependsOn).toContain(keys.urn);
    expect(graph.outputs.url).toBe(
      `https://\${${output(graph, "aws:cloudfront/distribution:Distribution", "domainName")}}`,
    );
  });
});

describe("a router with a web application firewall", () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await synthesisedFixture("router-waf");
  });

  it("has a firewall for the distribution, in the region that CloudFront requires", () => {
    const acl = find(graph, "aws:wafv2/webAcl:WebAcl");
    expect(find(graph, "aws:cloudfront/distribution:Distribution").inputs.webAclId).toEqual({
      ref: outputName(acl.urn, "arn"),
    });
    expect(find(graph, "pulumi:providers:aws").inputs.region).toBe("us-east-1");
    expect(acl.provider).toBe(find(graph, "pulumi:providers:aws").urn);
    const logs = resolve(graph).resources.find(({ name }) => name === "EdgeWafLogGroup");
    expect(logs?.outputs.arn).toMatch(/^arn:aws:logs:us-east-1:/);
  });

  it("shows that the code at the edge contains a secret, but not its value", () => {
    expect(find(graph, "aws:cloudfront/function:Function").inputs.code).toContain(
      '{ value: "${secret:OriginSecret}" }',
    );
  });
});

describe("a scheduled function", () => {
  it("is invoked by the schedule, with a role that may invoke only this function", async () => {
    const graph = await synthesisedFixture("schedule");
    const lambda = { ref: output(graph, "aws:lambda/function:Function", "arn") };
    const role = find(graph, "aws:iam/role:Role", "CompactRole");
    expect(find(graph, "aws:scheduler/schedule:Schedule").inputs).toMatchObject({
      scheduleExpression: "rate(1 hour)",
      target: { arn: lambda, roleArn: { ref: outputName(role.urn, "arn") } },
    });
    const [policy] = role.inputs.inlinePolicies as { policy: Value }[];
    expect(statementsOf(policy?.policy)).toEqual([
      { Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: [lambda] },
    ]);
  });
});

describe("a log subscription", () => {
  it("depends on the permission, and has references to group, function and dead-letter queue", async () => {
    const graph = await synthesisedFixture("log-subscription");
    const subscription = find(graph, "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter");
    const permission = find(graph, "aws:lambda/permission:Permission");
    const group = output(graph, "aws:cloudwatch/logGroup:LogGroup", "arn", "Source");
    expect(subscription.dependsOn).toEqual([permission.urn]);
    expect(subscription.inputs).toMatchObject({
      logGroup: { ref: output(graph, "aws:cloudwatch/logGroup:LogGroup", "name", "Source") },
      destinationArn: { ref: output(graph, "aws:lambda/function:Function", "arn") },
    });
    expect(permission.inputs).toMatchObject({ principal: "logs.amazonaws.com", sourceArn: `\${${group}}:*` });
    expect(find(graph, "aws:lambda/function:Function").inputs.deadLetterConfig).toEqual({
      targetArn: { ref: output(graph, "aws:sqs/queue:Queue", "arn") },
    });
  });
});

describe("a project that cannot be synthesised", () => {
  const config = (body: string) => `
    export default $config({
      app: () => ({ name: "broken", home: "aws", providers: { aws: { region: "eu-west-1" } } }),
      async run() { ${body} },
    });`;
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "broken-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  // Lines and columns refer to the texts of this test. An error of esbuild begins with its
  // location.
  it.each<[string, string, string[]]>([
    [
      'new aws.kinesis.Stream("Clicks", {});',
      '"Clicks" has the type aws:kinesis/stream:Stream, whose outputs are unknown',
      ["4:21"],
    ],
    ['(await import("./stage")).check("prod");', "no such stage: prod", ["stage.ts:2:9", "4:47"]],
    [
      'aws.ssm.getParameterOutput({ name: "/a" }).value;',
      "aws:ssm/getParameter:getParameter reads from an AWS account",
      [],
    ],
    ['aws.s3.Bucket.get("Old", "old-bucket");', '"Old" (aws:s3/bucket:Bucket) is read from the AWS account', ["4:35"]],
    ['$output("x").apply(() => { throw new Error("late"); });', "late", ["4:54"]],
    [
      'for (const retentionInDays of [1, 3]) new aws.cloudwatch.LogGroup("Log", { retentionInDays });',
      '"Log" (aws:cloudwatch/logGroup:LogGroup) is declared twice: use a different name',
      ["4:59"],
    ],
    ["let x = ;", 'cannot be bundled: sst.config.ts:4:29: Unexpected ";"', []],
  ])("%s reports the fault and its location in a few lines", async (body, message, places) => {
    writeFileSync(path.join(folder, "stage.ts"), STAGE);
    writeFileSync(path.join(folder, "sst.config.ts"), config(body));
    const error = (await synthesised(folder).catch((reason: Error) => reason)) as Error;
    expect(error.message).toContain("sst.config.ts cannot be ");
    expect(error.message).toContain(message);
    const expected = places.map((place) => (place.includes("ts") ? place : `sst.config.ts:${place}`));
    expect(error.message.match(/(?<=^ +at ).*$/gm) ?? []).toEqual(expected);
    expect(error.message).not.toMatch(/<ref|Circular|program\.mjs|node_modules|Node\.js v/);
    expect(error.message.split("\n").length).toBeLessThanOrEqual(12);
  });
});

const STAGE = `export const check = (stage: string) => {
  throw new Error("no such stage: " + stage);
};
`;

describe("a project with inputs that look like markers, links and copied files", () => {
  const tags = [{ ref: "x" }, { secret: "x" }, { json: "x" }, { asset: "x" }, { $ref: "x" }, { ref: "x", secret: "y" }];
  let graph: Graph;
  beforeAll(async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "links-"));
    const groups = tags.map((tag, at) => `new aws.cloudwatch.LogGroup("G${at}", { tags: ${JSON.stringify(tag)} });`);
    writeFileSync(path.join(folder, "a.txt"), "a");
    writeFileSync(
      path.join(folder, "sst.config.ts"),
      `export default $config({
        app: () => ({ name: "links", home: "aws", providers: { aws: { region: "eu-west-1" } } }),
        async run() {
          ${groups.join("\n")}
          const link = [new sst.aws.Bucket("Uploads"), new sst.Secret("ApiKey")];
          new sst.aws.Function("Linked", { handler: "f.linked", link, copyFiles: [{ from: "a.txt" }] });
          new sst.aws.Function("Plain", { handler: "f.plain" });
        },
      });`,
    );
    graph = await synthesised(folder);
    rmSync(folder, { recursive: true });
  });

  it("resolves to the declared inputs", () => {
    const { resources } = resolve(JSON.parse(write(graph)) as Graph);
    const groups = resources.filter(({ name }) => /^G\d$/.test(name));
    expect(groups.map(({ inputs }) => inputs.tags)).toEqual(tags);
  });

  it("has the names of links and a flag for copied files in the function's build", () => {
    const [linked, plain] = graph.functions;
    expect(linked).toMatchObject({ name: "Linked", links: ["ApiKey", "Uploads"], copyFiles: true });
    expect(Object.keys(plain ?? {})).toEqual(["name", "urn", "handler", "runtime", "architecture", "nodejs"]);
    expect(write(graph)).not.toContain("synth-secret");
  });
});
