import { deflateRawSync, inflateRawSync } from "node:zlib";

import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import type { TrafficItem, TrafficStore } from "../traffic/store";

import { orUnavailable } from "./aws-client";

type Attributes = Record<string, AttributeValue>;

/**
 * The traffic table: `pk`, `sk`, TTL attribute `expiresAt`. Bodies are compressed, since writes
 * and reads are paid by the KB.
 */
export function dynamoTrafficStore(client: DynamoDBClient, table: string): TrafficStore {
  return {
    async put(item) {
      const guard = item.version !== undefined && {
        ConditionExpression: "attribute_not_exists(#version) OR #version <= :version",
        ExpressionAttributeNames: { "#version": "version" },
        ExpressionAttributeValues: { ":version": { N: String(item.version) } },
      };
      try {
        await client.send(new PutItemCommand({ TableName: table, Item: attributesOf(item), ...guard }));
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error; // a greater version is there
      }
    },

    async *query(pk, first, last) {
      let start: Attributes | undefined;
      do {
        const query = new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: "pk = :pk AND sk BETWEEN :first AND :last",
          // Every character of a sort key is smaller than "~".
          ExpressionAttributeValues: { ":pk": { S: pk }, ":first": { S: first }, ":last": { S: `${last}~` } },
          ...(start !== undefined && { ExclusiveStartKey: start }),
        });
        const { Items = [], LastEvaluatedKey } = await orUnavailable("The traffic", client.send(query));
        yield* Items.map(itemOf);
        start = LastEvaluatedKey;
      } while (start !== undefined);
    },
  };
}

function attributesOf({ pk, sk, expiresAt, version, body }: TrafficItem): Attributes {
  return {
    pk: { S: pk },
    sk: { S: sk },
    ...(expiresAt !== undefined && { expiresAt: { N: String(expiresAt) } }),
    ...(version !== undefined && { version: { N: String(version) } }),
    body: { B: deflateRawSync(body) },
  };
}

function itemOf({ pk, sk, expiresAt, version, body }: Attributes): TrafficItem {
  return {
    pk: pk?.S ?? "",
    sk: sk?.S ?? "",
    ...(expiresAt?.N !== undefined && { expiresAt: Number(expiresAt.N) }),
    ...(version?.N !== undefined && { version: Number(version.N) }),
    body: inflateRawSync(body?.B ?? new Uint8Array()).toString("utf8"),
  };
}
