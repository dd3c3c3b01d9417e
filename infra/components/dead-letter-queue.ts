import { physicalName } from "./physical-name";

/** Bytes of a message: as much as AWS services can hand to a function, so that every event fits. */
const MIB = 1_048_576;

/**
 * Creates a queue for events that a function could not handle in three attempts,
 * `<function>-<stage>-dead-letters`.
 */
export function deadLetterQueue(name: string, functionName: string): sst.aws.Queue {
  return new sst.aws.Queue(name, {
    transform: {
      queue: (queue) => {
        queue.name = `${physicalName(functionName)}-dead-letters`;
        queue.messageRetentionSeconds = 14 * 24 * 60 * 60; // the most there is
        queue.maxMessageSize = MIB;
        queue.sqsManagedSseEnabled = true;
      },
    },
  });
}
