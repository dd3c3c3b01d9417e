import path from "node:path";

import { ACCOUNT_ID } from "@secure-backend/graph/names";
import type { ResolvedGraph } from "@secure-backend/graph/resolve";

import { openUserPools } from "../cognito/service";
import { createDynamoDb } from "../dynamodb/service";
import type { TableStore } from "../dynamodb/store";
import { tablesOf } from "../dynamodb/table";
import { rolePolicies } from "../iam/role";
import { createLogsApi, declaredGroupsOf } from "../logs/api";
import type { LogGroups } from "../logs/groups";
import type { LogService } from "../logs/service";
import { queuesOf } from "../sqs/queues";
import { createSqs } from "../sqs/service";
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
  logs: LogService;
  logGroups: LogGroups;
  /** By access key. */
  principals: Map<string, Principal>;
}

interface SqsMessage {
  MessageBody: string;
  MessageAttributes: Record<string, { DataType: "String" | "Number"; StringValue: string }>;
}

export interface AwsBackend extends EndpointBackend {
  /** Environment variables with which the function of that name finds AWS. */
  variablesOf(functionName: string): Record<string, string>;
  /** Sends a message in the name of a function. Throws an Error where it may not, or there is no such queue. */
  sendTo(queueArn: string, functionName: string, message: SqsMessage): Promise<void>;
}

/** AWS as the graph declares it. Throws an Error that names a policy which cannot be evaluated. */
export function createAwsBackend(
  graph: ResolvedGraph,
  { folder, endpointUrl, tables, principals, logs, logGroups }: AwsPlaces,
): AwsBackend {
  const queues = queuesOf(graph);
  const place = { region: graph.region, accountId: ACCOUNT_ID };
  const services = {
    dynamodb: createDynamoDb(tablesOf(graph), tables),
    logs: createLogsApi(declaredGroupsOf(graph), logGroups, logs, place),
    sqs: createSqs(queues, path.join(folder, "sqs")),
  };
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
  const aws = createAwsApi(services, (accessKeyId) => principals.get(accessKeyId), place);
  const variablesOf = (functionName: string): Record<string, string> => variables.get(functionName) ?? {};
  return {
    userPools: openUserPools(graph, folder, endpointUrl),
    aws,
    variablesOf,
    sendTo: async (queueArn, functionName, message) => {
      const queue = [...queues.values()].find(({ arn }) => arn === queueArn);
      const credential = `${variablesOf(functionName).AWS_ACCESS_KEY_ID}/20260101/${place.region}/sqs/aws4_request`;
      const { status, body } = await aws(
        `AWS4-HMAC-SHA256 Credential=${credential}`,
        "AmazonSQS.SendMessage",
        JSON.stringify({ QueueUrl: queue?.url, ...message }),
      );
      if (status !== 200)
        throw new Error(
          `the queue ${queueArn} took no message of ${functionName}: ${(JSON.parse(body) as { message: string }).message}`,
        );
    },
  };
}
