import { type AwsAnswer, type AwsCall, AwsError } from "../kit/aws-call";
import type { TableStore } from "./store";
import type { TableDeclaration } from "./table";

/** Operations on one table's items. What is declared cannot be changed by a call: that takes a change of the graph. */
const ITEM_OPERATIONS = ["DeleteItem", "DescribeTable", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"];

/**
 * DynamoDB over the tables of a graph.
 *
 * @returns a function that throws an AwsError for what it does not serve
 */
export function createDynamoDb(tables: ReadonlyMap<string, TableDeclaration>, store: TableStore) {
  return async function handle({ operation, body, input }: AwsCall): Promise<AwsAnswer> {
    if (operation === "ListTables")
      return { status: 200, body: JSON.stringify({ TableNames: [...tables.keys()].sort() }) };
    if (operation === "BatchGetItem" || operation === "BatchWriteItem") {
      const [name = "", ...more] = Object.keys(Object(input.RequestItems));
      if (more.length > 0) throw unserved(`${operation} of several tables`);
      return await ask(name, operation, body);
    }
    if (!ITEM_OPERATIONS.includes(operation)) throw unserved(operation);
    return await ask(String(input.TableName), operation, body);
  };

  async function ask(tableName: string, operation: string, body: string): Promise<AwsAnswer> {
    const table = tables.get(tableName);
    if (table === undefined) throw new AwsError(RESOURCE_NOT_FOUND, "Requested resource not found");
    try {
      const { status, body: answer, crc32 } = await store.call(table, operation, body);
      return { status, body: answer, headers: { "x-amz-crc32": crc32 } };
    } catch (error) {
      throw new AwsError(INTERNAL, `${(error as Error).message}`, 500);
    }
  }
}

const RESOURCE_NOT_FOUND = "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException";
const INTERNAL = "com.amazonaws.dynamodb.v20120810#InternalServerError";

function unserved(what: string): AwsError {
  return new AwsError("com.amazon.coral.service#UnknownOperationException", `offline does not serve ${what}`);
}
