import { CloudFrontClient, ListTagsForResourceCommand, paginateListDistributions } from "@aws-sdk/client-cloudfront";

import type { Tagged } from "./api-stages";
import type { clientConfig } from "./client-config";

/** The CloudFront distributions with this comment. A distribution has no name. */
export async function distributionsOf(
  config: ReturnType<typeof clientConfig>,
  comment: string,
  signal: AbortSignal,
): Promise<Tagged[]> {
  const client = new CloudFrontClient(config);
  const options = { abortSignal: signal };
  const found: Tagged[] = [];
  for await (const { DistributionList } of paginateListDistributions({ client }, {}, options)) {
    for (const { Id: id = "", ARN, DomainName: address = "", Comment } of DistributionList?.Items ?? []) {
      if (Comment !== comment) continue;
      const { Tags } = await client.send(new ListTagsForResourceCommand({ Resource: ARN }), options);
      const tags = Object.fromEntries((Tags?.Items ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
      found.push({ id, address, tags });
    }
  }
  return found;
}
