import { type ResolvedResource, resolve } from "@backend/sst-graph/resolve";
import { APP, recordedGraph, withPrefix } from "@backend/testing/recorded";
import { runSimulation } from "@cloud-copilot/iam-simulate";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callsOf } from "./actions";
import { managedPolicy } from "./managed";
import { compilePolicy, evaluate, type Policies, type PolicyRequest } from "./policy";
import { rolePolicies } from "./role";

const TABLE = "arn:aws:dynamodb:eu-west-1:000000000000:table/Audit";

const decide = (statements: object[], request: Partial<PolicyRequest> = {}) => {
  const policies = compilePolicy("test", { Version: "2012-10-17", Statement: statements });
  const outcome = evaluate(policies, { action: "dynamodb:PutItem", resource: TABLE, context: {}, ...request });
  return outcome.decision === "allowed" ? "allowed" : outcome.reason;
};
const allow = { Effect: "Allow", Action: "dynamodb:PutItem", Resource: TABLE };

// Derived by hand from the reference of policy elements, and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
describe("an evaluation", () => {
  it.each<[string, object[], string]>([
    ["no statement", [], "implicit"],
    ["an allow", [allow], "allowed"],
    ["an allow of another action", [{ ...allow, Action: ["dynamodb:GetItem", "dynamodb:Query"] }], "implicit"],
    ["an allow on another resource", [{ ...allow, Resource: `${TABLE}s` }], "implicit"],
    ["an allow, and a deny of it", [allow, { ...allow, Effect: "Deny" }], "explicit"],
    ["a deny before an allow", [{ ...allow, Effect: "Deny" }, allow], "explicit"],
    ["an action in another case", [{ ...allow, Action: "DynamoDB:putitem" }], "allowed"],
    ["a resource in another case", [{ ...allow, Resource: TABLE.toUpperCase() }], "implicit"],
    ["any action", [{ ...allow, Action: "*" }], "allowed"],
    ["an action's beginning", [{ ...allow, Action: "dynamodb:Put*" }], "allowed"],
    ["any one letter", [{ ...allow, Action: "dynamodb:?utItem" }], "allowed"],
    ["any one letter more", [{ ...allow, Action: "dynamodb:PutItem?" }], "implicit"],
    ["a star across colons and slashes", [{ ...allow, Resource: "arn:*Audit" }], "allowed"],
    ["a dot that is no pattern", [{ ...allow, Resource: TABLE.replace("Audit", "A.dit") }], "implicit"],
    ["all but another action", [{ Effect: "Allow", NotAction: "dynamodb:GetItem", Resource: TABLE }], "allowed"],
    ["all but this action", [{ Effect: "Allow", NotAction: "dynamodb:Put*", Resource: TABLE }], "implicit"],
    ["a deny of all but this resource", [allow, { Effect: "Deny", Action: "*", NotResource: TABLE }], "allowed"],
    ["a deny of all but another", [allow, { Effect: "Deny", Action: "*", NotResource: `${TABLE}s` }], "explicit"],
  ])("of %s: %j is %s", (_title, statements, expected) => {
    expect(decide(statements)).toBe(expected);
  });

  it.each<[object, Record<string, string>, boolean]>([
    [{ StringEquals: { "aws:RequestedRegion": "eu-west-1" } }, { "aws:requestedregion": "eu-west-1" }, true],
    [
      { StringEquals: { "aws:RequestedRegion": ["us-east-1", "eu-west-1"] } },
      { "aws:requestedregion": "eu-west-1" },
      true,
    ],
    [{ StringEquals: { "aws:RequestedRegion": "EU-WEST-1" } }, { "aws:requestedregion": "eu-west-1" }, false],
    [{ StringEqualsIgnoreCase: { "aws:RequestedRegion": "EU-WEST-1" } }, { "aws:requestedregion": "eu-west-1" }, true],
    [{ StringEquals: { "aws:RequestedRegion": "eu-west-1" } }, {}, false],
    [{ StringEqualsIfExists: { "aws:RequestedRegion": "eu-west-1" } }, {}, true],
    [
      { StringNotEquals: { "aws:RequestedRegion": ["us-east-1", "eu-west-1"] } },
      { "aws:requestedregion": "eu-west-1" },
      false,
    ],
    [{ StringNotEquals: { "aws:RequestedRegion": "us-east-1" } }, {}, true],
    [{ StringLike: { "aws:RequestedRegion": "eu-*" } }, { "aws:requestedregion": "eu-west-1" }, true],
    [{ StringNotLike: { "aws:RequestedRegion": "eu-*" } }, { "aws:requestedregion": "eu-west-1" }, false],
    [{ Bool: { "aws:SecureTransport": "true" } }, { "aws:securetransport": "true" }, true],
    [{ Bool: { "aws:SecureTransport": "true" } }, { "aws:securetransport": "false" }, false],
    [{ Null: { "aws:SecureTransport": "true" } }, {}, true],
    [{ Null: { "aws:SecureTransport": "false" } }, {}, false],
    [
      { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/Record*" } },
      { "aws:principalarn": "arn:aws:iam::0:role/RecordEvents" },
      true,
    ],
    [
      { ArnLike: { "aws:PrincipalArn": "arn:aws:*:role/RecordEvents" } },
      { "aws:principalarn": "arn:aws:iam::0:role/RecordEvents" },
      false,
    ],
    [
      { StringLike: { "aws:RequestedRegion": "eu-*" }, Bool: { "aws:SecureTransport": "true" } },
      { "aws:requestedregion": "eu-west-1", "aws:securetransport": "false" },
      false,
    ],
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    [
      { "ForAllValues:StringLike": { "aws:RequestedRegion": ["us-*", "eu-*"] } },
      { "aws:requestedregion": "eu-west-1" },
      true,
    ],
    [
      { "ForAllValues:StringEquals": { "aws:RequestedRegion": "us-east-1" } },
      { "aws:requestedregion": "eu-west-1" },
      false,
    ],
    [{ "ForAllValues:StringEquals": { "aws:RequestedRegion": "us-east-1" } }, {}, true],
    [
      { "ForAnyValue:StringEquals": { "aws:RequestedRegion": "eu-west-1" } },
      { "aws:requestedregion": "eu-west-1" },
      true,
    ],
    [
      { "ForAnyValue:StringNotEquals": { "aws:RequestedRegion": "eu-west-1" } },
      { "aws:requestedregion": "eu-west-1" },
      false,
    ],
    [{ "ForAnyValue:StringNotEquals": { "aws:RequestedRegion": "eu-west-1" } }, {}, false],
    [{ Bool: { "aws:SecureTransport": false } }, { "aws:securetransport": "true" }, false],
    [{ Bool: { "aws:SecureTransport": [true] } }, { "aws:securetransport": "true" }, true],
    [{ Null: { "aws:SecureTransport": false } }, { "aws:securetransport": "true" }, true],
  ])("under the condition %j with %j matches: %s", (Condition, context, holds) => {
    expect(decide([{ ...allow, Condition }], { context })).toBe(holds ? "allowed" : "implicit");
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
describe("a policy", () => {
  const variable = { ...allow, Resource: `${TABLE}-\${aws:username}` };
  const request = { action: "dynamodb:PutItem", resource: variable.Resource, context: {} };

  it.each([{}, { Version: "2008-10-17" }])("of the older version (%j) has no variables, only plain text", (version) => {
    const policies = compilePolicy("test", { ...version, Statement: [variable] });
    expect(evaluate(policies, request).decision).toBe("allowed");
    expect(evaluate(policies, { ...request, resource: `${TABLE}-me` }).decision).toBe("denied");
  });

  it("may have one statement, and an Id", () => {
    const policies = compilePolicy("test", { Version: "2012-10-17", Id: "id", Statement: { Sid: "sid", ...allow } });
    expect(evaluate(policies, { ...request, resource: TABLE }).decision).toBe("allowed");
  });
});

describe("an unsupported policy", () => {
  it.each<[string, unknown, string]>([
    [
      "a version",
      { Version: "2013-10-17", Statement: [allow] },
      'test: Version "2013-10-17", expected one of 2008-10-17, 2012-10-17',
    ],
    [
      "an element",
      { Version: "2012-10-17", Statement: [{ ...allow, Principal: "*" }] },
      "test, statement 1: Principal",
    ],
    ["an effect", { Version: "2012-10-17", Statement: [{ ...allow, Effect: "allow" }] }, 'Effect "allow"'],
    [
      "both Action and NotAction",
      { Version: "2012-10-17", Statement: [{ ...allow, NotAction: "*" }] },
      "one of Action and NotAction",
    ],
    [
      "no Resource",
      { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*" }] },
      "one of Resource and NotResource",
    ],
    [
      "a policy variable",
      { Version: "2012-10-17", Statement: [{ ...allow, Resource: "${aws:username}" }] },
      "policy variables",
    ],
    [
      "a quantifier",
      {
        Version: "2012-10-17",
        Statement: [{ ...allow, Condition: { "ForSomeValues:StringLike": { "aws:PrincipalArn": "x" } } }],
      },
      "test, statement 1, ForSomeValues:StringLike: this operator",
    ],
    [
      "keys of items",
      {
        Version: "2012-10-17",
        Statement: [{ ...allow, Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["x"] } } }],
      },
      "test, statement 1, ForAllValues:StringEquals: the condition key dynamodb:LeadingKeys",
    ],
    [
      "an operator",
      { Version: "2012-10-17", Statement: [{ ...allow, Condition: { IpAddress: { "aws:PrincipalArn": "x" } } }] },
      "test, statement 1, IpAddress: this operator",
    ],
    [
      "a condition key",
      { Version: "2012-10-17", Statement: [{ ...allow, Condition: { StringEquals: { "aws:SourceVpc": "x" } } }] },
      "the condition key aws:SourceVpc",
    ],
  ])("with %s is an error, not a decision", (_title, document, message) => {
    expect(() => compilePolicy("test", document)).toThrow(message);
  });

  it("that AWS manages and offline does not know is an error", () => {
    expect(() => managedPolicy("arn:aws:iam::aws:policy/AdministratorAccess")).toThrow("AdministratorAccess");
  });
});

// @cloud-copilot/iam-simulate is an independent implementation, with AWS's actions and their
// resources.
describe("another implementation", () => {
  const runs = Number(process.env.IAM_RUNS ?? 400);
  const actions = ["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:Query", "logs:PutLogEvents"];
  const resources: Record<string, string[]> = {
    dynamodb: [TABLE, `${TABLE}2`],
    logs: ["/aws/lambda/A", "/aws/api"].map(
      (name) => `arn:aws:logs:eu-west-1:000000000000:log-group:${name}:log-stream:s`,
    ),
  };
  const some = <T>(values: T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });
  const actionPattern = some([...actions, "*", "dynamodb:*", "dynamodb:Get*", "DYNAMODB:putitem", "logs:Put?ogEvents"]);
  const resourcePattern = some([
    "*",
    ...Object.values(resources).flat(),
    `${TABLE}*`,
    "arn:aws:dynamodb:*:*:table/?udit",
    "arn:aws:logs:*:*:log-group:/aws/lambda/*",
    "arn:aws:logs:*:*:log-group:/aws/lambda/A:*",
  ]);
  const condition = fc.constantFrom(
    undefined,
    { StringEquals: { "aws:RequestedRegion": "eu-west-1" } },
    { StringNotLike: { "aws:RequestedRegion": ["us-*", "ap-*"] } },
    { Bool: { "aws:SecureTransport": "false" } },
    { Null: { "aws:SecureTransport": "true" } },
    { StringEqualsIfExists: { "aws:RequestedRegion": "us-east-1" } },
  );
  const statement = fc
    .record({
      Effect: fc.constantFrom("Allow", "Allow", "Deny"),
      actions: fc.tuple(fc.boolean(), actionPattern),
      resources: fc.tuple(fc.boolean(), resourcePattern),
      Condition: condition,
    })
    .map(({ Effect, actions: [notAction, action], resources: [notResource, resource], Condition }) => ({
      Effect,
      [notAction ? "NotAction" : "Action"]: action,
      [notResource ? "NotResource" : "Resource"]: resource,
      ...(Condition && { Condition }),
    }));
  const request = fc
    .record({ action: fc.constantFrom(...actions), at: fc.nat(1), hasRegion: fc.boolean() })
    .map(({ action, at, hasRegion }) => ({
      action,
      resource: resources[action.split(":")[0] ?? ""]?.[at] ?? "",
      hasRegion,
    }));

  it(`decides ${runs} random policies and requests the same way`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(statement, { maxLength: 4 }),
        request,
        async (Statement, { action, resource, hasRegion }) => {
          const document = { Version: "2012-10-17", Statement };
          const region = hasRegion ? { "aws:RequestedRegion": "eu-west-1" } : {};
          const theirs = await runSimulation(
            {
              identityPolicies: [{ name: "policy", policy: document }],
              serviceControlPolicies: [],
              resourceControlPolicies: [],
              request: {
                principal: "arn:aws:iam::000000000000:role/role",
                action,
                resource: { resource, accountId: "000000000000" },
                contextVariables: { "aws:SecureTransport": "false", ...region },
              },
            } as Parameters<typeof runSimulation>[0],
            {},
          );
          const context = { "aws:securetransport": "false", ...(hasRegion && { "aws:requestedregion": "eu-west-1" }) };
          const ours = evaluate(compilePolicy("random", document), { action, resource, context });
          const verdict = { allowed: "Allowed", explicit: "ExplicitlyDenied", implicit: "ImplicitlyDenied" };
          expect((theirs as { overallResult?: string }).overallResult ?? JSON.stringify(theirs)).toBe(
            verdict[ours.decision === "allowed" ? "allowed" : ours.reason],
          );
        },
      ),
      { numRuns: runs },
    );
  });
});

describe("a role", () => {
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: allow });
  const resource = (type: string, name: string, inputs: ResolvedResource["inputs"]): ResolvedResource =>
    ({ urn: `urn:${name}`, type, name, inputs, outputs: {} }) as unknown as ResolvedResource;
  const role = (inputs: object) => resource("aws:iam/role:Role", "Worker", { name: "Worker-dev", ...inputs });
  const may = (policies: Policies) =>
    evaluate(policies, { action: "dynamodb:PutItem", resource: TABLE, context: {} }).decision === "allowed";

  it("has the permissions of a policy that is a separate resource", () => {
    const other = resource("aws:iam/rolePolicy:RolePolicy", "Other", { role: "Other-dev", policy });
    const writes = resource("aws:iam/rolePolicy:RolePolicy", "Writes", { role: "Worker-dev", policy });
    expect(may(rolePolicies(role({}), [other]))).toBe(false);
    expect(may(rolePolicies(role({}), [other, writes]))).toBe(true);
  });

  it("with a policy that is not JSON: the error names role and policy", () => {
    const inlinePolicies = [{ name: "broken", policy: "{" }];
    expect(() => rolePolicies(role({ inlinePolicies }))).toThrow('the policy "broken" of role "Worker": expected JSON');
  });
});

describe("the roles of the graph", () => {
  const graph = resolve(recordedGraph("dev"));
  const place = { region: APP.region, accountId: "000000000000" };
  const may = (role: string, service: string, operation: string, input: Record<string, unknown>) => {
    const found = graph.resources.find(({ name }) => name === role);
    if (found === undefined) throw new Error(`no ${role} in dev`);
    const policies = rolePolicies(found);
    return callsOf(service, operation, input, place).every(
      (needed) => evaluate(policies, { ...needed, context: {} }).decision === "allowed",
    );
  };
  const audit = { TableName: `${APP.prefix}Audit-dev` };

  it.each<[string, string, string, Record<string, unknown>, boolean]>([
    ["RecordEventsRole", "dynamodb", "PutItem", audit, true],
    ["RecordEventsRole", "dynamodb", "Query", audit, false],
    ["RecordEventsRole", "dynamodb", "DeleteItem", audit, false],
    ["RecordEventsRole", "dynamodb", "PutItem", { TableName: "Other" }, false],
    ["ReadEventsRole", "dynamodb", "Query", audit, true],
    ["ReadEventsRole", "dynamodb", "Query", { ...audit, IndexName: "byActor" }, true],
    ["ReadEventsRole", "dynamodb", "Query", { ...audit, IndexName: "byTarget" }, false],
    ["ReadEventsRole", "dynamodb", "PutItem", audit, false],
    ["SecureBackendFunctionRole", "dynamodb", "GetItem", audit, false],
    [
      "ReadEventsRole",
      "logs",
      "PutLogEvents",
      { logGroupName: `/aws/lambda/${APP.prefix}ReadEvents-dev`, logStreamName: "s" },
      true,
    ],
    [
      "ReadEventsRole",
      "logs",
      "PutLogEvents",
      { logGroupName: `/aws/lambda/${APP.prefix}RecordEvents-dev`, logStreamName: "s" },
      false,
    ],
    [
      "ReadEventsRole",
      "logs",
      "PutLogEvents",
      { logGroupName: `/aws/apigateway/${withPrefix("SecureBackendAPI")}/dev`, logStreamName: "s" },
      false,
    ],
    ["ReadEventsRole", "logs", "CreateLogGroup", { logGroupName: `/aws/lambda/${APP.prefix}ReadEvents-dev` }, false],
    ["ReadEventsRole", "logs", "FilterLogEvents", { logGroupName: `/aws/lambda/${APP.prefix}ReadEvents-dev` }, false],
  ])("%s: %s:%s on %j is allowed: %s", (role, service, operation, input, expected) => {
    expect(may(role, service, operation, input)).toBe(expected);
  });

  it("are checked with the ARNs of the table and its index", () => {
    expect(callsOf("dynamodb", "Query", { ...audit, IndexName: "byActor" }, place)).toEqual([
      {
        action: "dynamodb:Query",
        resource: `arn:aws:dynamodb:${APP.region}:000000000000:table/${APP.prefix}Audit-dev/index/byActor`,
      },
    ]);
    expect(callsOf("dynamodb", "BatchWriteItem", { RequestItems: { A: [], B: [] } }, place)).toHaveLength(2);
  });

  const group = "arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/A";
  const table = "arn:aws:dynamodb:eu-west-1:000000000000:table/A";
  const queue = "arn:aws:sqs:eu-west-1:000000000000:jobs";
  it.each<[string, string, Record<string, unknown>, [string, string][]]>([
    // https://github.com/hashicorp/terraform-provider-aws/issues/8804
    [
      "logs",
      "DescribeLogGroups",
      {},
      [["logs:DescribeLogGroups", "arn:aws:logs:eu-west-1:000000000000:log-group::log-stream:"]],
    ],
    ["logs", "FilterLogEvents", { logGroupName: "/aws/lambda/A" }, [["logs:FilterLogEvents", `${group}:log-stream:`]]],
    ["logs", "FilterLogEvents", { logGroupIdentifier: group }, [["logs:FilterLogEvents", `${group}:log-stream:`]]],
    [
      "logs",
      "FilterLogEvents",
      { logGroupIdentifier: `${group}:*` },
      [["logs:FilterLogEvents", `${group}:log-stream:`]],
    ],
    [
      "logs",
      "GetLogEvents",
      { logGroupIdentifier: group, logStreamName: "s" },
      [["logs:GetLogEvents", `${group}:log-stream:s`]],
    ],
    ["dynamodb", "GetItem", { TableName: "A" }, [["dynamodb:GetItem", table]]],
    ["dynamodb", "GetItem", { TableName: table }, [["dynamodb:GetItem", table]]],
    ["dynamodb", "Query", { TableName: table, IndexName: "i" }, [["dynamodb:Query", `${table}/index/i`]]],
    [
      "dynamodb",
      "BatchGetItem",
      { RequestItems: { [table]: {}, B: {} } },
      [
        ["dynamodb:BatchGetItem", table],
        ["dynamodb:BatchGetItem", table.replace("/A", "/B")],
      ],
    ],
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
    [
      "dynamodb",
      "TransactWriteItems",
      {
        TransactItems: ["Put", "Update", "Delete", "ConditionCheck"].map((kind) => ({ [kind]: { TableName: "A" } })),
      },
      [
        ["dynamodb:PutItem", table],
        ["dynamodb:UpdateItem", table],
        ["dynamodb:DeleteItem", table],
        ["dynamodb:ConditionCheckItem", table],
      ],
    ],
    ["dynamodb", "TransactGetItems", { TransactItems: [{ Get: { TableName: table } }] }, [["dynamodb:GetItem", table]]],
    ["dynamodb", "ListTagsOfResource", { ResourceArn: table }, [["dynamodb:ListTagsOfResource", table]]],
    ["dynamodb", "ExecuteStatement", { Statement: "SELECT" }, []],
    [
      "sqs",
      "SendMessage",
      { QueueUrl: "https://sqs.eu-west-1.amazonaws.com/000000000000/jobs" },
      [["sqs:SendMessage", queue]],
    ],
    ["sqs", "SendMessageBatch", { QueueUrl: "http://127.0.0.1:3001/000000000000/jobs" }, [["sqs:SendMessage", queue]]],
    ["sqs", "GetQueueUrl", { QueueName: "jobs" }, [["sqs:GetQueueUrl", queue]]],
  ])("are checked for %s %s of %j with %j", (service, operation, input, expected) => {
    expect(callsOf(service, operation, input, place).map(({ action, resource }) => [action, resource])).toEqual(
      expected,
    );
  });

  it("allow DescribeLogGroups to a role with `log-group:*`", () => {
    const arn = "arn:aws:logs:eu-west-1:000000000000:log-group:*";
    const policies = compilePolicy("test", {
      Statement: { Effect: "Allow", Action: "logs:DescribeLogGroups", Resource: arn },
    });
    const [needed] = callsOf("logs", "DescribeLogGroups", {}, place);
    expect(needed && evaluate(policies, { ...needed, context: {} }).decision).toBe("allowed");
  });

  it.each<[string, string, Record<string, unknown>, string]>([
    ["dynamodb", "EraseItems", audit, "cannot evaluate permissions for dynamodb:EraseItems"],
    ["dynamodb", "TransactWriteItems", audit, "TransactItems is not a list"],
    ["dynamodb", "TransactWriteItems", { TransactItems: [{ Get: audit }, { Erase: audit }] }, "Erase is not an action"],
    ["s3", "GetObject", {}, "s3:GetObject"],
    ["dynamodb", "constructor", audit, "dynamodb:constructor"],
    ["dynamodb", "PutItem", {}, "expected TableName"],
    ["dynamodb", "BatchGetItem", {}, "RequestItems contains no table"],
  ])("cannot be checked for %s %s of %j", (service, operation, input, message) => {
    expect(() => callsOf(service, operation, input, place)).toThrow(message);
  });
});
