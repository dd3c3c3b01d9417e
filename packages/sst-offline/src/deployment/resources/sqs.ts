import { type Coverage, not } from "./reasons";

const QUEUES = not("queues", "sent messages are stored in files; nothing receives them, and they never expire");

export const SQS: Record<`aws:sqs/${string}`, Coverage> = {
  "aws:sqs/queue:Queue": {
    contentBasedDeduplication: QUEUES,
    delaySeconds: QUEUES,
    fifoQueue: QUEUES,
    maxMessageSize: true,
    messageRetentionSeconds: QUEUES,
    name: true,
    sqsManagedSseEnabled: QUEUES,
    visibilityTimeoutSeconds: QUEUES,
  },
};
