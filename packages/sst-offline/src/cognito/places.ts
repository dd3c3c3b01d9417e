import path from "node:path";

/**
 * The folder where a pool keeps its keys, secrets and refresh tokens, below the folder of the
 * stage.
 *
 * @throws Error for an id that Cognito does not have: it becomes part of a path
 */
export function poolFolder(stageFolder: string, poolId: string): string {
  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html
  if (!/^[\w-]{1,55}$/.test(poolId))
    throw new Error(`user pool "${poolId}": expected an id such as us-east-1_AbCdEfGhI`);
  return path.join(stageFolder, "cognito", poolId);
}

/** On AWS `https://cognito-idp.<region>.amazonaws.com/<pool id>`. */
export function issuerOf(endpointUrl: string, poolId: string): string {
  return `${endpointUrl}/${poolId}`;
}
