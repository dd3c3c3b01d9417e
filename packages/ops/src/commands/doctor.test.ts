import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { APP, recordedGraph, withPrefix } from "@backend/testing/recorded";
import { describe, expect, it, vi } from "vitest";
import { ACCOUNT, awsServer, type FakeAccount } from "../../test/aws-server";
import { awsProject, GROUP, run } from "../../test/run";

const TAGS = {
  "sst:app": APP.name,
  "sst:stage": "dev",
  app: APP.name,
  stage: "dev",
  owner: "team",
  "cost-center": "c",
  repository: "r",
};
const FUNCTION_GROUP = `/aws/lambda/${withPrefix("SecureBackendFunction")}-dev`;
const API = { id: "a1b2c3d4e5", name: `${withPrefix("SecureBackendAPI")}-dev` };

const FUNCTION_NAME = `${withPrefix("SecureBackendFunction")}-dev`;
const FUNCTION_ARN = `arn:aws:lambda:${APP.region}:${ACCOUNT}:function:${FUNCTION_NAME}`;

/** A stage that is deployed and in order. */
const sound: Partial<FakeAccount> = {
  distributions: [{ id: "E1", comment: "Console site", tags: {} }],
  functions: [`${withPrefix("SecureBackendFunction")}-dev`],
  apis: [
    {
      ...API,
      stages: [{ stageName: "dev", defaultRouteSettings: { throttlingRateLimit: 100, throttlingBurstLimit: 200 } }],
    },
  ],
  logGroups: [GROUP, FUNCTION_GROUP].map((name) => ({ name, tags: TAGS })),
  resources: [{ arn: FUNCTION_ARN, tags: TAGS }],
};

interface Result {
  check: string;
  verdict: string;
  detail: string;
  fix?: string;
}

async function doctor(account: Partial<FakeAccount>, argv: string[] = []) {
  const { url } = await awsServer({ ...sound, ...account });
  const { code, stdout } = await run(["doctor", "--stage", "dev", "--project", awsProject(url), "--json", ...argv]);
  const { results, ...counts } = JSON.parse(stdout) as { results: Result[]; findings: number; unchecked: number };
  return { code, results, ...counts };
}

it("finds nothing in a stage that is in order", async () => {
  const { code, findings, unchecked, results } = await doctor({});
  expect({ code, findings, unchecked }).toEqual({ code: 0, findings: 0, unchecked: 0 });
  expect(results.map(({ check }) => check)).toEqual([
    "credentials",
    "session token",
    "region",
    "API Gateway throttle",
    "Lambda concurrency",
    "log resource policies",
    "CloudFront",
    "API routes",
    "function names",
    "table names",
    "secrets",
    "alarm recipients",
    "stopped functions",
    "log group names",
    "user pools",
    "Cognito domain",
    "stage throttle",
    "tags",
    "orphan log groups",
  ]);
  expect(results[0]?.detail).toBe(`account ${ACCOUNT} as arn:aws:iam::${ACCOUNT}:user/grace`);
});

it("finds nothing before the first deployment", async () => {
  const empty = { functions: [], apis: [], logGroups: [], resources: [], distributions: [] };
  const { results, ...outcome } = await doctor(empty);
  expect(outcome).toEqual({ code: 0, stage: "dev", findings: 0, unchecked: 1 });
  // AWS has no call that says whether an account may use CloudFront.
  expect(results.find(({ verdict }) => verdict === "unchecked")).toMatchObject({ check: "CloudFront" });
  const later = results.filter(({ detail }) => detail.includes("look again after the deployment"));
  expect(later.map(({ check }) => check)).toEqual(["stopped functions", "stage throttle", "tags"]);
});

const policy = (length: number) => ({ policyName: "delivery", policyDocument: "x".repeat(length) });
const zero = (settings: object) => [{ ...API, stages: [{ stageName: "dev", defaultRouteSettings: settings }] }];
const domain = { Domain: "sb", UserPoolId: "eu-west-1_abc", AWSAccountId: ACCOUNT };
const userPool = (Id: string) => ({ Id, Name: `${APP.prefix}Users-dev` });
const pool = { arn: `arn:aws:cognito-idp:${APP.region}:${ACCOUNT}:userpool/eu-west-1_abc`, tags: TAGS };

// Edges in pairs. Quotas: 5,120 characters and 10 policies (CloudWatch Logs), the stage's 100/s and
// 200 (infra/stage.ts).
describe.each<[string, string, Partial<FakeAccount>, Partial<FakeAccount>, string[]]>([
  [
    "an API Gateway limit below the stage's",
    "API Gateway throttle",
    { throttle: { rateLimit: 99, burstLimit: 200 } },
    { throttle: { rateLimit: 100, burstLimit: 200 } },
    [],
  ],
  [
    "a burst limit below the stage's",
    "API Gateway throttle",
    { throttle: { rateLimit: 100, burstLimit: 199 } },
    {},
    [],
  ],
  ["the concurrency of a new account", "Lambda concurrency", { concurrency: 99 }, { concurrency: 100 }, []],
  [
    "a resource policy that is nearly full",
    "log resource policies",
    { policies: [policy(4609)] },
    { policies: [policy(4608)] },
    [],
  ],
  [
    "as many policies as there may be",
    "log resource policies",
    { policies: Array(10).fill(policy(9)) as FakeAccount["policies"] },
    { policies: Array(9).fill(policy(9)) as FakeAccount["policies"] },
    [],
  ],
  [
    "a log group of another stack",
    "log group names",
    { logGroups: [{ name: GROUP, tags: { ...TAGS, "sst:app": "other" } }] },
    { logGroups: [{ name: `${GROUP}-2` }] },
    [],
  ],
  [
    "more routes than an API may have",
    "API routes",
    { quotas: { "L-65B5C802": 7 } },
    { quotas: { "L-65B5C802": 8 } },
    [],
  ],
  [
    "a function of nobody",
    "function names",
    { functions: [FUNCTION_NAME, `${withPrefix("ReadEvents")}-dev`] },
    { functions: [FUNCTION_NAME, `${withPrefix("ReadEvents")}-devx`] },
    [],
  ],
  [
    "a table of nobody",
    "table names",
    { tables: [`${withPrefix("Audit")}-dev`] },
    { tables: [`${withPrefix("Audit")}-prod`] },
    [],
  ],
  [
    "a function that was stopped",
    "stopped functions",
    { reserved: { [FUNCTION_NAME]: 0 } },
    { reserved: { [FUNCTION_NAME]: 1 } },
    [],
  ],
  ["a log group of nobody", "log group names", { logGroups: [{ name: GROUP }] }, {}, []],
  [
    "a second user pool of the stage's name",
    "user pools",
    { userPools: [userPool("eu-west-1_abc"), userPool("eu-west-1_def")] },
    { userPools: [userPool("eu-west-1_abc"), { Id: "eu-west-1_x", Name: `${APP.prefix}Users-dev-2` }] },
    [],
  ],
  [
    "a domain of another user pool",
    "Cognito domain",
    { domain },
    { domain, resources: [pool] },
    ["--cognito-domain", "sb"],
  ],
  [
    "a rate limit of 0",
    "stage throttle",
    { apis: zero({ throttlingRateLimit: 0, throttlingBurstLimit: 200 }) },
    { apis: zero({}) },
    [],
  ],
  [
    "a burst limit of 0",
    "stage throttle",
    { apis: zero({ throttlingRateLimit: 100, throttlingBurstLimit: 0 }) },
    {},
    [],
  ],
  [
    "a tag that is missing",
    "tags",
    { resources: [{ arn: FUNCTION_ARN, tags: { "sst:app": APP.name, "sst:stage": "dev" } }] },
    {},
    [],
  ],
  ["a log group without its function", "orphan log groups", { functions: [] }, {}, []],
  ["an access log without its API", "orphan log groups", { apis: [] }, {}, []],
])("%s", (_title, check, ill, well, argv) => {
  it("is found, with a fix", async () => {
    const { code, results } = await doctor(ill, argv);
    expect(code).toBe(1);
    expect(results.filter(({ verdict }) => verdict === "finding")).toEqual([
      { check, verdict: "finding", detail: expect.any(String), fix: expect.any(String) },
    ]);
  });

  it("is not found where it is not", async () => {
    const { results } = await doctor(well, argv);
    expect(results.filter((result) => result.check === check).map(({ verdict }) => verdict)).toEqual(["ok"]);
  });
});

it.each([
  ["API Gateway throttle", "GET /account"],
  ["Lambda concurrency", "GET /2016-08-19/account-settings"],
  ["log resource policies", "DescribeResourcePolicies"],
  ["log group names", "ListTagsForResource"],
  ["user pools", "ListUserPools"],
  ["stage throttle", "GET /v2/apis"],
  ["tags", "GetResources"],
  ["API routes", "GetServiceQuota"],
  ["table names", "ListTables"],
  ["orphan log groups", "GET /2015-03-31/functions"],
])("%s is said not to be checked where AWS does not let us", async (check, operation) => {
  const { code, results } = await doctor({ denied: [operation] });
  expect(code).toBe(0);
  const [result, ...others] = results.filter((candidate) => candidate.check === check);
  expect(others).toEqual([]);
  expect(result).toMatchObject({ verdict: "unchecked", detail: expect.stringContaining("AccessDenied") });
  expect(result?.fix).toContain("credentials that may do this");
});

it("finds a user pool that outlived its stage: the next deployment would make an empty one", async () => {
  const { code, results } = await doctor({
    functions: [],
    apis: [],
    logGroups: [],
    userPools: [userPool("eu-west-1_abc")],
  });
  expect(code).toBe(1);
  const [found] = results.filter(({ verdict }) => verdict === "finding");
  expect(found).toMatchObject({ check: "user pools", detail: expect.stringContaining("eu-west-1_abc") });
});

// CloudFront's documentation asks for version 2 tokens, of a Regional endpoint of STS:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-function-restrictions.html
describe("a session token", () => {
  const tokenCheck = async (token: string | undefined, env: NodeJS.ProcessEnv = {}) => {
    if (token !== undefined) vi.stubEnv("AWS_SESSION_TOKEN", token);
    const { url } = await awsServer(sound);
    const { code, stdout } = await run(["doctor", "--stage", "dev", "--project", awsProject(url), "--json"], { env });
    const { results } = JSON.parse(stdout) as { results: Result[] };
    return { code, result: results.find(({ check }) => check === "session token") };
  };

  it.each([
    ["of a Regional endpoint", "IQoJb3JpZ2luX2VjEXAMPLE"],
    ["that is absent", undefined],
  ])("%s is fine", async (_which, token) => {
    expect(await tokenCheck(token)).toMatchObject({ code: 0, result: { verdict: "ok" } });
  });

  it("in the global endpoint's form gets a hint, and is no finding: AWS documents no form", async () => {
    const { code, result } = await tokenCheck("FwoGZXIvYXdzEXAMPLE");
    expect(code).toBe(0);
    expect(result).toMatchObject({ verdict: "unchecked", fix: expect.stringContaining("AWS_STS_REGIONAL_ENDPOINTS") });
  });

  // https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html
  it("is a finding where the environment asks for the global endpoint", async () => {
    const { code, result } = await tokenCheck("IQoJb3JpZ2luX2VjEXAMPLE", { AWS_STS_REGIONAL_ENDPOINTS: "legacy" });
    expect(code).toBe(1);
    expect(result).toMatchObject({ verdict: "finding", fix: expect.stringContaining("regional") });
  });
});

describe("prod, before its first deployment", () => {
  const HEX = "0123456789abcdef".repeat(4);
  const recipients = (project: string, ...endpoints: string[]) => {
    const file = path.join(project, "infra/graph/prod.json");
    const graph = JSON.parse(readFileSync(file, "utf8")) as { resources: { type: string; urn: string }[] };
    const topic = graph.resources.find(({ type }) => type === "aws:sns/topic:Topic")?.urn;
    const type = "aws:sns/topicSubscription:TopicSubscription";
    const subscriptions = endpoints.map((endpoint, index) => {
      const urn = `urn:pulumi:prod::${APP.name}::${type}::AlarmRecipient${index}`;
      const inputs = { topic: { ref: `${topic}#arn` }, protocol: "email", endpoint };
      return { urn, type, name: `AlarmRecipient${index}`, inputs };
    });
    writeFileSync(file, JSON.stringify({ ...graph, resources: [...graph.resources, ...subscriptions] }));
  };
  async function check(name: string, account: Partial<FakeAccount>, ...endpoints: string[]) {
    const { url } = await awsServer(account);
    const project = awsProject(url);
    recipients(project, ...endpoints);
    const { stdout } = await run(["doctor", "--stage", "prod", "--project", project, "--json"]);
    const { results } = JSON.parse(stdout) as { results: Result[] };
    return results.filter((result) => result.check === name).map(({ verdict, detail }) => `${verdict}: ${detail}`);
  }

  it.each<[string, Record<string, string> | undefined, string]>([
    ["SST was never used there", undefined, "finding: SST has made no buckets in this account and region"],
    ["nothing is set", {}, "finding: OriginSecret is not set: the deployment would stop"],
    ["it is too short", { OriginSecret: "x".repeat(31) }, "finding: secret OriginSecret: expected 32 to 1783 visible"],
    ["it holds a space", { OriginSecret: `${HEX} ${HEX}` }, "finding: secret OriginSecret: expected 32 to 1783"],
    ["it ends in a line feed", { OriginSecret: `${HEX}\n` }, "ok: OriginSecret set; not set, and needed only without"],
  ])("the edge's secret is looked at: %s", async (_what, secrets, expected) => {
    const [found, ...others] = await check("secrets", { secrets });
    expect(others).toEqual([]);
    expect(found).toContain(expected);
    expect(found).not.toContain(HEX);
  });

  it.each<[string, Partial<FakeAccount>, string[], string[]]>([
    ["declares none", {}, [], ["finding: stage prod declares none: nobody hears of an alarm"]],
    ["is not deployed", {}, ["ada@example.com"], [`ok: ${APP.prefix}-prod-alarms is made by the deployment`]],
    [
      "waits for one to confirm",
      { topics: { [`${APP.prefix}-prod-alarms`]: { "ada@example.com": false, "bob@example.com": true } } },
      ["ada@example.com", "bob@example.com", "cy@example.com"],
      ["finding: ada@example.com has not confirmed", "finding: cy@example.com is not subscribed"],
    ],
    [
      "has confirmed ones",
      { topics: { [`${APP.prefix}-prod-alarms`]: { "ada@example.com": true } } },
      ["ada@example.com"],
      ["ok: 1 confirmed"],
    ],
  ])("recipients of alarms are looked at: the stage %s", async (_what, account, endpoints, expected) => {
    const found = await check("alarm recipients", account, ...endpoints);
    expect(found.map((text, index) => text.slice(0, expected[index]?.length))).toEqual(expected);
  });
});

it("looks at a personal stage as at dev, under its own names", async () => {
  const { url, calls } = await awsServer();
  const { code } = await run(["doctor", "--stage", "ada", "--project", awsProject(url)]);
  expect(code).toBe(0);
  const asked = calls
    .filter(({ operation }) => operation === "DescribeLogGroups")
    .map(({ input }) => input.logGroupNamePrefix);
  const { functions } = recordedGraph("dev");
  const expected = functions.map(({ name }) => `/aws/lambda/${withPrefix(name)}-ada`);
  expect([...new Set(asked)].sort()).toEqual(
    [`/aws/apigateway/${withPrefix("SecureBackendAPI")}/ada`, ...expected].sort(),
  );
});

it("says so where it looks at another region", async () => {
  const { results } = await doctor({}, ["--region", "us-west-2"]);
  expect(results.find(({ check }) => check === "region")).toMatchObject({
    verdict: "finding",
    fix: `leave --region away, or give --region ${APP.region}`,
  });
});

it("shows findings to a person with their fix below", async () => {
  const { url } = await awsServer({ ...sound, concurrency: 10 });
  const { stdout } = await run(["doctor", "--stage", "dev", "--project", awsProject(url)]);
  expect(stdout).toContain("finding   Lambda concurrency     10 concurrent executions");
  expect(stdout).toContain(`\n${" ".repeat(33)}ask for 1,000 in Service Quotas`);
  expect(stdout).toContain("\n1 findings, 0 not checked\n");
});
