import { appendFile, mkdir } from "node:fs/promises";
import path from "node:path";

import type { ResolvedGraph } from "@backend/sst-graph/resolve";

/** A queue of the graph. */
export interface Queue {
  name: string;
  arn: string;
  url: string;
  /** Bytes. */
  maxMessageSize: number;
  isFifo: boolean;
}

export interface Message {
  messageId: string;
  /** Epoch milliseconds. */
  sentAt: number;
  body: string;
  attributes: Record<string, unknown>;
}

/** Returns the queues of a graph by URL. */
export function queuesOf({ resources }: ResolvedGraph): Map<string, Queue> {
  const queues = resources
    .filter(({ type }) => type === "aws:sqs/queue:Queue")
    .map(({ inputs, outputs: { arn = "", url = "" } }): Queue => {
      // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
      return {
        name: String(inputs.name),
        arn,
        url,
        maxMessageSize: Number(inputs.maxMessageSize ?? 262_144),
        isFifo: inputs.fifoQueue === true,
      };
    });
  return new Map(queues.map((queue) => [queue.url, queue]));
}

/** Appends messages to the file of a queue, one JSON object per line. */
export async function appendMessages(folder: string, { name }: Queue, messages: Message[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lines = messages.map((message) => `${JSON.stringify(message)}\n`);
  await appendFile(path.join(folder, `${encodeURIComponent(name)}.ndjson`), lines.join(""));
}
