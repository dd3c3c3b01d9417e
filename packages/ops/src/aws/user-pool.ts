import {
  type CognitoIdentityProviderClient,
  DescribeUserPoolCommand,
  paginateListUserPools,
} from "@aws-sdk/client-cognito-identity-provider";

import { declaredBy } from "../declared";
import type { Target } from "../target";

/** A name of a user pool is not unique, so these tags have to fit, too. */
const TAGS = ["sst:app", "sst:stage"];

/** Most that ListUserPools returns at a time. */
const PAGE = 60;

/**
 * Returns the id of the stage's user pool, by the name and the tags that the deployment graph gives
 * it.
 *
 * @throws Error that says what to do if there is no such pool, or more than one
 */
export async function userPoolOf(
  target: Target,
  client: CognitoIdentityProviderClient,
  options: { abortSignal?: AbortSignal } = {},
): Promise<string> {
  const { project, stage, where } = target;
  const { userPools, tags } = declaredBy(project, stage);
  const [name] = userPools;
  if (name === undefined) throw new Error(`stage ${stage} declares no user pool`);
  const named: string[] = [];
  for await (const { UserPools = [] } of paginateListUserPools({ client }, { MaxResults: PAGE }, options))
    named.push(...UserPools.filter(({ Name }) => Name === name).map(({ Id = "" }) => Id));

  const found: string[] = [];
  for (const id of named) {
    const { UserPool } = await client.send(new DescribeUserPoolCommand({ UserPoolId: id }), options);
    if (TAGS.every((key) => UserPool?.UserPoolTags?.[key] === tags[key])) found.push(id);
  }
  const [id, ...others] = found;
  if (id !== undefined && others.length === 0) return id;
  const region = await client.config.region();
  if (id !== undefined)
    throw new Error(`${found.join(" and ")} are both called ${name}, with the tags of stage ${stage}`);
  const start = where === "offline" ? "start it with pnpm offline" : `deploy it with sst deploy --stage ${stage}`;
  throw new Error(`no user pool ${name} of stage ${stage} in ${region}: ${start}, or give another --region`);
}
