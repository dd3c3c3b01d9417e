import { createHash } from "node:crypto";

import type { Plain } from "@secure-backend/graph/graph";
import type { ResolvedGraph, ResolvedResource } from "@secure-backend/graph/resolve";

import { objectOf } from "../kit/json";

/** A table as the graph declares it. */
export interface TableDeclaration {
  name: string;
  /** Input of DynamoDB's CreateTable. */
  create: Record<string, unknown>;
  /** Of keys and indexes: a table with other ones is another table. */
  digest: string;
}

/** The tables of a graph, by name. */
export function tablesOf({ resources }: ResolvedGraph): Map<string, TableDeclaration> {
  const tables = resources.filter(({ type }) => type === "aws:dynamodb/table:Table").map(tableOf);
  return new Map(tables.map((table) => [table.name, table]));
}

function tableOf({ inputs }: ResolvedResource): TableDeclaration {
  const name = String(inputs.name);
  const schema = {
    AttributeDefinitions: objects(inputs.attributes).map(({ name: AttributeName, type: AttributeType }) => ({
      AttributeName,
      AttributeType,
    })),
    KeySchema: keySchema(inputs),
    ...some("GlobalSecondaryIndexes", objects(inputs.globalSecondaryIndexes).map(indexOf)),
    ...some(
      "LocalSecondaryIndexes",
      objects(inputs.localSecondaryIndexes).map((index) => indexOf({ ...index, hashKey: inputs.hashKey ?? null })),
    ),
  };
  return {
    name,
    create: { TableName: name, BillingMode: "PAY_PER_REQUEST", ...schema },
    digest: createHash("sha256").update(JSON.stringify(schema)).digest("hex").slice(0, 8),
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

function objects(value: Plain | undefined): Record<string, Plain>[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}
