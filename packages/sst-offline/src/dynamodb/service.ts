import { type AwsAnswer, type AwsCall, AwsError } from "../kit/aws-call";
import { describeDeclaration } from "./describe";
import { OPERATIONS } from "./operations";
import { type TableStore, UnavailableError } from "./store";
import type { TableDeclaration } from "./table";
import { resolveTableNames } from "./table-names";

const DYNAMODB = "com.amazonaws.dynamodb.v20120810";

/**
 * DynamoDB over the tables of a graph.
 *
 * @returns a function that throws an AwsError for what it does not serve
 */
export function createDynamoDb(tables: ReadonlyMap<string, TableDeclaration>, store: TableStore) {
  return async function handle({ operation, body, input }: AwsCall): Promise<AwsAnswer> {
    const entry = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
    if (entry === undefined) throw unsupportedOperation(`offline does not know the operation ${operation}`);
    if ("refused" in entry) throw unsupportedOperation(`offline does not serve ${operation}: ${entry.refused}`);
    const { names, input: resolved, hasArns } = resolveTableNames(operation, input, tables);
    if (entry.served === "declaration") {
      return { status: 200, body: JSON.stringify(describeDeclaration(operation, resolved, tables)) };
    }
    return await ask(operation, hasArns ? textOf(resolved) : body, names);
  };

  async function ask(operation: string, body: string, names: string[]): Promise<AwsAnswer> {
    const named = names.flatMap((name) => tables.get(name) ?? []);
    try {
      const answer = await store.call({ operation, body, tables: named, names: [...tables.keys()] });
      return { status: answer.status, body: answer.body, headers: { "x-amz-crc32": answer.crc32 } };
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
    // The only thing that JSON.parse accepts and JSON.stringify does not is a value that is nested
    // too deeply.
    throw new AwsError(
      "com.amazon.coral.validate#ValidationException",
      "Nesting Levels have exceeded supported limits",
    );
  }
}

function unsupportedOperation(message: string): AwsError {
  return new AwsError("com.amazon.coral.service#UnknownOperationException", message);
}
