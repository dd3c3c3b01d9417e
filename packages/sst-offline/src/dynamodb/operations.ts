/**
 * Every operation of DynamoDB, and how offline handles it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html
 */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  BatchGetItem: { served: "items" },
  BatchWriteItem: { served: "items" },
  DeleteItem: { served: "items" },
  DescribeTable: { served: "items" },
  GetItem: { served: "items" },
  ListTables: { served: "items" },
  PutItem: { served: "items" },
  Query: { served: "items" },
  Scan: { served: "items" },
  TransactGetItems: { served: "items" },
  TransactWriteItems: { served: "items" },
  UpdateItem: { served: "items" },
  DescribeContinuousBackups: { served: "declaration" },
  DescribeLimits: { served: "declaration" },
  DescribeTimeToLive: { served: "declaration" },
  ListTagsOfResource: { served: "declaration" },
  ...refuse("the graph declares tables: change the stack", [
    "CreateTable",
    "DeleteTable",
    "TagResource",
    "UntagResource",
    "UpdateContinuousBackups",
    "UpdateTable",
    "UpdateTimeToLive",
  ]),
  ...refuse("PartiQL is not served: use the operations on items", [
    "BatchExecuteStatement",
    "ExecuteStatement",
    "ExecuteTransaction",
  ]),
  ...refuse("there are no backups: copy the folder .offline", [
    "CreateBackup",
    "DeleteBackup",
    "DescribeBackup",
    "ListBackups",
    "RestoreTableFromBackup",
    "RestoreTableToPointInTime",
  ]),
  ...refuse("tables are neither exported nor imported", [
    "DescribeExport",
    "DescribeImport",
    "ExportTableToPointInTime",
    "ImportTable",
    "ListExports",
    "ListImports",
  ]),
  ...refuse("there is one region", [
    "CreateGlobalTable",
    "DescribeGlobalTable",
    "DescribeGlobalTableSettings",
    "DescribeTableReplicaAutoScaling",
    "ListGlobalTables",
    "UpdateGlobalTable",
    "UpdateGlobalTableSettings",
    "UpdateTableReplicaAutoScaling",
  ]),
  ...refuse("tables send nothing to Kinesis", [
    "DescribeKinesisStreamingDestination",
    "DisableKinesisStreamingDestination",
    "EnableKinesisStreamingDestination",
    "UpdateKinesisStreamingDestination",
  ]),
  ...refuse("Contributor Insights is not served", [
    "DescribeContributorInsights",
    "ListContributorInsights",
    "UpdateContributorInsights",
  ]),
  ...refuse("bulk operations are not served: use BatchWriteItem", [
    "CancelBulkOperation",
    "DescribeBulkOperation",
    "ListBulkOperations",
    "StartBulkPutItems",
  ]),
  ...refuse("vector indexes are not served", ["SearchVectors"]),
  ...refuse("resource policies are not evaluated", ["DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy"]),
  ...refuse("a client must not leave this endpoint", ["DescribeEndpoints"]),
};

/** Served from the items or from what the graph declares, or refused with a reason. */
export type Operation = { served: "items" | "declaration" } | { refused: string };

function refuse(reason: string, operations: string[]): Record<string, Operation> {
  return Object.fromEntries(operations.map((operation) => [operation, { refused: reason }]));
}
