import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";

import { clientConfig } from "../aws/client-config";
import { userPoolOf } from "../aws/user-pool";
import type { Environment } from "../environment";
import { TARGET_OPTIONS } from "../options";
import { describe, type Target, targetOf } from "../target";

const { stage, offline, region, project, json } = TARGET_OPTIONS;

/** Options of the commands that look after a user pool. */
export const POOL_OPTIONS = { stage, offline, region, project, json } as const;

interface PoolValues {
  stage?: string | undefined;
  offline: boolean;
  region?: string | undefined;
  project: string;
}

/** The stage's user pool, and how to reach it. */
export interface Pool {
  id: string;
  client: CognitoIdentityProviderClient;
  target: Target;
  /** For every call. */
  options: { abortSignal: AbortSignal };
}

/** Finds the user pool of the stage, names the stage on standard error, and runs the action. */
export async function withPool(
  values: PoolValues,
  { cwd, stderr, signal }: Environment,
  run: (pool: Pool) => Promise<number>,
): Promise<number> {
  const target = targetOf(values, cwd);
  const client = new CognitoIdentityProviderClient(clientConfig(target));
  const options = { abortSignal: signal };
  try {
    const id = await userPoolOf(target, client, options);
    stderr.write(`${describe(target)}, user pool ${id}\n`);
    return await run({ id, client, target, options });
  } finally {
    client.destroy();
  }
}
