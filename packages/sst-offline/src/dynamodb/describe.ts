import { AwsError } from "../kit/aws-call";
import type { TableDeclaration } from "./table";

type Input = Record<string, unknown>;

/** Describes a table from its declaration. Throws an AwsError if the graph does not declare it. */
export function describeDeclaration(
  operation: string,
  input: Input,
  tables: ReadonlyMap<string, TableDeclaration>,
): object {
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
  if (operation === "DescribeLimits") {
    return {
      AccountMaxReadCapacityUnits: 80_000,
      AccountMaxWriteCapacityUnits: 80_000,
      TableMaxReadCapacityUnits: 40_000,
      TableMaxWriteCapacityUnits: 40_000,
    };
  }
  const isTags = operation === "ListTagsOfResource";
  const member = isTags ? "ResourceArn" : "TableName";
  const name = input[member];
  if (typeof name !== "string" || name === "") {
    const what = `Value null at '${member[0]?.toLowerCase()}${member.slice(1)}' failed to satisfy constraint`;
    throw new AwsError(VALIDATION, `1 validation error detected: ${what}: Member must not be null`);
  }
  const table = tables.get(name);
  if (table === undefined) throw missing(operation, name);
  if (isTags) return { Tags: Object.entries(table.tags).map(([Key, Value]) => ({ Key, Value })) };
  if (operation === "DescribeTimeToLive") return { TimeToLiveDescription: timeToLive(table) };
  const PointInTimeRecoveryStatus = table.hasPointInTimeRecovery ? "ENABLED" : "DISABLED";
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus },
    },
  };
}

function timeToLive({ timeToLive: AttributeName }: TableDeclaration): object {
  if (AttributeName === undefined) return { TimeToLiveStatus: "DISABLED" };
  return { TimeToLiveStatus: "ENABLED", AttributeName };
}

function missing(operation: string, name: string): AwsError {
  if (operation === "DescribeContinuousBackups") {
    return new AwsError("com.amazonaws.dynamodb.v20120810#TableNotFoundException", `Table not found: ${name}`);
  }
  const what = operation === "ListTagsOfResource" ? `ResourceArn: ${name}` : `Table: ${name}`;
  const type = "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException";
  return new AwsError(type, `Requested resource not found: ${what} not found`);
}

const VALIDATION = "com.amazon.coral.validate#ValidationException";
