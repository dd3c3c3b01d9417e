import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Plain } from "./graph";
import { loadGraph } from "./load";
import { type ResolvedGraph, type ResolvedResource, resolve } from "./resolve";

// What the documentation promises of every stage (docs/security.md, the table of routes and permissions), read off the
// committed graphs, which other tests compare with sst.config.ts.

const folder = fileURLToPath(new URL("../../../infra/graph", import.meta.url));
const stages = ["dev", "test", "prod"].map((stage): [string, ResolvedGraph] => [
  stage,
  resolve(loadGraph(path.join(folder, `${stage}.json`))),
]);

const PUBLIC = ["ANY /SecureBackendFunction", "GET /openapi.json"];

/** Actions on AWS by function; the resource's last part stands for its ARN. */
const MAY: Record<string, string[]> = {
  SecureBackendFunction: [],
  RecordEvents: ["dynamodb:GetItem table/SecureBackendAudit", "dynamodb:PutItem table/SecureBackendAudit"],
  ReadEvents: [
    "dynamodb:GetItem table/SecureBackendAudit",
    "dynamodb:Query table/SecureBackendAudit",
    "dynamodb:Query table/SecureBackendAudit/index/byAction",
    "dynamodb:Query table/SecureBackendAudit/index/byActor",
  ],
};

describe.each(stages)("%s", (stage, graph) => {
  it("asks for a token on every route but the public ones", () => {
    const routes = all(graph, "aws:apigatewayv2/route:Route").map(({ inputs }) => [
      inputs.routeKey,
      inputs.authorizationType,
      inputs.authorizationScopes,
    ]);
    expect(routes.filter(([, type]) => type !== "JWT").map(([key]) => key)).toEqual(expect.arrayContaining(PUBLIC));
    expect(routes.filter(([, type]) => type === "JWT")).toEqual(
      expect.arrayContaining([
        ["POST /events", "JWT", ["audit/write"]],
        ["GET /events", "JWT", ["audit/read"]],
        ["GET /events/{id}", "JWT", ["audit/read"]],
      ]),
    );
    expect(routes.filter(([key, type]) => type !== "JWT" && !PUBLIC.includes(String(key)))).toEqual([]);
  });

  it("gives every function the actions of the table, on exact ARNs, and no others", () => {
    const functions = graph.functions.map(({ name }) => name);
    expect(functions.toSorted()).toEqual(Object.keys(MAY).toSorted());
    for (const name of functions) expect([name, allowed(graph, name, stage)]).toEqual([name, MAY[name]]);
  });

  it("attaches the lab's managed policy and no other", () => {
    for (const role of all(graph, "aws:iam/role:Role")) {
      expect(role.inputs.managedPolicyArns).toEqual([
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
      ]);
    }
  });

  it("lets nobody change or delete what was recorded", () => {
    const text = JSON.stringify(all(graph, "aws:iam/role:Role"));
    expect(text).not.toMatch(/UpdateItem|DeleteItem|BatchWriteItem|PartiQL|dynamodb:\*|"\*:\*"/);
  });

  it("lets nobody sign up, and nobody find out who has signed up", () => {
    const [pool] = all(graph, "aws:cognito/userPool:UserPool");
    expect(pool?.inputs.adminCreateUserConfig).toEqual({ allowAdminCreateUserOnly: true });
    const clients = all(graph, "aws:cognito/userPoolClient:UserPoolClient");
    expect(clients.map(({ inputs }) => inputs.preventUserExistenceErrors)).toEqual(clients.map(() => "ENABLED"));
  });

  it("has a machine client with its own grant alone, and a web client without the implicit flow", () => {
    const clients = Object.fromEntries(
      all(graph, "aws:cognito/userPoolClient:UserPoolClient").map(({ inputs }) => [inputs.name, inputs]),
    );
    expect(clients.SecureBackendMachine).toMatchObject({
      allowedOauthFlows: ["client_credentials"],
      allowedOauthScopes: ["audit/write", "audit/read", "traffic/read"],
      generateSecret: true,
    });
    expect(clients.SecureBackendMachine).not.toHaveProperty("callbackUrls");
    if (stage !== "dev") return expect(clients).not.toHaveProperty("SecureBackendWeb"); // no front end, no web client
    expect(clients.SecureBackendWeb).toMatchObject({
      allowedOauthFlows: ["code"],
      allowedOauthScopes: ["openid", "audit/write", "audit/read", "traffic/read"],
      generateSecret: false,
    });
  });

  it("accepts tokens for its own clients alone", () => {
    const clients = all(graph, "aws:cognito/userPoolClient:UserPoolClient").map(({ outputs }) => outputs.id);
    const [authorizer] = all(graph, "aws:apigatewayv2/authorizer:Authorizer");
    const { audiences = [], issuer } = (authorizer?.inputs.jwtConfiguration ?? {}) as {
      audiences?: string[];
      issuer?: string;
    };
    expect(audiences.toSorted()).toEqual(clients.toSorted());
    expect(issuer).toMatch(/^https:\/\/cognito-idp\.eu-west-1\.amazonaws\.com\/eu-west-1_\w{9}$/);
  });

  // https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
  it("has a sign-in domain that Cognito accepts", () => {
    const [domain] = all(graph, "aws:cognito/userPoolDomain:UserPoolDomain");
    expect(domain?.inputs.domain).toMatch(/^(?!.*(aws|amazon|cognito))[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
  });

  it("names neither table nor pool as another stage does", () => {
    const named = [...all(graph, "aws:dynamodb/table:Table"), ...all(graph, "aws:cognito/userPool:UserPool")];
    expect(named.map(({ inputs }) => String(inputs.name).endsWith(`-${stage}`))).toEqual([true, true]);
  });
});

it("prod keeps users and events, can restore them, and asks people for a second factor", () => {
  const prod = stages.find(([stage]) => stage === "prod")?.[1] as ResolvedGraph;
  const [table] = all(prod, "aws:dynamodb/table:Table");
  const [pool] = all(prod, "aws:cognito/userPool:UserPool");
  expect([table?.retainOnDelete, pool?.retainOnDelete]).toEqual([true, true]);
  expect(table?.inputs).toMatchObject({
    deletionProtectionEnabled: true,
    pointInTimeRecovery: { enabled: true },
    serverSideEncryption: { enabled: true },
  });
  expect(pool?.inputs).toMatchObject({ deletionProtection: "ACTIVE", mfaConfiguration: "ON" });
});

function all({ resources }: ResolvedGraph, type: string): ResolvedResource[] {
  return resources.filter((resource) => resource.type === type);
}

/** Each action that a function's inline policies allow, with the table or index that it is allowed on. */
function allowed(graph: ResolvedGraph, name: string, stage: string): string[] {
  const role = all(graph, "aws:iam/role:Role").find((candidate) => candidate.name === `${name}Role`);
  const policies = (role?.inputs.inlinePolicies ?? []) as { policy: string }[];
  const statements = policies.flatMap(({ policy }) => (JSON.parse(policy) as { Statement: Statement[] }).Statement);
  return statements
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap(({ Action, Resource }) => Action.flatMap((action) => Resource.map((arn) => `${action} ${shortOf(arn)}`)))
    .toSorted();

  function shortOf(arn: string): string {
    const [, rest = ""] = /^arn:aws:dynamodb:eu-west-1:000000000000:(.+)$/.exec(arn) ?? [];
    return rest.replace(`-${stage}`, "");
  }
}

interface Statement {
  Effect: Plain;
  Action: string[];
  Resource: string[];
}
