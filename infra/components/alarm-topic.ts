import { stagePolicy } from "../stage";
import { deadLetterQueue } from "./dead-letter-queue";
import { once } from "./once";
import { physicalName } from "./physical-name";
import { backgroundFunction, type LambdaFunction } from "./secure-function";

/** The file of this repository whose sections say what to do about each alarm. */
const RUNBOOK = "docs/operating.md";

interface Webhook {
  post: LambdaFunction;
  deadLetters: sst.aws.Queue;
}

/**
 * Where the alarms of all APIs go. The topic is not encrypted with a key in KMS: CloudWatch may not
 * use the key that AWS manages for SNS, and drops alarms without an error
 * (https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns). A key of our own would cost
 * more than all alarms, for messages that hold a metric and its value. The policy lets alarms of
 * this account publish, by TLS.
 */
export const alarmTopic = once((): { topic: aws.sns.Topic; webhook: Webhook | undefined } => {
  const { recipients, webhook } = stagePolicy($app.stage).alarms;
  const topic = new aws.sns.Topic("Alarms", { name: `${physicalName("")}-alarms` });
  const { accountId } = aws.getCallerIdentityOutput();
  new aws.sns.TopicPolicy("AlarmsPolicy", {
    arn: topic.arn,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "AlarmsOfThisAccount",
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: "sns:Publish",
          Resource: topic.arn,
          Condition: { StringEquals: { "aws:SourceAccount": accountId } },
        },
        {
          Sid: "NothingWithoutTls",
          Effect: "Deny",
          Principal: "*",
          Action: "sns:Publish",
          Resource: topic.arn,
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    }),
  });
  for (const [index, endpoint] of recipients.entries()) {
    new aws.sns.TopicSubscription(`AlarmRecipient${index + 1}`, { topic: topic.arn, protocol: "email", endpoint });
  }
  return { topic, webhook: webhook === true ? postAlarms(topic) : undefined };
});

/**
 * Returns the webhook's URL without white space at its ends. Throws an Error, without the value,
 * for one that is not https: nobody would notice before the first alarm, which it would send in the
 * clear.
 */
export function readWebhookUrl(value: string): string {
  const url = value.trim();
  if (URL.canParse(url) && url.startsWith("https://")) return url;
  throw new Error(
    "secret AlarmWebhookUrl: expected a URL that starts with https://. " +
      'Set it with: npx --yes pnpm@12 exec sst secret set AlarmWebhookUrl "https://..." --stage STAGE',
  );
}

/**
 * Creates the function that posts alarms to a webhook. The URL is the secret `AlarmWebhookUrl`:
 * anyone who has it can write to the channel.
 */
function postAlarms(topic: aws.sns.Topic): Webhook {
  const name = "AlarmWebhook";
  const deadLetters = deadLetterQueue(`${name}DeadLetters`, name);
  const post = backgroundFunction(name, {
    handler: "packages/platform/src/handlers/alarm-webhook.handler",
    description: "Posts alarms to a webhook",
    timeout: "20 seconds",
    memory: "256 MB",
    environment: { ALARM_WEBHOOK_URL: new sst.Secret("AlarmWebhookUrl").value.apply(readWebhookUrl), RUNBOOK },
    deadLetters,
  });
  const permission = new aws.lambda.Permission(`${name}Permission`, {
    action: "lambda:InvokeFunction",
    function: post.lambda.name,
    principal: "sns.amazonaws.com",
    sourceArn: topic.arn,
  });
  new aws.sns.TopicSubscription(
    `${name}Subscription`,
    { topic: topic.arn, protocol: "lambda", endpoint: post.lambda.arn },
    { dependsOn: [permission] },
  );
  return { post, deadLetters };
}
