import type { Graph, Resource, Value } from "@backend/sst-graph/graph";
import { APP, recordedGraph } from "@backend/testing/recorded";
import { PROMISES } from "@backend/testing/recorded-promises";
import { describe, expect, it } from "vitest";
import { findingsIn } from "./judge";
import type { Promises } from "./promises";

const own = PROMISES;
const prod = recordedGraph("prod");
const named = (graph: Graph, name: string) => graph.resources.find((one) => one.name === name) as Resource;

/** Returns the messages and fixes of a rule's findings. */
function explainBy(rule: string, graph: Graph, promises: Promises = own) {
  return findingsIn(graph, promises)
    .filter((finding) => finding.rule.id === rule)
    .map(({ message, fix, rule: { fix: usual } }) => [message, fix ?? usual]);
}

/** Returns prod with a new noun: a route, and the scope that it requires. */
function withNewNoun(): Graph {
  const graph = structuredClone(prod);
  const route = structuredClone(named(graph, "SecureBackendAPIRouteGetEventsRoute"));
  const server = structuredClone(named(graph, "AuditScopes"));
  const scopes: Value = [{ scopeName: "read", scopeDescription: "Read" }];
  Object.assign(route, { urn: `${route.urn}NewNoun`, name: "NewNoun" });
  Object.assign(route.inputs, { routeKey: "GET /new-noun", authorizationScopes: ["new-noun/read"] });
  Object.assign(server, { urn: `${server.urn}NewNoun`, name: "NewNounScopes" });
  Object.assign(server.inputs, { identifier: "new-noun", name: "new-noun", scopes });
  graph.resources.push(route, server);
  return graph;
}

describe("the rules", () => {
  it("accept the scope of a new route", () => {
    expect(explainBy("scopes-exist", withNewNoun())).toEqual([]);
  });

  it("report a scope that no route requires, with the fix and the project's hint", () => {
    const graph = structuredClone(prod);
    named(graph, "AuditScopes").inputs.scopes = [{ scopeName: "delete", scopeDescription: "Delete" }];
    const [message, fix] = ['no route requires "audit/delete"', "Remove the scope, or add the route that requires it."];
    expect(explainBy("scopes-exist", graph, {})).toContainEqual([message, fix]);
    const hints = { "scopes-exist": "Scopes are in permissions.ts." };
    expect(explainBy("scopes-exist", graph, { hints })).toContainEqual([
      message,
      `${fix} Scopes are in permissions.ts.`,
    ]);
  });

  it("report a route without an operation, and an operation without a route", () => {
    const messages = (graph: Graph) => explainBy("route-asks-for-permission", graph).map(([message]) => message);
    expect(messages(withNewNoun())).toEqual(['no operation has the route "GET /new-noun"']);
    const key = "SecureBackendAPIRouteGetEventsRoute";
    const graph = { ...prod, resources: prod.resources.filter(({ name }) => name !== key) };
    expect(messages(graph)).toEqual(['the operation "GET /events" has no route']);
  });

  it("report the expected scope if a route requires the scope of another operation", () => {
    const graph = structuredClone(prod);
    named(graph, "SecureBackendAPIRouteGetEventsRoute").inputs.authorizationScopes = ["audit/write"];
    const [[message] = []] = explainBy("route-asks-for-permission", graph);
    expect(message).toBe('expected the scopes ["audit/read"]');
  });

  it("compare an ANY route with the operations of all methods", () => {
    const message = (operations: Record<string, string>) =>
      explainBy("route-asks-for-permission", prod, { operations: { ...own.operations, ...operations } });
    expect(message({ "PUT /SecureBackendFunction": "public" })).toEqual([]);
    expect(message({ "PUT /SecureBackendFunction": "audit/write" }).map(([text]) => text)).toEqual([
      "its operations require different scopes",
    ]);
  });

  it("accept a CORS method if a public ANY route has an operation for it", () => {
    const isPost = (key: unknown) => String(key).startsWith("POST ");
    const graph = { ...prod, resources: prod.resources.filter(({ inputs }) => !isPost(inputs.routeKey)) };
    expect(explainBy("cors-methods-served", graph)).toEqual([]);
    const operations = { "GET /SecureBackendFunction": "public" };
    const messages = explainBy("cors-methods-served", graph, { operations }).map(([message]) => message);
    expect(messages).toEqual(["no route accepts POST"]);
  });

  it("report a route without an authorizer that is not listed as public", () => {
    const graph = structuredClone(prod);
    Object.assign(named(graph, "SecureBackendAPIRouteGetEventsRoute").inputs, { authorizationType: "NONE" });
    const open = "anyone can call the route, and it is not listed as public";
    expect(explainBy("route-has-authorizer", graph).map(([message]) => message)).toEqual([open]);
    expect(explainBy("route-has-authorizer", graph, {}).map(([message]) => message)).toEqual([open, open, open]);
  });

  it("report a missing append-only table, and where the project lists it", () => {
    const graph = { ...prod, resources: prod.resources.filter(({ name }) => name !== "AuditTable") };
    const fix = "Declare the table, or remove it from the project's appendOnlyTables.";
    const { appendOnlyTables = [] } = own;
    expect(explainBy("append-only", graph, { appendOnlyTables })).toEqual([["there is no table Audit", fix]]);
    expect(explainBy("append-only", graph, { ...own, appendOnlyTables: [] })).toEqual([]);
  });

  it("accept permissions on a table whose name only begins like the audit table's name", () => {
    const graph = structuredClone(prod);
    const { inlinePolicies } = named(graph, "RecordEventsRole").inputs as unknown as {
      inlinePolicies: { policy: { json: { Statement: object[] } } }[];
    };
    const arn = `arn:aws:dynamodb:${APP.region}:000000000000:table/${APP.prefix}Audit-prod-copy`;
    inlinePolicies[0]?.policy.json.Statement.push({
      Effect: "Allow",
      Action: ["dynamodb:DeleteItem"],
      Resource: [arn],
    });
    expect(explainBy("append-only", graph)).toEqual([]);
  });

  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
  it("accept the permission of an authorizer function", () => {
    const graph = structuredClone(prod);
    const lambda = named(graph, "ReadEventsFunction");
    const authorizer = structuredClone(named(graph, "SecureBackendAPIAuthorizerTokensAuthorizer"));
    Object.assign(authorizer, { urn: `${authorizer.urn}Partners`, name: "Partners" });
    authorizer.inputs = {
      ...authorizer.inputs,
      authorizerType: "REQUEST",
      authorizerUri: { ref: `${lambda.urn}#invokeArn` },
    };
    const permission = structuredClone(named(graph, "SecureBackendAPIRouteGetEventsPermissions"));
    Object.assign(permission, { urn: `${permission.urn}Partners`, name: "PartnersPermission" });
    const api = named(graph, "SecureBackendAPIApi").urn;
    permission.inputs.sourceArn = `\${${api}#executionArn}/authorizers/\${${authorizer.urn}#id}`;
    graph.resources.push(authorizer, permission);
    expect(explainBy("permission-exact", graph)).toEqual([]);
  });
});
