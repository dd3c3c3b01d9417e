/**
 * All operations of DynamoDB, and how offline handles each.
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
  ...reject("the graph declares the tables: change sst.config.ts", [
    "CreateTable",
    "DeleteTable",
    "TagResource",
    "UntagResource",
    "UpdateContinuousBackups",
    "UpdateTable",
    "UpdateTimeToLive",
  ]),
  ...reject("PartiQL is not supported: use GetItem, PutItem, Query and the like", [
    "BatchExecuteStatement",
    "ExecuteStatement",
    "ExecuteTransaction",
  ]),
  ...reject("there are no backups: copy the folder .offline", [
    "CreateBackup",
    "DeleteBackup",
    "DescribeBackup",
    "ListBackups",
    "RestoreTableFromBackup",
    "RestoreTableToPointInTime",
  ]),
  ...reject("export and import are not supported", [
    "DescribeExport",
    "DescribeImport",
    "ExportTableToPointInTime",
    "ImportTable",
    "ListExports",
    "ListImports",
  ]),
  ...reject("there is only one region", [
    "CreateGlobalTable",
    "DescribeGlobalTable",
    "DescribeGlobalTableSettings",
    "DescribeTableReplicaAutoScaling",
    "ListGlobalTables",
    "UpdateGlobalTable",
    "UpdateGlobalTableSettings",
    "UpdateTableReplicaAutoScaling",
  ]),
  ...reject("Kinesis streaming is not supported", [
    "DescribeKinesisStreamingDestination",
    "DisableKinesisStreamingDestination",
    "EnableKinesisStreamingDestination",
    "UpdateKinesisStreamingDestination",
  ]),
  ...reject("Contributor Insights is not supported", [
    "DescribeContributorInsights",
    "ListContributorInsights",
    "UpdateContributorInsights",
  ]),
  ...reject("bulk operations are not supported: use BatchWriteItem", [
    "CancelBulkOperation",
    "DescribeBulkOperation",
    "ListBulkOperations",
    "StartBulkPutItems",
  ]),
  ...reject("vector indexes are not supported", ["SearchVectors"]),
  ...reject("resource policies are not evaluated", ["DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy"]),
  ...reject("endpoint discovery is not supported: clients must keep this endpoint", ["DescribeEndpoints"]),
};

/** Served from the items or from the graph's declaration, or rejected with a reason. */
export type Operation = { served: "items" | "declaration" } | { rejected: string };

function reject(reason: string, operations: string[]): Record<string, Operation> {
  return Object.fromEntries(operations.map((operation) => [operation, { rejected: reason }]));
}
