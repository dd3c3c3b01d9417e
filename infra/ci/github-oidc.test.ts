import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { loadGraph } from "@backend/sst-graph/load";
import { describe, expect, it } from "vitest";

import { APP } from "../app";

interface Statement {
  Sid: string;
  Effect: "Allow" | "Deny";
  Action?: string | string[];
  NotAction?: string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

const template = readFileSync(new URL("github-oidc.json", import.meta.url), "utf8");
const graphOf = (stage: string) => loadGraph(fileURLToPath(new URL(`../graph/${stage}.json`, import.meta.url)));
const REGION = graphOf("dev").region;
const list = (value: string | string[] = []) => [value].flat();

/** What CloudFormation makes of the functions that the template uses, in account 111122223333. */
function evaluated(parameters: Record<string, string>) {
  const values = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    ...parameters,
  };
  const lookUp = (name: string) => {
    const value = (values as Record<string, string>)[name];
    if (value === undefined) throw new Error(`expected a parameter, found ${name}`);
    return value;
  };
  const creates = parameters.CreateProvider === "true";
  return JSON.parse(template, (_key, value) => {
    if (value === null || typeof value !== "object") return value;
    if ("Fn::Sub" in value)
      return value["Fn::Sub"].replace(/\$\{([^}]+)\}/g, (_: string, name: string) => lookUp(name));
    if ("Fn::If" in value) return value["Fn::If"][creates ? 1 : 2];
    if ("Ref" in value) return value.Ref === "Provider" ? "the provider of this stack" : lookUp(value.Ref);
    return value;
  });
}

function roleOf(stage: string, repository = "octo-org/backend", createProvider = "false") {
  const { Resources } = evaluated({
    App: APP.name,
    Prefix: APP.prefix,
    Stage: stage,
    Repository: repository,
    CreateProvider: createProvider,
  });
  const { RoleName, AssumeRolePolicyDocument, Policies } = Resources.DeployRole.Properties;
  const statements = Policies[0].PolicyDocument.Statement as Statement[];
  const resources = (action: string) =>
    statements
      .filter(({ Effect, Action }) => Effect === "Allow" && list(Action).some((pattern) => matches(pattern, action)))
      .flatMap(({ Resource }) => list(Resource));
  return {
    name: RoleName as string,
    trust: AssumeRolePolicyDocument.Statement,
    statements,
    allows: (action: string, arn: string) => resources(action).some((pattern) => matches(pattern, arn)),
  };
}

function matches(pattern: string, text: string): boolean {
  const expression = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${expression}$`).test(text);
}

const STAGES = ["dev", "test", "prod"];

describe.each(STAGES)("the deploy role of %s", (stage) => {
  const role = roleOf(stage);
  const graph = graphOf(stage);
  const named = (type: string) =>
    graph.resources.filter((resource) => resource.type === type).map(({ inputs }) => inputs.name as string);

  // GitHub's "Configuring OpenID Connect in Amazon Web Services": audience and subject, compared as
  // a whole.
  it("trusts this repository's jobs in the environment of the same name, and nobody else", () => {
    expect(role.trust).toEqual([
      {
        Effect: "Allow",
        Action: "sts:AssumeRoleWithWebIdentity",
        Principal: { Federated: "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" },
        Condition: {
          StringEquals: {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": `repo:octo-org/backend:environment:${stage}`,
          },
        },
      },
    ]);
  });

  it.each([
    ["aws:iam/role:Role", "iam:PutRolePolicy", "arn:aws:iam::111122223333:role/"],
    ["aws:iam/role:Role", "iam:PassRole", "arn:aws:iam::111122223333:role/"],
    ["aws:lambda/function:Function", "lambda:CreateFunction", `arn:aws:lambda:${REGION}:111122223333:function:`],
    ["aws:dynamodb/table:Table", "dynamodb:CreateTable", `arn:aws:dynamodb:${REGION}:111122223333:table/`],
    ["aws:sqs/queue:Queue", "sqs:CreateQueue", `arn:aws:sqs:${REGION}:111122223333:`],
    ["aws:sns/topic:Topic", "sns:CreateTopic", `arn:aws:sns:${REGION}:111122223333:`],
    [
      "aws:scheduler/schedule:Schedule",
      "scheduler:CreateSchedule",
      `arn:aws:scheduler:${REGION}:111122223333:schedule/default/`,
    ],
    [
      "aws:cloudwatch/metricAlarm:MetricAlarm",
      "cloudwatch:PutMetricAlarm",
      `arn:aws:cloudwatch:${REGION}:111122223333:alarm:`,
    ],
    ["aws:cloudwatch/logGroup:LogGroup", "logs:CreateLogGroup", `arn:aws:logs:${REGION}:111122223333:log-group:`],
  ])("may make every %s of the graph (%s), and none of another stage", (type, action, prefix) => {
    const names = named(type);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !role.allows(action, prefix + name))).toEqual([]);
    const others = STAGES.filter((other) => other !== stage).map((other) => roleOf(other));
    expect(names.filter((name) => others.some((other) => other.allows(action, prefix + name)))).toEqual([]);
  });

  it("may make the console's bucket, and none of another stage", () => {
    const [name = ""] = graph.resources
      .filter(({ type }) => type === "aws:s3/bucket:Bucket")
      .map(({ inputs }) => `${inputs.bucket}`);
    for (const action of BUCKET_ACTIONS) {
      expect(role.allows(action, `arn:aws:s3:::${name}`), action).toBe(true);
      const others = STAGES.filter((other) => other !== stage).map((other) => roleOf(other));
      expect(others.some((other) => other.allows(action, `arn:aws:s3:::${name}`))).toBe(false);
    }
  });

  it("may empty the console's bucket, whose objects may have versions", () => {
    for (const action of ["s3:DeleteObject", "s3:DeleteObjectVersion"])
      expect(role.allows(action, `arn:aws:s3:::${APP.name}-${stage}-consoleassetsbucket-x/index.html`)).toBe(true);
  });

  it("may make every type of resource of the graph: each has a service that is allowed here", () => {
    const unknown = graph.resources
      .map(({ type }) => type)
      .filter((type) => !SERVICES.some((known) => known.test(type)));
    expect(unknown).toEqual([]);
  });

  it("can neither change itself nor another stage's role", () => {
    expect(role.allows("iam:PutRolePolicy", `arn:aws:iam::111122223333:role/${role.name}`)).toBe(false);
    const others = STAGES.filter((other) => other !== stage);
    expect(
      others.filter((other) =>
        role.allows("iam:PutRolePolicy", `arn:aws:iam::111122223333:role/${APP.name}-${other}-X`),
      ),
    ).toEqual([]);
  });

  it("may use IAM only for roles with the stage's names, one managed policy, and passing to two services", () => {
    const onIam = role.statements.filter(({ Action }) => list(Action).some((action) => action.startsWith("iam:")));
    const ofStage = `arn:aws:iam::111122223333:role/${APP.name}-${stage}-*`;
    expect(onIam.map(({ Resource }) => Resource)).toEqual([
      ofStage,
      ofStage,
      ofStage,
      "arn:aws:iam::111122223333:role/aws-service-role/*",
    ]);
    expect(onIam.slice(1).map(({ Condition }) => Condition)).toEqual([
      { ArnEquals: { "iam:PolicyARN": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole" } },
      { StringEquals: { "iam:PassedToService": ["lambda.amazonaws.com", "scheduler.amazonaws.com"] } },
      { StringEquals: { "iam:AWSServiceName": ["ops.apigateway.amazonaws.com", "wafv2.amazonaws.com"] } },
    ]);
    expect(role.statements.filter(({ Effect, Action }) => Effect === "Allow" && list(Action).includes("*"))).toEqual(
      [],
    );
  });

  // The data plane of a KeyValueStore is served in many regions and signed for all of them:
  // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-function-restrictions.html
  it("may use only key-value stores outside of its region and us-east-1, and nothing of another stage", () => {
    const denied = role.statements.filter(({ Effect }) => Effect === "Deny");
    expect(denied.map(({ Action, NotAction, Resource }) => ({ Action, NotAction, Resource }))).toEqual([
      { Action: "*", Resource: "*" },
      { NotAction: ["cloudfront-keyvaluestore:*"], Resource: "*" },
    ]);
    expect(denied.map(({ Condition }) => Condition)).toEqual([
      { Null: { "aws:ResourceTag/sst:stage": "false" }, StringNotEquals: { "aws:ResourceTag/sst:stage": stage } },
      { StringNotEquals: { "aws:RequestedRegion": [graph.region, "us-east-1"] } },
    ]);
  });
});

/**
 * The AWS provider tags a bucket as it creates it, and deletes the versions of a bucket that it
 * empties: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
const BUCKET_ACTIONS = [
  "s3:CreateBucket",
  "s3:PutBucketPolicy",
  "s3:TagResource",
  "s3:UntagResource",
  "s3:ListTagsForResource",
  "s3:ListBucketVersions",
];

/**
 * Of Pulumi's types: services that the role is allowed, and what is made by no call to AWS or in
 * the engine's own state.
 */
const SERVICES = [
  /^aws:(apigatewayv2|cognito|cloudfront|wafv2|lambda|dynamodb|sqs|sns|scheduler|cloudwatch)\//,
  /^aws:iam\/role:Role$/,
  /^aws:s3\/(bucket:Bucket|bucketPolicy:BucketPolicy|bucketPublicAccessBlock:BucketPublicAccessBlock)$/,
  /^aws:s3\/bucketObjectv2:BucketObjectv2$/,
  /^command:local:Command$/, // runs on the machine that deploys
  /^(sst:|random:|pulumi:providers:|pulumi-nodejs:dynamic:)/,
];

describe("the template", () => {
  it("takes subjects with and without immutable ids, and no pattern", () => {
    const pattern = new RegExp(`^(?:${JSON.parse(template).Parameters.Repository.AllowedPattern})$`);
    expect(["octo-org/backend", "octo-org@123456/backend@456789"].map((name) => pattern.test(name))).toEqual([
      true,
      true,
    ]);
    expect(["octo-org/*", "*", "octo-org", "octo-org/a:ref:refs/heads/main"].map((name) => pattern.test(name))).toEqual(
      [...[false, false, false, false]],
    );
  });

  it("creates the account's provider if asked, trusts it, and keeps it when the stack is deleted", () => {
    expect(roleOf("dev", "octo-org/backend", "true").trust[0].Principal.Federated).toBe("the provider of this stack");
    expect(JSON.parse(template).Resources.Provider).toMatchObject({
      Condition: "CreatesProvider",
      DeletionPolicy: "Retain",
      Properties: { Url: "https://token.actions.githubusercontent.com", ClientIdList: ["sts.amazonaws.com"] },
    });
  });

  // IAM quotas: inline policies of a role, 10,240 characters without white space.
  it("stays within a role's inline policy", () => {
    for (const stage of STAGES) expect(JSON.stringify(roleOf(stage).statements).length).toBeLessThan(10_000);
  });
});
