import type { Description } from "./description";

export const SQS: Record<`aws:sqs/${string}`, Description> = {
  "aws:sqs/queue:Queue": {
    judged: `name contentBasedDeduplication delaySeconds fifoQueue kmsMasterKeyId
      kmsDataKeyReusePeriodSeconds maxMessageSize messageRetentionSeconds policy
      receiveWaitTimeSeconds redrivePolicy redriveAllowPolicy sqsManagedSseEnabled
      visibilityTimeoutSeconds`,
  },
  "aws:sqs/queuePolicy:QueuePolicy": { judged: "*" },
};
