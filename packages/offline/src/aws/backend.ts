import { ACCOUNT_ID } from "@secure-backend/graph/names";
import type { ResolvedGraph } from "@secure-backend/graph/resolve";

import { openUserPools } from "../cognito/service";
import { createDynamoDb } from "../dynamodb/service";
import type { TableStore } from "../dynamodb/store";
import { tablesOf } from "../dynamodb/table";
import { rolePolicies } from "../iam/role";
import { createAwsApi, type Principal } from "./api";
import type { EndpointBackend } from "./endpoint";
import { newIdentity } from "./identity";

/** What outlives a graph: a function that still runs keeps its identity, the items of a table stay. */
export interface AwsPlaces {
  /** Of the stage: `.offline/<stage>`. */
  folder: string;
  /** Such as `http://127.0.0.1:3001`. */
  endpointUrl: string;
  tables: TableStore;
  /** By access key. */
  principals: Map<string, Principal>;
}

export interface AwsBackend extends EndpointBackend {
  /** Environment variables with which the function of that name finds AWS. */
  variablesOf(functionName: string): Record<string, string>;
}

/** AWS as the graph declares it. Throws an Error that names a policy which cannot be evaluated. */
export function createAwsBackend(
  graph: ResolvedGraph,
  { folder, endpointUrl, tables, principals }: AwsPlaces,
): AwsBackend {
  const services = { dynamodb: createDynamoDb(tablesOf(graph), tables) };
  const place = { region: graph.region, accountId: ACCOUNT_ID };
  const roles = new Map(
    graph.resources.filter(({ type }) => type === "aws:iam/role:Role").map((role) => [role.outputs.arn, role]),
  );
  const variables = new Map(
    graph.resources
      .filter(({ type }) => type === "aws:lambda/function:Function")
      .map(({ inputs }) => {
        const functionName = String(inputs.name);
        const role = roles.get(String(inputs.role));
        const identity = newIdentity(functionName);
        const policies = role === undefined ? [] : rolePolicies(role);
        principals.set(identity.accessKeyId, { functionName, roleName: String(role?.inputs.name), policies });
        return [functionName, { AWS_ENDPOINT_URL: endpointUrl, ...identity.variables }];
      }),
  );
  return {
    userPools: openUserPools(graph, folder, endpointUrl),
    aws: createAwsApi(services, (accessKeyId) => principals.get(accessKeyId), place),
    variablesOf: (functionName) => variables.get(functionName) ?? {},
  };
}
