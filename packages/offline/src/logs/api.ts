import type { ResolvedGraph } from "@secure-backend/graph/resolve";

import type { AwsLocation } from "../kit/aws-call";
import { type AwsAnswer, type AwsCall, AwsError } from "../kit/aws-call";
import { groupOperations } from "./group-operations";
import type { LogGroups } from "./groups";
import { putOperations } from "./put-operation";
import { readOperations } from "./read-operations";
import type { LogService } from "./service";
import { createStreamIndexes } from "./stream-index";

/** Answers a call; what it gives back is the answer's JSON, nothing for an empty one. Throws an AwsError. */
export type Operation = (input: AwsCall["input"]) => Promise<object | undefined>;

export interface DeclaredGroup {
  name: string;
  retentionInDays?: number;
}

/** The log groups of a graph. */
export function declaredGroupsOf({ resources }: ResolvedGraph): DeclaredGroup[] {
  return resources
    .filter(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup")
    .map(({ inputs: { name, retentionInDays } }) => {
      return { name: String(name), ...(typeof retentionInDays === "number" && { retentionInDays }) };
    });
}

/**
 * CloudWatch Logs over the log groups on disk.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html
 */
export function createLogsApi(declared: DeclaredGroup[], groups: LogGroups, logs: LogService, place: AwsLocation) {
  const indexes = createStreamIndexes();
  const operations: Record<string, Operation> = {
    ...groupOperations(groups, indexes, place),
    ...readOperations(groups, indexes),
    ...putOperations(groups, logs),
  };
  let ready: Promise<void> | undefined;
  return async function handle({ operation, input }: AwsCall): Promise<AwsAnswer> {
    ready ??= groups.declare(declared);
    await ready;
    const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    if (run === undefined) throw new AwsError("UnknownOperationException", `offline does not serve logs:${operation}`);
    const answer = await run(input);
    return { status: 200, body: answer === undefined ? "" : JSON.stringify(answer) };
  };
}
