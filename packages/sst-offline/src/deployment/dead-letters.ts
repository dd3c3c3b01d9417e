import type { HandleAwsCall } from "../aws/api";
import type { SendDeadLetter } from "../lambda/asynchronous";
import type { Deployment } from "./deployment";

export interface DeadLetterOptions {
  deployment: Deployment;
  aws: HandleAwsCall;
  accessKeyOf(functionName: string): string;
  notice(text: string): void;
}

/**
 * Sends events that failed three times to the function's dead-letter queue. Lambda sends them with
 * the function's role, which must allow it.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
 */
export function createDeadLetters({ deployment, aws, accessKeyOf, notice }: DeadLetterOptions): SendDeadLetter {
  const { functions, queues, region } = deployment;
  const targets = new Map(functions.map(({ config, deadLetterArn }) => [config.arn, deadLetterArn]));

  return async ({ config: { arn, name } }, event, { requestId, errorMessage }) => {
    const target = targets.get(arn);
    const failure = `${name} could not handle an event`;
    if (target === undefined) return notice(`${failure}; the event is lost: ${errorMessage}`);
    const text = (StringValue: string) => ({ DataType: "String", StringValue });
    const input = {
      QueueUrl: [...queues.values()].find((queue) => queue.arn === target)?.url,
      MessageBody: event,
      MessageAttributes: {
        RequestID: text(requestId),
        ErrorCode: { DataType: "Number", StringValue: "200" },
        ErrorMessage: text(errorMessage.slice(0, 1024)),
      },
    };
    try {
      const refusal = await send(name, input);
      if (refusal === undefined) notice(`${failure}; the event is now in its dead-letter queue: ${errorMessage}`);
      else notice(`${failure}; the event is lost, because the queue ${target} rejected it (${refusal})`);
    } catch (error) {
      notice(`${failure}; the event is lost: ${(error as Error).message}`);
    }
  };

  /** Returns why the queue rejected the message, or `undefined` if it took it. */
  async function send(name: string, input: object): Promise<string | undefined> {
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyOf(name)}/20260101/${region}/sqs/aws4_request`;
    const { status, body } = await aws(authorization, "AmazonSQS.SendMessage", JSON.stringify(input));
    return status === 200 ? undefined : (JSON.parse(body) as { message?: string }).message;
  }
}
