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

/** A stage that is deployed and in order. */
const sound: Partial<FakeAccount> = {
  functions: [`${withPrefix("SecureBackendFunction")}-dev`],
  apis: [
    {
      ...API,
      stages: [{ stageName: "dev", defaultRouteSettings: { throttlingRateLimit: 100, throttlingBurstLimit: 200 } }],
    },
  ],
  logGroups: [GROUP, FUNCTION_GROUP].map((name) => ({ name, tags: TAGS })),
  resources: [
    {
      arn: `arn:aws:lambda:${APP.region}:123456789012:function:${withPrefix("SecureBackendFunction")}-dev`,
      tags: TAGS,
    },
  ],
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
  const empty = { functions: [], apis: [], logGroups: [], resources: [] };
  expect(await doctor(empty)).toMatchObject({ code: 0, findings: 0, unchecked: 0 });
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
    { resources: [{ arn: "arn:x", tags: { "sst:app": APP.name, "sst:stage": "dev" } }] },
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
