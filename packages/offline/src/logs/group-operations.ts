import type { AwsLocation } from "../kit/aws-call";
import type { Operation } from "./api";
import type { LogGroup, LogGroups, StoredStream } from "./groups";
import {
  constraint,
  exists,
  flag,
  groupNameIn,
  invalid,
  notFound,
  paged,
  streamNameIn,
  textIn,
  wholeNumber,
} from "./input";
import type { StreamIndexes } from "./stream-index";

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Most items of a page, and as many as there are without a limit. */
const PAGE = 50;

/** What makes, names and takes away log groups and streams. */
export function groupOperations(
  groups: LogGroups,
  indexes: StreamIndexes,
  { region, accountId }: AwsLocation,
): Record<string, Operation> {
  const arnOf = (name: string) => `arn:aws:logs:${region}:${accountId}:log-group:${name}`;

  return {
    async CreateLogGroup(input) {
      const name = groupNameIn(input);
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
      const limit = wholeNumber(input, "limit", 1, PAGE, PAGE);
      const found = (await groups.list()).filter(
        ({ name }) => name.startsWith(prefix ?? "") && name.toLowerCase().includes(pattern?.toLowerCase() ?? ""),
      );
      const { items, nextToken } = paged(input, found, limit);
      const logGroups = await Promise.all(items.map(described));
      return { logGroups, ...(nextToken !== undefined && { nextToken }) };
    },

    async CreateLogStream(input) {
      const { name } = await existing(input);
      const stream = streamNameIn(input);
      if ((await groups.streamsOf(name)).some((known) => known.name === stream)) throw exists("log stream");
      await groups.createStream(name, stream);
      return undefined;
    },

    async DeleteLogStream(input) {
      const { name } = await existing(input);
      const stream = streamNameIn(input);
      if (!(await groups.streamsOf(name)).some((known) => known.name === stream)) throw notFound("log stream");
      await groups.removeStream(name, stream);
      return undefined;
    },

    async DescribeLogStreams(input) {
      const { name } = await existing(input);
      const prefix = textIn(input, "logStreamNamePrefix");
      const orderBy = textIn(input, "orderBy") ?? "LogStreamName";
      if (!["LogStreamName", "LastEventTime"].includes(orderBy))
        throw constraint("orderBy", orderBy, "satisfy enum value set: [LogStreamName, LastEventTime]");
      if (orderBy === "LastEventTime" && prefix !== undefined)
        throw invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
      const limit = wholeNumber(input, "limit", 1, PAGE, PAGE);
      const streams = (await groups.streamsOf(name)).filter((stream) => stream.name.startsWith(prefix ?? ""));
      const all = await Promise.all(streams.map((stream) => streamDescription(name, stream)));
      if (orderBy === "LastEventTime") all.sort((a, b) => (a.lastEventTimestamp ?? 0) - (b.lastEventTimestamp ?? 0));
      if (flag(input, "descending", false)) all.reverse();
      const { items, nextToken } = paged(input, all, limit);
      return { logStreams: items, ...(nextToken !== undefined && { nextToken }) };
    },
  };

  async function existing(input: Parameters<Operation>[0]): Promise<LogGroup> {
    const group = await groups.find(groupNameIn(input));
    if (group === undefined) throw notFound("log group");
    return group;
  }

  async function described({ name, createdAt, retentionInDays }: LogGroup) {
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

  async function streamDescription(group: string, { name, file, createdAt, writtenAt }: StoredStream) {
    const blocks = await indexes.blocksOf(file);
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
      storedBytes: 0, // AWS has counted none since 2019
    };
  }
}
