import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  GetLogEventsCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";
import { idOf, serve } from "@backend/testing/serving";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FixtureProject, fixtureProject } from "../../test/project";

const GROUP = "/aws/apigateway/Api/dev";
const NOW = Date.now();

let project: FixtureProject;
let offline: Awaited<ReturnType<typeof serve>>;
let client: CloudWatchLogsClient;
let names = 0;

beforeAll(async () => {
  project = fixtureProject({
    "GET /": { source: 'export const handler = async () => { console.log("here"); return "ok"; };' },
  });
  offline = await serve(project.folder);
  const credentials = { accessKeyId: "person", secretAccessKey: "person" };
  client = new CloudWatchLogsClient({
    endpoint: offline.endpointUrl,
    region: "eu-west-1",
    credentials,
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await offline.stop();
  project.remove();
});

/** Creates a new group with these streams. */
async function group(...streams: string[]): Promise<string> {
  const logGroupName = `/test/${names++}`;
  await client.send(new CreateLogGroupCommand({ logGroupName }));
  for (const logStreamName of streams) await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  return logGroupName;
}

function put(logGroupName: string, logStreamName: string, ...logEvents: [timestamp: number, message: string][]) {
  const events = logEvents.map(([timestamp, message]) => ({ timestamp, message }));
  return client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents: events }));
}

async function filtered(input: FilterLogEventsCommandInput): Promise<string[]> {
  const messages: string[] = [];
  for await (const page of paginateFilterLogEvents({ client }, input))
    messages.push(...(page.events ?? []).map(({ message = "" }) => message));
  return messages;
}

describe("the log of a function", () => {
  it("is found unchanged by its request id", async () => {
    const response = await fetch(`${offline.url()}/`);
    const requestId = idOf(response);
    const { events = [] } = await client.send(
      new FilterLogEventsCommand({ logGroupName: GROUP, filterPattern: `{ $.requestId = "${requestId}" }` }),
    );
    expect(events).toHaveLength(1);
    const [{ message = "", logStreamName, eventId = "", timestamp = 0, ingestionTime } = {}] = events;
    expect(JSON.parse(message)).toMatchObject({ requestId, status: 200, routeKey: "GET /" });
    expect([logStreamName, ingestionTime]).toEqual(["access-log", timestamp]);
    // As in recorded ids: 56 digits, whose upper bits are the timestamp
    // (31953106606966983378809025079804211143289615424298221568 of
    // 1432826855000, in the documentation of subscription filters).
    expect(eventId).toMatch(/^\d{56}$/);
    expect(Number(BigInt(eventId) >> 144n)).toBe(timestamp);
  });

  it("is in the function's group, with a stream for each execution environment", async () => {
    await fetch(`${offline.url()}/`);
    expect(await filtered({ logGroupName: "/aws/lambda/F0", filterPattern: "here" })).not.toEqual([]);
    const { logStreams = [] } = await client.send(new DescribeLogStreamsCommand({ logGroupName: "/aws/lambda/F0" }));
    expect(logStreams[0]?.logStreamName).toMatch(/^\d{4}\/\d{2}\/\d{2}\/\[\$LATEST\][0-9a-f]{32}$/);
  });
});

describe("groups", () => {
  it("are created, described, given a retention, and deleted with their contents", async () => {
    const logGroupName = await group("a");
    await put(logGroupName, "a", [NOW, "x"]);
    await client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 7 }));
    const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
    expect(logGroups).toEqual([
      {
        logGroupName,
        creationTime: expect.any(Number),
        retentionInDays: 7,
        metricFilterCount: 0,
        arn: `arn:aws:logs:eu-west-1:000000000000:log-group:${logGroupName}:*`,
        logGroupArn: `arn:aws:logs:eu-west-1:000000000000:log-group:${logGroupName}`,
        storedBytes: expect.any(Number),
        logGroupClass: "STANDARD",
      },
    ]);
    await client.send(new DeleteLogGroupCommand({ logGroupName }));
    await expect(filtered({ logGroupName })).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await client.send(new CreateLogGroupCommand({ logGroupName }));
    expect(await filtered({ logGroupName })).toEqual([]);
  });

  it("that the graph declares exist from the start, including those of functions", async () => {
    const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/aws/" }));
    expect(logGroups.map(({ logGroupName }) => logGroupName)).toContain(GROUP);
  });

  it("are listed by name, in pages of at most 50", async () => {
    const made = await Promise.all(Array.from({ length: 60 }, () => group()));
    const pages: number[] = [];
    const listed: (string | undefined)[] = [];
    for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, { logGroupNamePrefix: "/test/" })) {
      pages.push(logGroups.length);
      listed.push(...logGroups.map(({ logGroupName }) => logGroupName));
    }
    expect(Math.max(...pages)).toBe(50);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed).toEqual(expect.arrayContaining(made));
  });

  it.each(["../../etc", "/..", "/.hidden", "/a/../../b"])("stay in their folder: %s", async (logGroupName) => {
    await client.send(new CreateLogGroupCommand({ logGroupName }));
    const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
    expect(logGroups.map(({ logGroupName: name }) => name)).toEqual([logGroupName]);
  });
});

describe("streams", () => {
  it("are described with the times of their first and last log event, ordered by name or by last event", async () => {
    const logGroupName = await group("a", "b", "none");
    await put(logGroupName, "a", [NOW - 10, "1"], [NOW, "2"]);
    await put(logGroupName, "b", [NOW - 20, "3"]);
    const { logStreams = [] } = await client.send(new DescribeLogStreamsCommand({ logGroupName }));
    expect(logStreams.map(({ logStreamName }) => logStreamName)).toEqual(["a", "b", "none"]);
    expect(logStreams[0]).toMatchObject({ firstEventTimestamp: NOW - 10, lastEventTimestamp: NOW, storedBytes: 0 });
    expect(logStreams[2]).not.toHaveProperty("lastEventTimestamp");
    const latest = await client.send(
      new DescribeLogStreamsCommand({ logGroupName, orderBy: "LastEventTime", descending: true, limit: 2 }),
    );
    expect(latest.logStreams?.map(({ logStreamName }) => logStreamName)).toEqual(["a", "b"]);
    expect(latest.nextToken).toEqual(expect.any(String));
  });

  it("may have slashes in their names, and are deleted with their contents", async () => {
    const logGroupName = await group("2026/11/23/[$LATEST]0a");
    await put(logGroupName, "2026/11/23/[$LATEST]0a", [NOW, "x"]);
    expect(await filtered({ logGroupName, logStreamNamePrefix: "2026/11/" })).toEqual(["x"]);
    await client.send(new DeleteLogStreamCommand({ logGroupName, logStreamName: "2026/11/23/[$LATEST]0a" }));
    expect(await filtered({ logGroupName })).toEqual([]);
  });
});

describe("log events", () => {
  it("of all streams are ordered by time and unchanged", async () => {
    const logGroupName = await group("a", "b");
    const texts = ["plain", '{"a": 1}', ' {"spaced":1}', "ünï \u{1F600}", 'quo"ted\\', "two\nlines\t", "{torn"];
    await put(logGroupName, "a", ...texts.map((text, index): [number, string] => [NOW + 2 * index, text]));
    await put(logGroupName, "b", [NOW + 1, "between"], [NOW + 2, "same time"]);
    const found = await filtered({ logGroupName });
    expect(found.toSorted()).toEqual([...texts, "between", "same time"].toSorted());
    expect(found.slice(0, 2)).toEqual(["plain", "between"]);
    expect(await filtered({ logGroupName, logStreamNames: ["b"] })).toEqual(["between", "same time"]);
  });

  it("are selected by time; the end is inclusive in FilterLogEvents and exclusive in GetLogEvents", async () => {
    const logGroupName = await group("a");
    await put(logGroupName, "a", [NOW, "0"], [NOW + 1, "1"], [NOW + 2, "2"]);
    const range = { logGroupName, startTime: NOW + 1, endTime: NOW + 2 };
    expect(await filtered(range)).toEqual(["1", "2"]);
    const { events } = await client.send(new GetLogEventsCommand({ ...range, logStreamName: "a" }));
    expect(events?.map(({ message }) => message)).toEqual(["1"]);
  });

  // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html:
  // 1 MB or 10,000 log events
  it("come in pages of at most 1 MB", async () => {
    const logGroupName = await group("a");
    for (const index of [0, 1, 2]) await put(logGroupName, "a", [NOW + index, `${index}`.repeat(700_000)]);
    const page = await client.send(new FilterLogEventsCommand({ logGroupName }));
    expect([page.events?.length, typeof page.nextToken]).toEqual([1, "string"]);
    expect((await filtered({ logGroupName })).map((text) => text.length)).toEqual([700_000, 700_000, 700_000]);
  });

  it("of a stream are read from either end, and the end returns the same token again", async () => {
    const logGroupName = await group("a");
    await put(
      logGroupName,
      "a",
      ...Array.from({ length: 5 }, (_, index): [number, string] => [NOW + index, `${index}`]),
    );
    const get = async (more: object) => {
      const command = new GetLogEventsCommand({ logGroupName, logStreamName: "a", limit: 2, ...more });
      const {
        events = [],
        nextForwardToken: forward = "",
        nextBackwardToken: backward = "",
      } = await client.send(command);
      return { found: events.map(({ message }) => message), forward, backward };
    };
    const head = await get({ startFromHead: true });
    const second = await get({ nextToken: head.forward });
    const third = await get({ nextToken: second.forward });
    const end = await get({ nextToken: third.forward });
    expect([head.found, second.found, third.found, end.found]).toEqual([["0", "1"], ["2", "3"], ["4"], []]);
    expect(end.forward).toBe(third.forward);
    const tail = await get({});
    const before = await get({ nextToken: tail.backward });
    expect([tail.found, before.found]).toEqual([
      ["3", "4"],
      ["1", "2"],
    ]);
    await put(logGroupName, "a", [NOW + 9, "new"]);
    expect((await get({ nextToken: tail.forward })).found).toEqual(["new"]);
  });

  it("are each found once and in order over many pages, while new ones are written", async () => {
    const event = fc.record({ stream: fc.constantFrom("a", "b", "c"), at: fc.nat(50) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        async (events, limit) => {
          const logGroupName = await group("a", "b", "c");
          for (const [index, { stream, at }] of events.entries())
            await put(logGroupName, stream, [NOW + at, `${index}`]);
          const found: FilteredLogEvent[] = [];
          let late = 3;
          for await (const page of paginateFilterLogEvents({ client, pageSize: limit }, { logGroupName })) {
            found.push(...(page.events ?? []));
            expect(page.events?.length).toBeLessThanOrEqual(limit);
            if (late-- > 0) await put(logGroupName, "a", [NOW + 60, "late"]);
          }
          const before = found.filter(({ message }) => message !== "late");
          expect(before.map(({ message }) => Number(message)).toSorted((a, b) => a - b)).toEqual(
            events.map((_, index) => index),
          );
          expect(found).toEqual(found.toSorted((a, b) => ((a.eventId ?? "") < (b.eventId ?? "") ? -1 : 1)));
          expect(new Set(found.map(({ eventId }) => eventId)).size).toBe(found.length);
        },
      ),
      { numRuns: 15 },
    );
  });
});

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
describe("log events of PutLogEvents", () => {
  const HOUR = 3_600_000;
  it("may be at most 2 hours ahead and 14 days old; the response names the rejected ones", async () => {
    const logGroupName = await group("a");
    const now = Date.now();
    expect((await put(logGroupName, "a", [now, "now"], [now + 3 * HOUR, "ahead"])).rejectedLogEventsInfo).toEqual({
      tooNewLogEventStartIndex: 1,
    });
    const old = now - 14 * 24 * HOUR;
    const { rejectedLogEventsInfo } = await put(logGroupName, "a", [old - HOUR, "old"], [old + HOUR, "kept"]);
    expect(rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
    expect(await filtered({ logGroupName })).toEqual(["kept", "now"]);
  });

  it.each<[string, [number, string][], string]>([
    [
      "out of order",
      [
        [NOW, "b"],
        [NOW - 1, "a"],
      ],
      "must be in chronological order",
    ],
    [
      "over more than 24 hours",
      [
        [NOW - 25 * HOUR, "a"],
        [NOW, "b"],
      ],
      "cannot span more than 24 hours",
    ],
    ["of more than 1 MiB", [[NOW, "x".repeat(1_048_576)]], "exceeds limit of 1048576"],
    ["of no log events", [], "at 'logEvents'"],
    ["without text", [[NOW, ""]], "at 'logEvents'"],
  ])("are rejected %s", async (_what, events, reason) => {
    const logGroupName = await group("a");
    await expect(put(logGroupName, "a", ...events)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringContaining(reason),
    });
    expect(await filtered({ logGroupName })).toEqual([]);
  });
});

describe("an invalid call", () => {
  it.each([
    [
      "an existing group",
      () => client.send(new CreateLogGroupCommand({ logGroupName: GROUP })),
      "ResourceAlreadyExistsException",
    ],
    [
      "an invalid name",
      () => client.send(new CreateLogGroupCommand({ logGroupName: "a b" })),
      "InvalidParameterException",
    ],
    ["a missing group", () => filtered({ logGroupName: "/none" }), "ResourceNotFoundException"],
    [
      "a missing stream",
      () => filtered({ logGroupName: GROUP, logStreamNames: ["none"] }),
      "ResourceNotFoundException",
    ],
    ["a missing stream to write to", () => put(GROUP, "none", [NOW, "x"]), "ResourceNotFoundException"],
    [
      "a token of another operation",
      () => filtered({ logGroupName: GROUP, nextToken: "f/1/s" }),
      "InvalidParameterException",
    ],
    [
      "an invalid pattern",
      () => filtered({ logGroupName: GROUP, filterPattern: "{ $.a" }),
      "InvalidParameterException",
    ],
    ["a limit that is too high", () => filtered({ logGroupName: GROUP, limit: 10_001 }), "InvalidParameterException"],
    ["a negative time", () => filtered({ logGroupName: GROUP, startTime: -1 }), "InvalidParameterException"],
    [
      "both stream names and a prefix",
      () => filtered({ logGroupName: GROUP, logStreamNames: ["a"], logStreamNamePrefix: "a" }),
      "InvalidParameterException",
    ],
    [
      "an unsupported retention",
      () => client.send(new PutRetentionPolicyCommand({ logGroupName: GROUP, retentionInDays: 2 })),
      "InvalidParameterException",
    ],
  ])("fails with the name of the error: %s", async (_what, call, name) => {
    await expect(call()).rejects.toMatchObject({ name });
  });
});
