import { createHash, randomUUID } from "node:crypto";

import { type AwsAnswer, type AwsCall, AwsError } from "../kit/aws-call";
import { keepMessage, type Queue } from "./queues";

/**
 * SQS, as far as sending goes: what the backend declares queues for is what could not be done.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 *
 * @param queues by URL
 */
export function createSqs(queues: ReadonlyMap<string, Queue>, folder: string) {
  return async function handle({ operation, input }: AwsCall): Promise<AwsAnswer> {
    if (operation !== "SendMessage")
      throw new AwsError("com.amazonaws.sqs#UnsupportedOperation", `offline does not serve sqs:${operation}`);
    const { QueueUrl, MessageBody: body, MessageAttributes: attributes } = input;
    const queue = queues.get(String(QueueUrl));
    if (queue === undefined)
      throw new AwsError("com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.");
    if (typeof body !== "string" || body === "")
      throw new AwsError("com.amazonaws.sqs#MissingParameter", "The request must contain the parameter MessageBody.");
    if (Buffer.byteLength(body) > queue.maxMessageSize) {
      const most = `The message must be shorter than ${queue.maxMessageSize} bytes.`;
      throw new AwsError(
        "com.amazonaws.sqs#InvalidParameterValue",
        `One or more parameters are invalid. Reason: ${most}`,
      );
    }
    const messageId = randomUUID();
    await keepMessage(folder, queue, { messageId, sentAt: Date.now(), body, attributes: Object(attributes) });
    const MD5OfMessageBody = createHash("md5").update(body).digest("hex");
    return { status: 200, body: JSON.stringify({ MessageId: messageId, MD5OfMessageBody }) };
  };
}
