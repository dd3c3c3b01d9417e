import { type AwsCall, AwsError, type AwsLocation, type AwsResponse } from "../../kit/aws-call";
import { poolFolder } from "../places";
import type { UserPool } from "../pool";
import { createUserStore } from "../user-store";
import { clientOperations } from "./clients";
import { groupOperations } from "./groups";
import type { AdminOperation, AdminPool, FindPool } from "./operation";
import { userOperations } from "./users";

export interface AdminOptions {
  /** Folder of the stage: `.offline/<stage>`. */
  folder: string;
  location: AwsLocation;
  notice(text: string): void;
  /** Returns epoch milliseconds. */
  now?: () => number;
}

/**
 * Creates the part of Cognito's API that manages users, groups and client secrets.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_Operations.html
 */
export function createCognitoAdmin(pools: UserPool[], { folder, location, notice, now = Date.now }: AdminOptions) {
  const all = pools.map((pool): AdminPool => {
    const ofPool = poolFolder(folder, pool.id);
    return { pool, folder: ofPool, users: createUserStore(pool, ofPool, now) };
  });
  const find: FindPool = ({ UserPoolId }) => {
    const found = all.find(({ pool }) => pool.id === UserPoolId);
    if (found !== undefined) return found;
    throw new AwsError("ResourceNotFoundException", `User pool ${String(UserPoolId)} does not exist.`);
  };
  const operations: Record<string, AdminOperation> = {
    ...userOperations(find, { notice, now }),
    ...groupOperations(find),
    ...clientOperations(all, find, { location, now }),
  };
  return async function handle({ operation, input }: AwsCall): Promise<AwsResponse> {
    const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    if (run === undefined)
      throw new AwsError("UnknownOperationException", `offline does not support cognito-idp:${operation}`);
    try {
      return { status: 200, body: JSON.stringify(run(input)) };
    } catch (error) {
      if (error instanceof AwsError) throw error;
      // A file cannot be read or written.
      throw new AwsError("InternalErrorException", `cognito-idp:${operation}: ${(error as Error).message}`, 500);
    }
  };
}
