import type { ResolvedGraph } from "@backend/sst-graph/resolve";

import type { AwsLocation } from "../kit/aws-call";
import { type AwsCall, AwsError, type AwsResponse } from "../kit/aws-call";
import { groupOperations } from "./group-operations";
import type { LogGroups } from "./groups";
import type { Operation } from "./operation";
import { putOperations } from "./put-operation";
import { readOperations } from "./read-operations";
import type { LogService } from "./service";
import { createStreamIndexes } from "./stream-index";

export interface DeclaredGroup {
  name: string;
  retentionInDays?: number;
}

/** Returns the log groups of a graph. */
export function declaredGroupsOf({ resources }: ResolvedGraph): DeclaredGroup[] {
  return resources
    .filter(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup")
    .map(({ inputs: { name, retentionInDays } }) => {
      return { name: String(name), ...(typeof retentionInDays === "number" && { retentionInDays }) };
    });
}

/**
 * Creates the CloudWatch Logs API for the log groups on disk.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html
 */
export function createLogsApi(declared: DeclaredGroup[], groups: LogGroups, logs: LogService, location: AwsLocation) {
  const indexes = createStreamIndexes();
  const operations: Record<string, Operation> = {
    ...groupOperations(groups, indexes, location),
    ...readOperations(groups, indexes),
    ...putOperations(groups, logs),
  };
  let declaring: Promise<void> | undefined;
  return async function handle({ operation, input }: AwsCall): Promise<AwsResponse> {
    const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    if (run === undefined)
      throw new AwsError("UnknownOperationException", `offline does not support logs:${operation}`);
    try {
      await declareGroups();
      const output = await run(input);
      return { status: 200, body: output === undefined ? "" : JSON.stringify(output) };
    } catch (error) {
      if (error instanceof AwsError) throw error;
      // The disk is full, or a file cannot be read. SDKs retry this error.
      throw new AwsError("ServiceUnavailableException", `logs:${operation}: ${(error as Error).message}`, 500);
    }
  };

  /** Runs once. After a failure, the next call tries again. */
  function declareGroups(): Promise<void> {
    declaring ??= groups.declare(declared).catch((error) => {
      declaring = undefined;
      throw error;
    });
    return declaring;
  }
}
