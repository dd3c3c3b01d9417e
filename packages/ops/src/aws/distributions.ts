import {
  CloudFrontClient,
  type DistributionSummary,
  ListTagsForResourceCommand,
  paginateListDistributions,
} from "@aws-sdk/client-cloudfront";

import type { Tagged } from "./api-stages";
import type { ClientConfig } from "./client-config";

/** The CloudFront distributions with this comment. A distribution has no name. */
export async function distributionsOf(config: ClientConfig, comment: string, signal: AbortSignal): Promise<Tagged[]> {
  const client = new CloudFrontClient(config);
  const found: Tagged[] = [];
  for await (const { Id: id = "", ARN, DomainName: address = "", Comment } of distributions(client, signal)) {
    if (Comment !== comment) continue;
    const { Tags } = await client.send(new ListTagsForResourceCommand({ Resource: ARN }), { abortSignal: signal });
    const tags = Object.fromEntries((Tags?.Items ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
    found.push({ id, address, tags });
  }
  return found;
}

export async function countDistributions(config: ClientConfig, signal: AbortSignal): Promise<number> {
  let count = 0;
  for await (const _ of distributions(new CloudFrontClient(config), signal)) count++;
  return count;
}

async function* distributions(client: CloudFrontClient, signal: AbortSignal): AsyncGenerator<DistributionSummary> {
  for await (const page of paginateListDistributions({ client }, {}, { abortSignal: signal }))
    yield* page.DistributionList?.Items ?? [];
}
