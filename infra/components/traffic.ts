import { deadLetterQueue } from "./dead-letter-queue";
import { physicalName } from "./physical-name";
import type { SecureApi } from "./secure-api";
import { backgroundFunction, type LambdaFunction } from "./secure-function";
import { type SecureTable, secureTable } from "./secure-table";

interface Traffic {
  table: SecureTable<never>;
}

/**
 * Rolls the access log up into a table as it is written: a subscription hands each delivery to
 * RollUpTraffic. Every minute CompactTraffic makes one row of each minute, hour and day that has
 * ended.
 */
export function rollUpTraffic({
  accessLog,
  prefix,
  watch,
}: Pick<SecureApi, "accessLog" | "prefix" | "watch">): Traffic {
  const table = secureTable(`${prefix}Traffic`, {
    fields: { pk: "string", sk: "string" },
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    ttl: "expiresAt", // minutes after 2 days, hours after 90 days, days after 2 years
  });
  // Deliveries that could not be counted, unchanged. To count one, invoke RollUpTraffic with it
  // again.
  const deadLetters = deadLetterQueue(`${prefix}TrafficDeadLetters`, `${prefix}RollUpTraffic`);

  const rollUp = backgroundFunction(`${prefix}RollUpTraffic`, {
    handler: "packages/platform/src/handlers/roll-up-traffic.handler",
    description: "Adds deliveries of the access log to the traffic",
    // A partial that is written more than two minutes after the function began could escape
    // compaction.
    timeout: "60 seconds",
    uses: [table.grant("TRAFFIC_TABLE", ["PutItem"])],
    environment: { DEAD_LETTER_QUEUE_URL: deadLetters.url },
    deadLetters,
  });
  subscribe(accessLog, rollUp);

  const compact = backgroundFunction(`${prefix}CompactTraffic`, {
    handler: "packages/platform/src/handlers/compact-traffic.handler",
    description: "Makes one row of each minute, hour and day of traffic",
    timeout: "5 minutes",
    uses: [table.grant("TRAFFIC_TABLE", ["Query", "PutItem"])],
  });
  // Each GET /traffic reads all that is not compacted yet.
  schedule("rate(1 minute)", compact);
  watch({ functions: [rollUp, compact], deadLetters });
  return { table };
}

/**
 * CloudWatch Logs checks its permission when the filter is created, so the permission must exist
 * first.
 */
function subscribe(logGroup: SecureApi["accessLog"], { name, lambda }: LambdaFunction): void {
  const { accountId } = aws.getCallerIdentityOutput();
  const permission = new aws.lambda.Permission(`${name}Permission`, {
    action: "lambda:InvokeFunction",
    function: lambda.name,
    principal: "logs.amazonaws.com",
    sourceAccount: accountId,
    sourceArn: $interpolate`${logGroup.arn}:*`,
  });
  new aws.cloudwatch.LogSubscriptionFilter(
    `${name}Subscription`,
    {
      name: physicalName(name),
      logGroup: logGroup.name,
      destinationArn: lambda.arn,
      filterPattern: "", // every line: unparseable lines are counted separately
    },
    { dependsOn: [permission] },
  );
}

/** Runs a function on a schedule, with a role that schedules of other accounts cannot use. */
function schedule(rate: `rate(${string})`, { name, lambda }: LambdaFunction): void {
  const { accountId } = aws.getCallerIdentityOutput();
  new sst.aws.CronV2(`${name}Timer`, {
    schedule: rate,
    function: lambda.arn,
    retries: 2,
    transform: {
      schedule: (args) => {
        args.name = physicalName(name);
      },
      role: (role) => {
        // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
        role.assumeRolePolicy = $jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: "sts:AssumeRole",
              Principal: { Service: "scheduler.amazonaws.com" },
              Condition: { StringEquals: { "aws:SourceAccount": accountId } },
            },
          ],
        });
      },
    },
  });
}
