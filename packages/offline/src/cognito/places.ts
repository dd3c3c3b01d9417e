import path from "node:path";

/** Where a pool keeps its keys, secrets and refresh tokens, below the folder of the stage. */
export function poolFolder(stageFolder: string, poolId: string): string {
  return path.join(stageFolder, "cognito", poolId);
}

/** On AWS `https://cognito-idp.<region>.amazonaws.com/<pool id>`. */
export function issuerOf(endpointUrl: string, poolId: string): string {
  return `${endpointUrl}/${poolId}`;
}
