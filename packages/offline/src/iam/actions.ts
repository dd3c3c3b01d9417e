import type { AwsLocation } from "../kit/aws-call";

/** What a call needs to be allowed. */
export interface Needed {
  action: string;
  /** An ARN, or `*` for an action without one. */
  resource: string;
}

type Input = Record<string, unknown>;
type Resources = (input: Input, place: AwsLocation) => string[];

/**
 * The actions of a call, each on its resource. An operation's action has its name, but for those of a batch or a transaction.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 *
 * @throws Error that names an operation which is not in the tables, or what its input lacks
 */
export function callsOf(service: string, operation: string, input: Input, place: AwsLocation): Needed[] {
  const operations = Object.hasOwn(SERVICES, service) ? (SERVICES[service] ?? {}) : {};
  const resources = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  if (resources === undefined) throw new Error(`${service}:${operation} is an action that is not evaluated here`);
  return resources(input, place).map((resource) => ({ action: `${service}:${operation}`, resource }));
}

const everything: Resources = () => ["*"];

const table: Resources = ({ TableName }, place) => [tableArn(TableName, place)];

const tableOrIndex: Resources = ({ TableName, IndexName }, place) => {
  const arn = tableArn(TableName, place);
  return [IndexName === undefined ? arn : `${arn}/index/${text("IndexName", IndexName)}`];
};

const tablesOfBatch: Resources = ({ RequestItems }, place) => {
  const names = Object.keys(Object(RequestItems));
  if (names.length === 0) throw new Error("RequestItems names no table");
  return names.map((name) => tableArn(name, place));
};

// As AWS names it in its refusals, with the name of a stream left empty: a policy on the bare group does not match it.
const group: Resources = ({ logGroupName, logGroupIdentifier }, place) => [
  `${groupArn(logGroupName ?? logGroupIdentifier, place)}:log-stream:`,
];

const stream: Resources = ({ logGroupName, logStreamName }, place) => [
  `${groupArn(logGroupName, place)}:log-stream:${text("logStreamName", logStreamName)}`,
];

const queue: Resources = ({ QueueUrl }, { region, accountId }) => [
  `arn:aws:sqs:${region}:${accountId}:${text("QueueUrl", QueueUrl).split("/").at(-1)}`,
];

const SERVICES: Record<string, Record<string, Resources>> = {
  // amazondynamodb.html
  dynamodb: {
    BatchGetItem: tablesOfBatch,
    BatchWriteItem: tablesOfBatch,
    CreateTable: table,
    DeleteItem: table,
    DeleteTable: table,
    DescribeTable: table,
    GetItem: table,
    ListTables: everything,
    PutItem: table,
    Query: tableOrIndex,
    Scan: tableOrIndex,
    UpdateItem: table,
    UpdateTable: table,
  },
  // amazoncloudwatchlogs.html
  logs: {
    CreateLogGroup: group,
    CreateLogStream: stream,
    DeleteLogGroup: group,
    DeleteLogStream: stream,
    DeleteRetentionPolicy: group,
    DescribeLogGroups: everything,
    DescribeLogStreams: group,
    FilterLogEvents: group,
    GetLogEvents: stream,
    PutLogEvents: stream,
    PutRetentionPolicy: group,
  },
  // amazonsqs.html
  sqs: { SendMessage: queue },
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
