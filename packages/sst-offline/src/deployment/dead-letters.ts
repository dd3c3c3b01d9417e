import type { AnswerAwsCall } from "../aws/api";
import type { SendDeadLetter } from "../lambda/asynchronous";
import type { Deployment } from "./deployment";

export interface DeadLetterOptions {
  deployment: Deployment;
  aws: AnswerAwsCall;
  accessKeyOf(functionName: string): string;
  notice(text: string): void;
}

/**
 * Sends events that failed three times to the function's dead-letter queue. Lambda does so in the
 * function's own name: its role must allow that.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
 */
export function createDeadLetters({ deployment, aws, accessKeyOf, notice }: DeadLetterOptions): SendDeadLetter {
  const { functions, queues, region } = deployment;
  const targets = new Map(functions.map(({ config, deadLetterArn }) => [config.arn, deadLetterArn]));

  return async ({ config: { arn, name } }, event, { requestId, errorMessage }) => {
    const target = targets.get(arn);
    if (target === undefined) return notice(`${name} failed three times for an event, which is lost: ${errorMessage}`);
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
      if (refusal === undefined)
        notice(`${name} failed three times for an event, which is in the dead-letter queue now: ${errorMessage}`);
      else
        notice(`${name} failed three times for an event, which is lost: the queue ${target} refused it (${refusal})`);
    } catch (error) {
      notice(`${name} failed three times for an event, which is lost: ${(error as Error).message}`);
    }
  };

  /** Returns why the queue refused the message. */
  async function send(name: string, input: object): Promise<string | undefined> {
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyOf(name)}/20260101/${region}/sqs/aws4_request`;
    const { status, body } = await aws(authorization, "AmazonSQS.SendMessage", JSON.stringify(input));
    return status === 200 ? undefined : (JSON.parse(body) as { message?: string }).message;
  }
}
