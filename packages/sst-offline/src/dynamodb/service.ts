import { type AwsCall, AwsError, type AwsResponse } from "../kit/aws-call";
import { describeDeclaration } from "./describe";
import { OPERATIONS } from "./operations";
import { type TableStore, UnavailableError } from "./store";
import type { TableDeclaration } from "./table";
import { resolveTableNames } from "./table-names";

const DYNAMODB = "com.amazonaws.dynamodb.v20120810";

/**
 * Creates DynamoDB's API for the tables of a graph.
 *
 * @returns a function that throws an AwsError for unsupported operations and failed calls
 */
export function createDynamoDb(tables: ReadonlyMap<string, TableDeclaration>, store: TableStore) {
  return async function handle({ operation, body, input }: AwsCall): Promise<AwsResponse> {
    const entry = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
    if (entry === undefined) throw unsupportedOperation(`offline does not know the operation ${operation}`);
    if ("rejected" in entry) throw unsupportedOperation(`offline does not support ${operation}: ${entry.rejected}`);
    const { names, input: resolved, hasArns } = resolveTableNames(operation, input, tables);
    if (entry.served === "declaration") {
      return { status: 200, body: JSON.stringify(describeDeclaration(operation, resolved, tables)) };
    }
    return await callStore(operation, hasArns ? textOf(resolved) : body, names);
  };

  async function callStore(operation: string, body: string, names: string[]): Promise<AwsResponse> {
    const named = names.flatMap((name) => tables.get(name) ?? []);
    try {
      const result = await store.call({ operation, body, tables: named, names: [...tables.keys()] });
      return { status: result.status, body: result.body, headers: { "x-amz-crc32": result.crc32 } };
    } catch (error) {
      const { message } = error as Error;
      if (error instanceof UnavailableError) throw new AwsError(`${DYNAMODB}#ServiceUnavailable`, message, 503);
      throw new AwsError(`${DYNAMODB}#InternalServerError`, message, 500);
    }
  }
}

function textOf(input: AwsCall["input"]): string {
  try {
    return JSON.stringify(input);
  } catch {
    // Of all values from JSON.parse, JSON.stringify fails only for those nested too deeply.
    throw new AwsError(
      "com.amazon.coral.validate#ValidationException",
      "Nesting Levels have exceeded supported limits",
    );
  }
}

function unsupportedOperation(message: string): AwsError {
  return new AwsError("com.amazon.coral.service#UnknownOperationException", message);
}
