import type { Description } from "./description";

export const SNS: Record<`aws:sns/${string}`, Description> = {
  "aws:sns/topic:Topic": { judged: "name displayName kmsMasterKeyId policy" },
  "aws:sns/topicPolicy:TopicPolicy": { judged: "*" },
  "aws:sns/topicSubscription:TopicSubscription": {
    judged: `topic protocol endpoint filterPolicy filterPolicyScope deliveryPolicy endpointAutoConfirms
      confirmationTimeoutInMinutes`,
  },
};
