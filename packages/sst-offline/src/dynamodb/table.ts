import { createHash } from "node:crypto";

import type { Plain } from "@backend/sst-graph/graph";
import type { ResolvedGraph, ResolvedResource } from "@backend/sst-graph/resolve";

import { objectOf, objectsOf } from "../kit/json";

/** A table as the graph declares it. */
export interface TableDeclaration {
  name: string;
  arn: string;
  /** Input of DynamoDB's CreateTable. */
  create: Record<string, unknown>;
  /** Hash of keys and indexes. If they change, the table is a new one. */
  digest: string;
  /** Attribute with the expiry of an item. */
  timeToLive: string | undefined;
  hasPointInTimeRecovery: boolean;
  tags: Record<string, string>;
}

/** Returns the tables of a graph by name. */
export function tablesOf({ resources }: ResolvedGraph): Map<string, TableDeclaration> {
  const tables = resources.filter(({ type }) => type === "aws:dynamodb/table:Table").map(tableOf);
  return new Map(tables.map((table) => [table.name, table]));
}

function tableOf({ inputs, outputs }: ResolvedResource): TableDeclaration {
  const name = String(inputs.name);
  const schema = {
    AttributeDefinitions: objectsOf(inputs.attributes).map(({ name: AttributeName, type: AttributeType }) => ({
      AttributeName,
      AttributeType,
    })),
    KeySchema: keySchema(inputs),
    ...some("GlobalSecondaryIndexes", objectsOf(inputs.globalSecondaryIndexes).map(indexOf)),
    ...some(
      "LocalSecondaryIndexes",
      objectsOf(inputs.localSecondaryIndexes).map((index) => indexOf({ ...index, hashKey: inputs.hashKey ?? null })),
    ),
  };
  const { attributeName, enabled } = objectOf(inputs.ttl);
  return {
    name,
    arn: String(outputs.arn),
    create: { TableName: name, BillingMode: "PAY_PER_REQUEST", ...schema },
    digest: createHash("sha256").update(JSON.stringify(schema)).digest("hex").slice(0, 8),
    timeToLive: enabled === true && typeof attributeName === "string" ? attributeName : undefined,
    hasPointInTimeRecovery: objectOf(inputs.pointInTimeRecovery).enabled === true,
    tags: Object.fromEntries(Object.entries(objectOf(inputs.tags)).map(([key, value]) => [key, String(value)])),
  };
}

function indexOf(index: Record<string, Plain>): object {
  const { name: IndexName, projectionType: ProjectionType = "ALL", nonKeyAttributes } = index;
  return {
    IndexName,
    KeySchema: keySchema(index),
    Projection: { ProjectionType, ...(Array.isArray(nonKeyAttributes) && { NonKeyAttributes: nonKeyAttributes }) },
  };
}

function keySchema({ hashKey, rangeKey }: Record<string, Plain>): object[] {
  const key = (AttributeName: Plain | undefined, KeyType: string) =>
    typeof AttributeName === "string" ? [{ AttributeName, KeyType }] : [];
  return [...key(hashKey, "HASH"), ...key(rangeKey, "RANGE")];
}

function some(name: string, list: object[]): Record<string, object[]> {
  return list.length === 0 ? {} : { [name]: list };
}
