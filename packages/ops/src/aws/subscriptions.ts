import { NotFoundException, paginateListSubscriptionsByTopic, SNSClient } from "@aws-sdk/client-sns";

import type { ClientConfig } from "./client-config";

export interface Subscription {
  endpoint: string;
  /** The link in SNS's mail has been followed. */
  isConfirmed: boolean;
}

/** The subscriptions of a topic; undefined where there is no such topic. */
export async function subscriptionsTo(
  config: ClientConfig,
  TopicArn: string,
  signal: AbortSignal,
): Promise<Subscription[] | undefined> {
  const client = new SNSClient(config);
  const found: Subscription[] = [];
  try {
    for await (const page of paginateListSubscriptionsByTopic({ client }, { TopicArn }, { abortSignal: signal })) {
      // https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
      for (const { Endpoint: endpoint = "", SubscriptionArn } of page.Subscriptions ?? [])
        found.push({ endpoint, isConfirmed: SubscriptionArn?.startsWith("arn:") === true });
    }
  } catch (error) {
    if (error instanceof NotFoundException) return undefined;
    throw error;
  }
  return found;
}
