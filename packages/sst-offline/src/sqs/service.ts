import { randomUUID } from "node:crypto";

import { type AwsCall, AwsError, type AwsResponse } from "../kit/aws-call";
import { type CheckedMessage, checkMessage, digestsOf, sqsError } from "./message";
import { appendMessages, type Queue } from "./queues";

type Input = AwsCall["input"];

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const MAX_BATCH_ENTRIES = 10;
const MAX_BATCH_BYTES = 1_048_576;
const ENTRY_ID = /^[\w-]{1,80}$/;

/**
 * Creates the sending part of SQS. Messages are written to files, and nothing receives them.
 *
 * @param queues queues by URL
 */
export function createSqs(queues: ReadonlyMap<string, Queue>, folder: string) {
  const operations: Record<string, (input: Input) => Promise<object>> = {
    GetQueueUrl: async ({ QueueName }) => {
      const queue = [...queues.values()].find(({ name }) => name === QueueName);
      if (queue === undefined) throw missing();
      return { QueueUrl: queue.url };
    },
    SendMessage: async (input) => {
      const queue = queueOf(input);
      const message = checkMessage(input, queue.maxMessageSize);
      const [MessageId] = await write(queue, [message]);
      return { MessageId, ...digestsOf(message) };
    },
    SendMessageBatch: sendBatch,
  };

  return async function handle({ operation, input }: AwsCall): Promise<AwsResponse> {
    const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    if (run === undefined) throw sqsError("UnsupportedOperation", `offline does not support sqs:${operation}`);
    return { status: 200, body: JSON.stringify(await run(input)) };
  };

  async function sendBatch(input: Input): Promise<object> {
    const queue = queueOf(input);
    const entries = entriesOf(input);
    const results = entries.map((entry) => ({ Id: entry.Id, ...check(entry, queue) }));
    const accepted = results.flatMap(({ Id, message }) => (message === undefined ? [] : [{ Id, message }]));
    const bytes = accepted.reduce((sum, { message }) => sum + message.bytes, 0);
    if (bytes > MAX_BATCH_BYTES) {
      const most = `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes.`;
      throw sqsError("BatchRequestTooLong", `${most} You have sent ${bytes} bytes.`);
    }
    const ids = await write(
      queue,
      accepted.map(({ message }) => message),
    );
    return {
      Successful: accepted.map(({ Id, message }, index) => ({ Id, MessageId: ids[index], ...digestsOf(message) })),
      Failed: results.flatMap(({ Id, failure }) =>
        failure === undefined
          ? []
          : [{ Id, Code: failure.type.split("#").at(-1), Message: failure.message, SenderFault: true }],
      ),
    };
  }

  function check(entry: Input, queue: Queue): { message?: CheckedMessage; failure?: AwsError } {
    try {
      return { message: checkMessage(entry, queue.maxMessageSize) };
    } catch (error) {
      if (error instanceof AwsError) return { failure: error };
      throw error;
    }
  }

  /** Finds a queue by account and name, because the host of its URL may be AWS's or local. */
  function queueOf({ QueueUrl }: Input): Queue {
    if (typeof QueueUrl !== "string" || QueueUrl === "") {
      throw sqsError("MissingParameter", "The request must contain the parameter QueueUrl.");
    }
    const address = addressOf(QueueUrl);
    const queue = [...queues.values()].find(({ url }) => addressOf(url) === address);
    if (queue === undefined) throw missing();
    if (queue.isFifo)
      throw sqsError("UnsupportedOperation", `offline does not support FIFO queues such as ${queue.name}`);
    return queue;
  }

  async function write(queue: Queue, messages: CheckedMessage[]): Promise<string[]> {
    const sentAt = Date.now();
    const stored = messages.map(({ body, attributes }) => ({ messageId: randomUUID(), sentAt, body, attributes }));
    await appendMessages(folder, queue, stored).catch((error: Error) => {
      throw sqsError("InternalError", `the message could not be written to ${folder}: ${error.message}`, 500);
    });
    return stored.map(({ messageId }) => messageId);
  }
}

function entriesOf({ Entries }: Input): Input[] {
  const entries = Array.isArray(Entries) ? Entries.map((entry) => Object(entry) as Input) : [];
  if (entries.length === 0) {
    throw sqsError("EmptyBatchRequest", "There should be at least one SendMessageBatchRequestEntry in the request.");
  }
  if (entries.length > MAX_BATCH_ENTRIES) {
    const most = `Maximum number of entries per request are ${MAX_BATCH_ENTRIES}.`;
    throw sqsError("TooManyEntriesInBatchRequest", `${most} You have sent ${entries.length}.`);
  }
  const seen = new Set<unknown>();
  for (const { Id } of entries) {
    if (typeof Id !== "string" || !ENTRY_ID.test(Id)) {
      const form = "A batch entry id can only contain alphanumeric characters, hyphens and underscores.";
      throw sqsError("InvalidBatchEntryId", `${form} It can be at most 80 letters long.`);
    }
    if (seen.has(Id)) throw sqsError("BatchEntryIdsNotDistinct", `Id ${Id} repeated.`);
    seen.add(Id);
  }
  return entries;
}

/** Returns account and name. */
function addressOf(url: string): string {
  return url.split("/").slice(-2).join("/");
}

function missing(): AwsError {
  return sqsError("QueueDoesNotExist", "The specified queue does not exist.");
}
