import { OPERATIONS } from "../dynamodb/operations";
import type { AwsLocation } from "../kit/aws-call";

/** A permission that a call needs. */
export interface Needed {
  action: string;
  /** An ARN, or `*` for an action without a resource. */
  resource: string;
}

type Input = Record<string, unknown>;
/** Returns ARNs, or permissions if the action does not have the operation's name. */
type Resources = (input: Input, place: AwsLocation) => (string | Needed)[];

/**
 * Returns the permissions that a call needs.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 *
 * @returns nothing for an unsupported operation of DynamoDB, whose error names the reason
 * @throws Error that names an operation without a row here, or the missing member of its input
 */
export function callsOf(service: string, operation: string, input: Input, place: AwsLocation): Needed[] {
  const operations = Object.hasOwn(SERVICES, service) ? (SERVICES[service] ?? {}) : {};
  const resources = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  if (resources === undefined && service === "dynamodb" && Object.hasOwn(OPERATIONS, operation)) return [];
  if (resources === undefined) throw new Error(`offline cannot evaluate permissions for ${service}:${operation}`);
  return resources(input, place).map((needed) =>
    typeof needed === "string" ? { action: `${service}:${operation}`, resource: needed } : needed,
  );
}

const everything: Resources = () => ["*"];

const table: Resources = ({ TableName }, place) => [tableArn(TableName, place)];

const tableOrIndex: Resources = ({ TableName, IndexName }, place) => {
  const arn = tableArn(TableName, place);
  return [IndexName === undefined ? arn : `${arn}/index/${text("IndexName", IndexName)}`];
};

const tablesOfBatch: Resources = ({ RequestItems }, place) => {
  const names = Object.keys(Object(RequestItems));
  if (names.length === 0) throw new Error("RequestItems contains no table");
  return names.map((name) => tableArn(name, place));
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html */
const TRANSACTION_ACTIONS: Record<string, string> = {
  ConditionCheck: "dynamodb:ConditionCheckItem",
  Delete: "dynamodb:DeleteItem",
  Get: "dynamodb:GetItem",
  Put: "dynamodb:PutItem",
  Update: "dynamodb:UpdateItem",
};

const tablesOfTransaction: Resources = ({ TransactItems }, place) => {
  if (!Array.isArray(TransactItems)) throw new Error("TransactItems is not a list");
  return TransactItems.flatMap((item) =>
    Object.entries(Object(item) as Input).map(([kind, given]) => {
      const action = Object.hasOwn(TRANSACTION_ACTIONS, kind) ? TRANSACTION_ACTIONS[kind] : undefined;
      if (action === undefined) throw new Error(`${kind} is not an action of a transaction`);
      return { action, resource: tableArn((Object(given) as Input).TableName, place) };
    }),
  );
};

const tagged: Resources = ({ ResourceArn }, place) => [tableArn(ResourceArn, place)];

// Recorded in https://github.com/hashicorp/terraform-provider-aws/issues/8804
const allGroups: Resources = (_input, { region, accountId }) => [
  `arn:aws:logs:${region}:${accountId}:log-group::log-stream:`,
];

// The ARN in AWS's errors ends in an empty stream name. A policy for the plain group does not
// match.
const group: Resources = ({ logGroupName, logGroupIdentifier }, place) => [
  `${groupArn(logGroupName ?? logGroupIdentifier, place)}:log-stream:`,
];

const stream: Resources = ({ logGroupName, logGroupIdentifier, logStreamName }, place) => [
  `${groupArn(logGroupName ?? logGroupIdentifier, place)}:log-stream:${text("logStreamName", logStreamName)}`,
];

const queue: Resources = ({ QueueUrl }, { region, accountId }) => [
  `arn:aws:sqs:${region}:${accountId}:${text("QueueUrl", QueueUrl).split("/").at(-1)}`,
];

/**
 * SendMessageBatch has no action of its own.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
 */
const queueOfBatch: Resources = (input, place) =>
  queue(input, place).map((resource) => ({ action: "sqs:SendMessage", resource: String(resource) }));

const lambdaFunction: Resources = ({ FunctionName }, { region, accountId }) => [
  `arn:aws:lambda:${region}:${accountId}:function:${text("FunctionName", FunctionName).split(":").at(-1)}`,
];

const queueByName: Resources = ({ QueueName }, { region, accountId }) => [
  `arn:aws:sqs:${region}:${accountId}:${text("QueueName", QueueName)}`,
];

const SERVICES: Record<string, Record<string, Resources>> = {
  // amazondynamodb.html
  dynamodb: {
    BatchGetItem: tablesOfBatch,
    BatchWriteItem: tablesOfBatch,
    DeleteItem: table,
    DescribeContinuousBackups: table,
    DescribeLimits: everything,
    DescribeTable: table,
    DescribeTimeToLive: table,
    GetItem: table,
    ListTables: everything,
    ListTagsOfResource: tagged,
    PutItem: table,
    Query: tableOrIndex,
    Scan: tableOrIndex,
    TransactGetItems: tablesOfTransaction,
    TransactWriteItems: tablesOfTransaction,
    UpdateItem: table,
  },
  // amazoncloudwatchlogs.html
  logs: {
    CreateLogGroup: group,
    CreateLogStream: stream,
    DeleteLogGroup: group,
    DeleteLogStream: stream,
    DeleteRetentionPolicy: group,
    DescribeLogGroups: allGroups,
    DescribeLogStreams: group,
    FilterLogEvents: group,
    GetLogEvents: stream,
    PutLogEvents: stream,
    PutRetentionPolicy: group,
  },
  // awslambda.html
  lambda: {
    DeleteFunctionConcurrency: lambdaFunction,
    GetFunctionConcurrency: lambdaFunction,
    PutFunctionConcurrency: lambdaFunction,
  },
  // amazonsqs.html
  sqs: { GetQueueUrl: queueByName, SendMessage: queue, SendMessageBatch: queueOfBatch },
};

function tableArn(name: unknown, { region, accountId }: AwsLocation): string {
  const given = text("TableName", name);
  return given.startsWith("arn:") ? given : `arn:aws:dynamodb:${region}:${accountId}:table/${given}`;
}

function groupArn(name: unknown, { region, accountId }: AwsLocation): string {
  const given = text("logGroupName", name);
  return given.startsWith("arn:")
    ? given.replace(/:\*$/, "")
    : `arn:aws:logs:${region}:${accountId}:log-group:${given}`;
}

function text(what: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new Error(`expected ${what}, found ${JSON.stringify(value)}`);
}
