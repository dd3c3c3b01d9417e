import { once } from "node:events";
import type { AddressInfo } from "node:net";

import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  paginateScan,
} from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import dynalite from "dynalite";

import { TABLES } from "./declared";

interface Index {
  name: string;
  hashKey: string;
  rangeKey?: string;
  projectionType: "ALL" | "INCLUDE" | "KEYS_ONLY";
  nonKeyAttributes?: string[];
}

interface Table extends Pick<Index, "name" | "hashKey" | "rangeKey"> {
  attributes: { name: string; type: "S" | "N" | "B" }[];
  globalSecondaryIndexes: Index[];
  localSecondaryIndexes: Index[];
}

/** An item as JavaScript values, with its table and partition key. */
export interface StoredItem {
  table: string;
  partitionKey: string;
  item: Record<string, unknown>;
}

/** Starts tables in memory, by default those of the deployment graph, with a real client. */
export async function declaredTables(tables = TABLES as unknown as Table[]) {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new DynamoDBClient({ endpoint, region: "eu-west-1", credentials });
  for (const table of tables) await client.send(new CreateTableCommand(inputOf(table)));
  for (const { name } of tables) while (!(await isActive(name)));

  return {
    client,
    endpoint,
    /** Returns the full name of a table by its name in `sst.config.ts` or `infra`. */
    nameOf(name: string): string {
      const found = tables.find((table) => table.name.includes(name));
      if (found === undefined) throw new Error(`no table "${name}": ${tables.map((table) => table.name).join(", ")}`);
      return found.name;
    },
    /** Returns all items of all tables. */
    async items(): Promise<StoredItem[]> {
      const all: StoredItem[] = [];
      for (const { name, hashKey } of tables) {
        for await (const { Items = [] } of paginateScan({ client }, { TableName: name })) {
          const items = Items.map((item) => unmarshall(item));
          all.push(...items.map((item) => ({ table: name, partitionKey: String(item[hashKey]), item })));
        }
      }
      return all;
    },
    async close() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function isActive(TableName: string): Promise<boolean> {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus === "ACTIVE";
  }
}

function inputOf(table: Table): CreateTableCommandInput {
  const [globals, locals] = [table.globalSecondaryIndexes, table.localSecondaryIndexes].map((all) => all.map(indexOf));
  return {
    TableName: table.name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: table.attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: keySchemaOf(table),
    ...(globals?.length && { GlobalSecondaryIndexes: globals }),
    ...(locals?.length && { LocalSecondaryIndexes: locals }),
  };
}

function indexOf({ name, projectionType, nonKeyAttributes, ...keys }: Index) {
  return {
    IndexName: name,
    KeySchema: keySchemaOf(keys),
    Projection: {
      ProjectionType: projectionType,
      ...(nonKeyAttributes?.length && { NonKeyAttributes: nonKeyAttributes }),
    },
  };
}

function keySchemaOf({ hashKey, rangeKey }: Pick<Index, "hashKey" | "rangeKey">) {
  return [
    { AttributeName: hashKey, KeyType: "HASH" as const },
    ...(rangeKey === undefined ? [] : [{ AttributeName: rangeKey, KeyType: "RANGE" as const }]),
  ];
}
