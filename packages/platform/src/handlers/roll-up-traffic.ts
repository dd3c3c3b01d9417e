import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { CloudWatchLogsEvent, Context } from "aws-lambda";
import { awsClientConfig, BACKGROUND_LIMITS } from "../lambda/aws-client";
import { linesOf } from "../lambda/delivery";
import { variable } from "../lambda/environment";
import { dynamoTrafficStore } from "../lambda/traffic-store";
import type { DeliveredLine } from "../traffic/partial";
import { rollUp } from "../traffic/roll-up";

const store = dynamoTrafficStore(new DynamoDBClient(awsClientConfig(BACKGROUND_LIMITS)), variable("TRAFFIC_TABLE"));
// Otherwise, the SDK would use the queue URL's host instead of the endpoint in the environment.
const deadLetters = {
  client: new SQSClient({ ...awsClientConfig(BACKGROUND_LIMITS), useQueueUrlAsEndpoint: false }),
  url: variable("DEAD_LETTER_QUEUE_URL"),
};

/**
 * Adds a delivery of the access log to the traffic. CloudWatch Logs invokes the function
 * asynchronously. If it throws, Lambda retries twice and then sends the event to the dead-letter
 * queue (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html).
 * Retries count nothing twice.
 *
 * A delivery that cannot be parsed is not retried, but sent to the same queue unchanged. To replay
 * a message, invoke this function with its body.
 */
export async function handler(
  event: CloudWatchLogsEvent,
  { awsRequestId }: Pick<Context, "awsRequestId">,
): Promise<void> {
  let lines: DeliveredLine[];
  try {
    lines = linesOf(event);
  } catch (error) {
    console.error({ lambdaRequestId: awsRequestId, message: "the delivery cannot be read", error: String(error) });
    // Up to 1 MiB, the maximum of an asynchronous invocation. The queue must allow it.
    await deadLetters.client.send(
      new SendMessageCommand({ QueueUrl: deadLetters.url, MessageBody: JSON.stringify(event) }),
    );
    return;
  }
  await rollUp(lines, store, Date.now());
  console.info({ lambdaRequestId: awsRequestId, lines: lines.length });
}
