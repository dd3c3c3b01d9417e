import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { AwsError } from "../kit/aws-call";
import { createLogsApi } from "./api";
import { openLogGroups } from "./groups";
import { openLogs } from "./service";

const NOW = Date.now();

let parent: string;
let call: (operation: string, input: Record<string, unknown>) => Promise<unknown>;
beforeEach(() => {
  parent = mkdtempSync(path.join(os.tmpdir(), "logs-api-"));
  const logs = openLogs(path.join(parent, "logs"));
  const handle = createLogsApi([{ name: "/declared" }], openLogGroups(logs.folder), logs, {
    region: "eu-west-1",
    accountId: "000000000000",
  });
  call = async (operation, input) => {
    const { body } = await handle({ service: "logs", operation, input, body: "" });
    return body === "" ? undefined : JSON.parse(body);
  };
});
afterEach(() => rmSync(parent, { recursive: true }));

const OPERATIONS = [
  "CreateLogGroup",
  "DeleteLogGroup",
  "PutRetentionPolicy",
  "DeleteRetentionPolicy",
  "DescribeLogGroups",
  "CreateLogStream",
  "DeleteLogStream",
  "DescribeLogStreams",
  "FilterLogEvents",
  "GetLogEvents",
  "PutLogEvents",
  "constructor",
  "StartQuery",
];

const STREAMS = ["s", "S", "..", "\ud800", "a".repeat(512), "/".repeat(512), "2026/11/27/[$LATEST]0a"];
const name = fc.constantFrom("/declared", "/g", "/g/s.ndjson", "g", "/".repeat(512), `/${"a".repeat(511)}`, "/..");
const stream = fc.constantFrom(...STREAMS);
const PATTERNS = [
  "",
  "{ $.a = 1 }",
  "%.*.*.*x%",
  '{ $.a = "*a*" }',
  "{",
  "[a]",
  '"',
  "-",
  "?",
  "%",
  "%[%",
  `${"(".repeat(500)}`,
];
const TOKENS = [
  "list-1",
  "page-1",
  `page-${"9".repeat(56)}`,
  `f/${"9".repeat(56)}/s`,
  `b/${"0".repeat(56)}/s`,
  "x",
  "",
];
const times = fc.constantFrom(0, 1, -1, 0.5, NOW, NOW + 1e9, Number.MAX_SAFE_INTEGER, 1e300, -0);
const event = fc.record({
  timestamp: times,
  message: fc.constantFrom("x", '{"a":1}', "\ud800", "a\nb", "x".repeat(10_000)),
});
/** Members of a call: mostly plausible values, otherwise any JSON. */
const member = <T>(likely: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: likely }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });
const input = fc.record(
  {
    logGroupName: member(name),
    logGroupIdentifier: member(name.map((text) => `arn:aws:logs:eu-west-1:000000000000:log-group:${text}:*`)),
    logGroupNamePrefix: member(name),
    logGroupNamePattern: member(fc.constantFrom("g", "declared")),
    logGroupClass: member(fc.constantFrom("STANDARD", "x")),
    logStreamName: member(stream),
    logStreamNames: member(fc.array(stream, { maxLength: 3 })),
    logStreamNamePrefix: member(stream),
    filterPattern: member(fc.constantFrom(...PATTERNS)),
    nextToken: member(fc.constantFrom(...TOKENS)),
    limit: member(fc.constantFrom(1, 2, 50, 10_000, 0, -1, 1.5)),
    startTime: member(times),
    endTime: member(times),
    startFromHead: member(fc.boolean()),
    descending: member(fc.boolean()),
    orderBy: member(fc.constantFrom("LogStreamName", "LastEventTime", "x")),
    retentionInDays: member(fc.constantFrom(1, 7, 2)),
    logEvents: member(fc.array(event, { maxLength: 3 })),
  },
  { requiredKeys: [] },
);
/** Adds few members to the required ones, so that many calls pass the checks of the operation. */
const sparse = fc.record({
  operation: fc.constantFrom(...OPERATIONS),
  input: fc.tuple(input, fc.integer({ min: 0, max: 9 })).map(([all, count]) => {
    const names = ["logGroupName", "logStreamName", "logEvents", ...Object.keys(all).slice(0, count)];
    return Object.fromEntries(Object.entries(all).filter(([key]) => names.includes(key)));
  }),
});

const REFUSALS = [
  "InvalidParameterException",
  "ResourceAlreadyExistsException",
  "ResourceNotFoundException",
  "UnknownOperationException",
];

describe("a call with any input", () => {
  it("succeeds or fails with one of AWS's errors, and writes nothing outside the folder", async () => {
    const outcomes = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(sparse, { minLength: 1, maxLength: 100, size: "max" }), async (calls) => {
        for (const { operation, input: asked } of calls) {
          const outcome = await call(operation, asked).then(
            () => "answered",
            (error: AwsError) => (error.status < 500 ? error.type : `${operation}: ${error.message}`),
          );
          expect([...REFUSALS, "answered"]).toContain(outcome);
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        }
      }),
      { numRuns: 40 },
    );
    expect([...outcomes.keys()].toSorted()).toEqual([...REFUSALS, "answered"]);
    expect(readdirSync(parent)).toEqual(["logs"]);
  });
});

describe("names up to AWS's limits", () => {
  it.each(["/".repeat(512), `/${"a".repeat(511)}`, "#", "my-group", "/..", "/x/evil.ndjson"])(
    "make a group of their own: %s",
    async (logGroupName) => {
      await call("CreateLogGroup", { logGroupName });
      for (const logStreamName of STREAMS) await call("CreateLogStream", { logGroupName, logStreamName });
      const logEvents = [{ timestamp: NOW, message: "here" }];
      for (const logStreamName of STREAMS) await call("PutLogEvents", { logGroupName, logStreamName, logEvents });
      expect(await call("DescribeLogGroups", { logGroupNamePrefix: logGroupName })).toMatchObject({
        logGroups: [{ logGroupName }],
      });
      const { logStreams } = (await call("DescribeLogStreams", { logGroupName })) as {
        logStreams: { logStreamName: string }[];
      };
      expect(logStreams.map(({ logStreamName }) => logStreamName)).toEqual(STREAMS.toSorted());
      const { events } = (await call("FilterLogEvents", { logGroupName })) as { events: unknown[] };
      expect(events).toHaveLength(STREAMS.length);
      for (const logStreamName of STREAMS)
        expect(await call("GetLogEvents", { logGroupName, logStreamName })).toMatchObject({
          events: [{ message: "here" }],
        });
    },
  );

  // "Log group names can't start with the string aws/":
  // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
  it("are rejected if they begin with aws/; without a leading slash, they are other groups", async () => {
    await expect(call("CreateLogGroup", { logGroupName: "aws/declared" })).rejects.toMatchObject({
      type: "InvalidParameterException",
    });
    await call("CreateLogGroup", { logGroupName: "declared" });
    await call("CreateLogStream", { logGroupName: "declared", logStreamName: "s" });
    expect(await call("DescribeLogStreams", { logGroupName: "/declared" })).toEqual({ logStreams: [] });
    await call("DeleteLogGroup", { logGroupName: "declared" });
    expect(await call("DescribeLogGroups", {})).toMatchObject({ logGroups: [{ logGroupName: "/declared" }] });
  });

  it("of a group inside another group's folder do not change the streams there", async () => {
    await call("CreateLogStream", { logGroupName: "/declared", logStreamName: "evil" });
    await call("CreateLogGroup", { logGroupName: "/declared/evil.ndjson" });
    await call("CreateLogStream", { logGroupName: "/declared/evil.ndjson", logStreamName: "s" });
    expect(await call("FilterLogEvents", { logGroupName: "/declared" })).toMatchObject({ events: [] });
  });
});
