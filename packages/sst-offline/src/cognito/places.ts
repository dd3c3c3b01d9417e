import path from "node:path";

/**
 * Returns the folder of a pool's keys, secrets and refresh tokens, inside the stage's folder.
 *
 * @throws Error for an invalid id, because it becomes part of a path
 */
export function poolFolder(stageFolder: string, poolId: string): string {
  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html
  if (!/^[\w-]{1,55}$/.test(poolId))
    throw new Error(`user pool "${poolId}": expected an id such as us-east-1_AbCdEfGhI`);
  return path.join(stageFolder, "cognito", poolId);
}

/**
 * Returns the issuer's URL. On AWS, it is `https://cognito-idp.<region>.amazonaws.com/<pool id>`.
 */
export function issuerOf(endpointUrl: string, poolId: string): string {
  return `${endpointUrl}/${poolId}`;
}
