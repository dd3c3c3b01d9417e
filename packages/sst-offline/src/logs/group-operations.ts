import type { AwsLocation } from "../kit/aws-call";
import type { LogGroup, LogGroups, StoredStream } from "./groups";
import {
  constraint,
  exists,
  flag,
  groupNameIn,
  invalid,
  notFound,
  oneOf,
  paged,
  streamNameIn,
  textIn,
  wholeNumber,
} from "./input";
import type { Operation } from "./operation";
import type { Block, StreamIndexes } from "./stream-index";

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html
const ORDERS = ["LogStreamName", "LastEventTime"] as const;
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
const GROUP_CLASSES = ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"] as const;

/** The default and the maximum of items in a page. */
const MAX_PAGE_ITEMS = 50;

/** The operations that create, describe and delete log groups and streams. */
export function groupOperations(
  groups: LogGroups,
  indexes: StreamIndexes,
  { region, accountId }: AwsLocation,
): Record<string, Operation> {
  const arnOf = (name: string) => `arn:aws:logs:${region}:${accountId}:log-group:${name}`;

  return {
    async CreateLogGroup(input) {
      const name = groupNameIn(input);
      // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
      if (name.startsWith("aws/")) throw invalid("Log group names can't start with the string aws/.");
      oneOf(input, "logGroupClass", GROUP_CLASSES);
      if ((await groups.find(name)) !== undefined) throw exists("log group");
      await groups.save({ name, createdAt: Date.now() });
      return undefined;
    },

    async DeleteLogGroup(input) {
      await groups.remove((await existing(input)).name);
      return undefined;
    },

    async PutRetentionPolicy(input) {
      const group = await existing(input);
      const retentionInDays = input.retentionInDays as number;
      if (!RETENTIONS.includes(retentionInDays))
        throw constraint("retentionInDays", retentionInDays, `satisfy enum value set: [${RETENTIONS.join(", ")}]`);
      await groups.save({ ...group, retentionInDays });
      return undefined;
    },

    async DeleteRetentionPolicy(input) {
      const { retentionInDays: _gone, ...group } = await existing(input);
      await groups.save(group);
      return undefined;
    },

    async DescribeLogGroups(input) {
      const [prefix, pattern] = [textIn(input, "logGroupNamePrefix"), textIn(input, "logGroupNamePattern")];
      if (prefix !== undefined && pattern !== undefined)
        throw invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
      const limit = wholeNumber(input, "limit", 1, MAX_PAGE_ITEMS, MAX_PAGE_ITEMS);
      const found = (await groups.list()).filter(
        ({ name }) => name.startsWith(prefix ?? "") && name.toLowerCase().includes(pattern?.toLowerCase() ?? ""),
      );
      const { items, nextToken } = paged(input, found, limit);
      const logGroups = await Promise.all(items.map(groupDescription));
      return { logGroups, ...(nextToken !== undefined && { nextToken }) };
    },

    async CreateLogStream(input) {
      const { name } = await existing(input);
      const stream = streamNameIn(input);
      if (await groups.hasStream(name, stream)) throw exists("log stream");
      await groups.createStream(name, stream);
      return undefined;
    },

    async DeleteLogStream(input) {
      const { name } = await existing(input);
      const stream = streamNameIn(input);
      if (!(await groups.hasStream(name, stream))) throw notFound("log stream");
      await groups.removeStream(name, stream);
      return undefined;
    },

    async DescribeLogStreams(input) {
      const { name } = await existing(input);
      const prefix = textIn(input, "logStreamNamePrefix");
      const orderBy = oneOf(input, "orderBy", ORDERS) ?? "LogStreamName";
      if (orderBy === "LastEventTime" && prefix !== undefined)
        throw invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
      const isDescending = flag(input, "descending", false);
      const limit = wholeNumber(input, "limit", 1, MAX_PAGE_ITEMS, MAX_PAGE_ITEMS);
      const names = (await groups.streamNamesOf(name)).filter((stream) => stream.startsWith(prefix ?? ""));
      const inOrder = orderBy === "LastEventTime" ? await byLastEvent(name, names) : names;
      const { items, nextToken } = paged(input, isDescending ? inOrder.reverse() : inOrder, limit);
      const logStreams = await streamDescriptions(name, items);
      return { logStreams, ...(nextToken !== undefined && { nextToken }) };
    },
  };

  async function existing(input: Parameters<Operation>[0]): Promise<LogGroup> {
    const group = await groups.find(groupNameIn(input));
    if (group === undefined) throw notFound("log group");
    return group;
  }

  async function groupDescription({ name, createdAt, retentionInDays }: LogGroup) {
    const streams = await groups.streamsOf(name);
    return {
      logGroupName: name,
      creationTime: createdAt,
      ...(retentionInDays !== undefined && { retentionInDays }),
      metricFilterCount: 0,
      arn: `${arnOf(name)}:*`,
      storedBytes: streams.reduce((sum, { bytes }) => sum + bytes, 0),
      logGroupClass: "STANDARD",
      logGroupArn: arnOf(name),
    };
  }

  /** Sorts by the time of the last log event. Streams without log events come first. */
  async function byLastEvent(group: string, names: string[]): Promise<string[]> {
    const streams = await groups.streamsOf(group);
    const lastEvents = new Map<string, number>();
    for (const { file, last } of await indexes.blocksOf(streams))
      lastEvents.set(file, Math.max(last, lastEvents.get(file) ?? 0));
    const files = new Map(streams.map(({ name, file }) => [name, file]));
    const lastEventOf = (name: string) => lastEvents.get(files.get(name) ?? "") ?? 0;
    return names.sort((a, b) => lastEventOf(a) - lastEventOf(b));
  }

  async function streamDescriptions(group: string, names: string[]) {
    const wanted = new Set(names);
    const streams = await groups.streamsOf(group, (name) => wanted.has(name));
    const blocks = await indexes.blocksOf(streams);
    const descriptions = new Map(
      streams.map((stream) => [
        stream.name,
        describeStream(
          group,
          stream,
          blocks.filter(({ file }) => file === stream.file),
        ),
      ]),
    );
    return names.flatMap((name) => descriptions.get(name) ?? []);
  }

  function describeStream(group: string, { name, createdAt, writtenAt }: StoredStream, blocks: Block[]) {
    const times = blocks.length > 0 && {
      firstEventTimestamp: blocks.reduce((least, { first }) => Math.min(least, first), Number.POSITIVE_INFINITY),
      lastEventTimestamp: blocks.reduce((most, { last }) => Math.max(most, last), 0),
      lastIngestionTime: writtenAt,
    };
    return {
      logStreamName: name,
      creationTime: createdAt,
      ...(times as { firstEventTimestamp?: number; lastEventTimestamp?: number; lastIngestionTime?: number }),
      arn: `${arnOf(group)}:log-stream:${name}`,
      storedBytes: 0, // AWS has reported 0 since 2019
    };
  }
}
