import { secureFunction } from "./function";
import { stagePolicy } from "./stage";

/** Bytes of a message: as much as CloudWatch Logs can hand to a function, so that every delivery fits. */
const MIB = 1_048_576;

interface Traffic {
  table: sst.aws.Dynamo;
  deadLetters: sst.aws.Queue;
  functions: { RollUpTraffic: sst.aws.Function; CompactTraffic: sst.aws.Function };
}

/**
 * Rolls the access log up into `SecureBackendTraffic-<stage>` as it is written: a subscription hands each delivery to
 * RollUpTraffic. Every minute CompactTraffic makes one row of each minute, hour and day that has ended.
 */
export function rollUpTraffic(accessLog: { arn: $util.Input<string>; name: $util.Input<string> }): Traffic {
  const table = trafficTable();
  const deadLetters = deadLetterQueue();

  const rollUp = secureFunction("RollUpTraffic", {
    handler: "packages/functions/src/roll-up-traffic.handler",
    description: "Adds deliveries of the access log to the traffic",
    // A partial that is written more than two minutes after the function began could escape compaction.
    timeout: "60 seconds",
    environment: { TRAFFIC_TABLE: table.name, DEAD_LETTER_QUEUE_URL: deadLetters.url },
    permissions: [
      { actions: ["dynamodb:PutItem"], resources: [table.arn] },
      { actions: ["sqs:SendMessage"], resources: [deadLetters.arn] },
    ],
    deadLetters: deadLetters.arn,
  });
  subscribe(accessLog, rollUp);

  const compact = secureFunction("CompactTraffic", {
    handler: "packages/functions/src/compact-traffic.handler",
    description: "Makes one row of each minute, hour and day of traffic",
    timeout: "5 minutes",
    environment: { TRAFFIC_TABLE: table.name },
    permissions: [{ actions: ["dynamodb:Query", "dynamodb:PutItem"], resources: [table.arn] }],
  });
  // Each GET /traffic reads all that is not compacted yet.
  schedule("CompactTraffic", "rate(1 minute)", compact);
  return { table, deadLetters, functions: { RollUpTraffic: rollUp, CompactTraffic: compact } };
}

/**
 * Partials and rows by granularity and time, which expire by themselves: minutes after 2 days,
 * hours after 90, days after 2 years.
 */
function trafficTable(): sst.aws.Dynamo {
  const { keepEvidence, pointInTimeRecovery } = stagePolicy($app.stage);
  return new sst.aws.Dynamo("Traffic", {
    fields: { pk: "string", sk: "string" },
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    ttl: "expiresAt",
    deletionProtection: keepEvidence,
    transform: {
      table: (table, options) => {
        table.name = `SecureBackendTraffic-${$app.stage}`;
        table.pointInTimeRecovery = { enabled: pointInTimeRecovery };
        options.retainOnDelete = keepEvidence;
      },
    },
  });
}

/** Deliveries that could not be counted, as they came: invoking RollUpTraffic with one again makes up for it. */
function deadLetterQueue(): sst.aws.Queue {
  return new sst.aws.Queue("TrafficDeadLetters", {
    transform: {
      queue: (queue) => {
        queue.name = `RollUpTraffic-${$app.stage}-dead-letters`;
        queue.messageRetentionSeconds = 14 * 24 * 60 * 60; // the most there is
        queue.maxMessageSize = MIB;
        queue.sqsManagedSseEnabled = true;
      },
    },
  });
}

/** CloudWatch Logs tries whether it may invoke the function when the filter is made: the permission has to be there. */
function subscribe(logGroup: { arn: $util.Input<string>; name: $util.Input<string> }, target: sst.aws.Function): void {
  const { accountId } = aws.getCallerIdentityOutput();
  const permission = new aws.lambda.Permission("RollUpTrafficPermission", {
    action: "lambda:InvokeFunction",
    function: target.name,
    principal: "logs.amazonaws.com",
    sourceAccount: accountId,
    sourceArn: $interpolate`${logGroup.arn}:*`,
  });
  new aws.cloudwatch.LogSubscriptionFilter(
    "RollUpTrafficSubscription",
    {
      name: `RollUpTraffic-${$app.stage}`,
      logGroup: logGroup.name,
      destinationArn: target.arn,
      filterPattern: "", // every line, also one that cannot be read: it is counted as such
    },
    { dependsOn: [permission] },
  );
}

/** Runs a function by the clock, in a role that no other account's schedule can make use of. */
function schedule(name: string, rate: `rate(${string})`, target: sst.aws.Function): void {
  const { accountId } = aws.getCallerIdentityOutput();
  new sst.aws.CronV2(`${name}Timer`, {
    schedule: rate,
    function: target.arn,
    retries: 2,
    transform: {
      schedule: (args) => {
        args.name = `${name}-${$app.stage}`;
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
