import { AwsError } from "../kit/aws-call";
import { isRecord } from "../kit/json";
import type { TableDeclaration } from "./table";

type Input = Record<string, unknown>;
type Rename = (nameOrArn: unknown) => unknown;

/**
 * Returns the tables named in a call, and its input with names in place of ARNs.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html, TableName
 *
 * @throws AwsError for an ARN that is not a table's, or has another account or region
 */
export function resolveTableNames(operation: string, input: Input, tables: ReadonlyMap<string, TableDeclaration>) {
  const names = new Set<string>();
  let hasArns = false;
  const { TableName, ResourceArn, RequestItems, TransactItems } = input;
  const rename: Rename = (given) => {
    const name = nameOf(given, operation, tables);
    if (typeof name === "string") names.add(name);
    hasArns ||= name !== given;
    return name;
  };
  const renamed = {
    ...input,
    ...(TableName !== undefined && { TableName: rename(TableName) }),
    ...(ResourceArn !== undefined && { ResourceArn: rename(arnOf(ResourceArn)) }),
    ...(isRecord(RequestItems) && { RequestItems: renameKeys(RequestItems, rename) }),
    ...(Array.isArray(TransactItems) && { TransactItems: TransactItems.map((item) => renameAction(item, rename)) }),
  };
  return { input: renamed, names: [...names], hasArns };
}

function renameKeys(requests: Input, rename: Rename): Input {
  const entries = Object.entries(requests).map(([name, request]) => [String(rename(name)), request] as const);
  if (new Set(entries.map(([name]) => name)).size === entries.length) return Object.fromEntries(entries);
  throw invalid("Table names and ARNs in RequestItems must refer to distinct tables");
}

function renameAction(item: unknown, rename: Rename): unknown {
  if (!isRecord(item)) return item;
  const entries = Object.entries(item).map(([kind, action]) =>
    isRecord(action) && action.TableName !== undefined
      ? [kind, { ...action, TableName: rename(action.TableName) }]
      : [kind, action],
  );
  return Object.fromEntries(entries);
}

function arnOf(given: unknown): unknown {
  if (typeof given === "string" && given.startsWith("arn:")) return given;
  throw invalid(`Invalid TableArn: Invalid ResourceArn provided as input ${given}`);
}

function nameOf(given: unknown, operation: string, tables: ReadonlyMap<string, TableDeclaration>): unknown {
  if (typeof given !== "string" || !given.startsWith("arn:")) return given;
  const [, , service, region, account, resource = ""] = given.split(":");
  const [, name] = /^table\/([\w.-]{3,255})$/.exec(resource) ?? [];
  if (service !== "dynamodb" || name === undefined) {
    throw invalid(`Invalid TableArn: Invalid ResourceArn provided as input ${given}`);
  }
  const [, , , tableRegion, tableAccount] = tables.values().next().value?.arn.split(":") ?? [];
  if (tableAccount !== undefined && account !== tableAccount) {
    throw new AwsError(
      "com.amazon.coral.service#AccessDeniedException",
      `not authorized to perform: dynamodb:${operation} on resource: ${given} because no ` +
        `resource-based policy allows the dynamodb:${operation} action (offline has only tables of account ` +
        `${tableAccount})`,
    );
  }
  if (tableRegion !== undefined && region !== tableRegion) {
    throw invalid(`Invalid TableArn: ${given} is in another region than ${tableRegion}`);
  }
  return name;
}

function invalid(message: string): AwsError {
  return new AwsError("com.amazon.coral.validate#ValidationException", message);
}
