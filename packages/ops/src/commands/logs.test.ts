import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { APP, recordedGraph, withPrefix } from "@backend/testing/recorded";
import { RECORDED_LINES } from "@backend/testing/recorded-lines";
import { describe, expect, it } from "vitest";
import { awsServer, type FakeLogGroup } from "../../test/aws-server";
import { accessLogLine, GROUP, offlineProject, run } from "../../test/run";
import { follow } from "../aws/log-events";

const AT = Date.parse("2026-11-23T09:30:00.125Z");
const RANGE = ["--from", "2026-11-23T09:00", "--to", "2026-11-23T10:00Z"];
const event = (changes: Record<string, unknown> = {}, timestamp = AT) => ({
  timestamp,
  message: accessLogLine(changes),
});

async function logs(argv: string[], events: FakeLogGroup["events"], others: FakeLogGroup[] = [], pageSize = 1000) {
  const server = await awsServer({ logGroups: [{ name: GROUP, events: events ?? [] }, ...others], pageSize });
  const project = offlineProject({ accessLogGroup: GROUP, awsEndpointUrl: server.url });
  const { calls } = server;
  return {
    ...(await run(["logs", "--offline", "--project", project, ...RANGE, ...argv], { env: { COLUMNS: "80" } })),
    calls,
  };
}

/** The columns at 80 characters: time 15, status 3, method 7, path 26, latency 7, rest 16. */
function row(status: string, path: string, rest = "", latency = "12 ms"): string {
  return `11-23 09:30:00Z ${status} GET     ${path.padEnd(26)} ${latency.padStart(7)}${rest && `  ${rest}`}\n`;
}
const SECOND_LINE = " ".repeat(28);

describe("a line", () => {
  it("has time, status, method, path, latency, user", async () => {
    const { code, stdout } = await logs([], [event()]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: row("200", "/dev/events", "ada"),
    });
  });

  it("also has the request id on a wide terminal", async () => {
    const { url } = await awsServer({ logGroups: [{ name: GROUP, events: [event()] }] });
    const project = offlineProject({ accessLogGroup: GROUP, awsEndpointUrl: url });
    const argv = ["logs", "--offline", "--project", project, ...RANGE];
    const { stdout } = await run(argv, { env: { COLUMNS: "120" } });
    expect(stdout).toMatch(/ 12 ms {2}JCJM3j95PHcEJHg= {2}ada\n$/);
  });

  const nobody = { user: "-", client: "-" };
  it.each([
    [{ user: "-", client: "machine" }, row("200", "/dev/events", "machine")],
    [nobody, row("200", "/dev/events")],
    [{ status: 500, integrationError: "timed out" }, `${row("500", "/dev/events", "ada")}${SECOND_LINE}timed out\n`],
    [{ ...nobody, status: 401, authorizerError: "invalid_token" }, row("401", "/dev/events", "invalid_token")],
    [{ path: `/dev/${"x".repeat(200)}` }, ` /dev/${"x".repeat(20)}…   12 ms`],
    // Clear the screen; a C1 control; right-to-left override; a line of its own.
    [{ path: "/dev/\u001b[2J\u009b31m\u202eb\nc" }, " /dev/\\u001b[2J\\u009b31m\\u…   12 ms"],
  ])("of %j shows it", async (changes, expected) => {
    const { stdout } = await logs([], [event(changes)]);
    expect(stdout).toContain(expected);
    expect(stdout.split("\n")).toHaveLength(expected.includes(SECOND_LINE) ? 3 : 2);
    expect(stdout).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
  });

  it("that cannot be parsed is shown with the reason", async () => {
    const { code, stdout } = await logs([], [{ timestamp: AT, message: "\u001b[2Jnot\tjson" }]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "cannot be read (not JSON, CLF, XML or CSV): \\u001b[2Jnot\\u0009json\n",
    });
  });

  it.each([
    ["8640000000000001", { requestTimeEpoch: 8640000000000001 }],
    ["1e+300", { requestTimeEpoch: 1e300 }],
    ["-1", { requestTimeEpoch: -1 }],
  ])("whose time is %s is shown with the reason, and the next one after it", async (value, fields) => {
    const { code, stdout } = await logs([], [event(fields), event()]);
    const [bad, good] = stdout.split("\n");
    expect(code).toBe(0);
    expect(bad).toContain(`cannot be read (field "requestTimeEpoch" is ${value}: expected`);
    expect(good).toContain(" 200 GET     /dev/events ");
  });

  it("without a latency has a dash for it", async () => {
    expect((await logs([], [event({ responseLatency: undefined })])).stdout).toBe(
      row("200", "/dev/events", "ada", "-"),
    );
  });

  it("of AWS's example format is read", async () => {
    const [message = ""] = RECORDED_LINES["AWS's example for HTTP APIs"] ?? [];
    const { stdout } = await logs([], [{ timestamp: AT, message }]);
    expect(stdout).toBe(`06-09 12:54:08Z ${row("200", "-", "", "-").slice(16)}`);
  });

  it("is JSON on request, whatever is in it", async () => {
    const path = "/dev/\u001b[2J\u009b\u202e";
    const { stdout } = await logs(["--json"], [event({ path }), { timestamp: AT, message: "oops" }]);
    const [entry = "", bad = ""] = stdout.trimEnd().split("\n");
    expect(JSON.parse(entry)).toMatchObject({ status: 200, path, integrationLatency: 11 });
    expect(JSON.parse(bad)).toEqual({ unparseable: { reason: "not JSON, CLF, XML or CSV", sample: "oops" } });
    expect(stdout).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
  });
});

describe("a choice", () => {
  // Syntax: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html, JSON log events.
  it.each([
    [["--status", "5xx"], "{ ($.status >= 500) && ($.status < 600) }", ["c", "d"]],
    [["--status", "5XX"], "{ ($.status >= 500) && ($.status < 600) }", ["c", "d"]],
    [["--status", "404"], "{ ($.status = 404) }", ["b"]],
    [["--status", "200,404"], "{ ($.status >= 200) && ($.status < 405) }", ["a", "b"]],
    [["--status", "200,503"], "{ ($.status >= 200) && ($.status < 504) }", ["a", "d"]],
    [["--status", "4xx,500"], "{ ($.status >= 400) && ($.status < 501) }", ["b", "c"]],
    [["--route", "POST /events"], '{ ($.routeKey = "POST /events") }', ["b"]],
    [["--user", "grace"], '{ (($.user = "grace") || ($.client = "grace")) }', ["c"]],
    [["--user", "-"], '{ ($.user = "-") && ($.client = "-") }', ["e"]],
    [["--route", "-"], '{ ($.routeKey = "-") }', ["e"]],
    [["--address", "203.0.113.24"], '{ ($.sourceIp = "203.0.113.24") }', ["e"]],
    [["--user", "machine"], '{ (($.user = "machine") || ($.client = "machine")) }', ["d"]],
    [
      ["--status", "500", "--user", "grace"],
      '{ ($.status = 500) && (($.user = "grace") || ($.client = "grace")) }',
      ["c"],
    ],
  ])("%j is asked of CloudWatch Logs, and looked at again", async (argv, pattern, ids) => {
    const events = [
      event({ requestId: "a" }),
      event({ requestId: "b", status: 404, routeKey: "POST /events" }),
      event({ requestId: "c", status: 500, user: "grace" }),
      event({ requestId: "d", status: 503, user: "-", client: "machine" }),
      event({ requestId: "e", status: 302, routeKey: "-", user: "-", client: "-", sourceIp: "203.0.113.24" }),
      { timestamp: AT, message: "not json" },
    ];
    const { stdout, calls } = await logs([...argv, "--json"], events);
    expect(calls[0]?.input.filterPattern).toBe(pattern);
    const shown = stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { requestId: string }).requestId);
    expect(shown).toEqual(ids);
  });

  // CloudWatch documents no escape within its quotes: what could end or widen a pattern is refused.
  it.each([
    [["--status", "4xx,"], "--status 4xx,: expected statuses such as 404, 5xx or 4xx,500"],
    [["--status", "600"], "--status 600: expected statuses such as 404, 5xx or 4xx,500"],
    [["--route", "/events"], "--route /events: must be "],
    [["--user", 'a"b'], '--user a"b: must be '],
    [["--address", "203.0.113.*"], "--address 203.0.113.*: must be "],
    [["--request", "*"], "--request *: must be "],
  ])("of %j is wrong usage, and asks nothing", async (argv, message) => {
    const { code, stderr, calls } = await logs(argv, []);
    expect({ code, calls }).toEqual({ code: 2, calls: [] });
    expect(stderr).toContain(message);
  });

  it("of time has its beginning and not its end", async () => {
    const at = (moment: string) => Date.parse(moment);
    const { stdout, calls } = await logs(
      ["--json"],
      [
        event({ requestId: "early" }, at("2026-11-23T08:59:59.999Z")),
        event({ requestId: "first" }, at("2026-11-23T09:00:00.000Z")),
        event({ requestId: "last" }, at("2026-11-23T09:59:59.999Z")),
        event({ requestId: "late" }, at("2026-11-23T10:00:00.000Z")),
      ],
    );
    expect(stdout.match(/"requestId":"\w+"/g)).toEqual(['"requestId":"first"', '"requestId":"last"']);
    expect(calls[0]?.input).toEqual({
      logGroupName: GROUP,
      startTime: at("2026-11-23T09:00:00.000Z"),
      endTime: at("2026-11-23T09:59:59.999Z"),
    });
  });
});

it("goes on behind an empty page", async () => {
  const events = [1, 2, 3].map((id) => event({ requestId: `r${id}` }, AT + id));
  const { stdout } = await logs(["--json"], events, [], 1);
  expect(stdout.match(/"r\d"/g)).toEqual(['"r1"', '"r2"', '"r3"']);
});

describe("--request", () => {
  const invocation = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
  const record = (message: string, timestamp: number) => ({ timestamp, message });
  const mine = (message: string) => `{"requestId":"${invocation}","message":"${message}"}`;
  // Of the functions that the graph of dev declares, only two have a log group here.
  const functions: FakeLogGroup[] = [
    {
      name: `/aws/lambda/${APP.prefix}ReadEvents-dev`,
      events: [
        record(mine("two"), AT + 2),
        record('{"message":"other"}', AT),
        record(mine("an hour later"), AT + 3_600_000),
        record(mine("an hour before"), AT - 3_600_000),
      ],
    },
    { name: `/aws/lambda/${APP.prefix}ReadEvents-prod`, events: [record(mine("of another stage"), AT)] },
    { name: "/aws/lambda/AnotherApp-dev", events: [record(mine("of another app"), AT)] },
    { name: `/aws/lambda/${APP.prefix}RecordEvents-dev`, events: [record(`START RequestId: ${invocation}\n`, AT + 1)] },
  ];

  it("shows the line, and what the app's functions wrote for it in the minutes around it, in order", async () => {
    const { code, stdout, calls } = await logs(
      ["--request", "JCJM3j95PHcEJHg="],
      [event({ requestId: "x" }), event()],
      functions,
    );
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${row("200", "/dev/events", "ada")}\
09:30:00.126 /aws/lambda/${APP.prefix}RecordEvents-dev START RequestId: ${invocation}
09:30:00.127 /aws/lambda/${APP.prefix}ReadEvents-dev {"requestId":"${invocation}","message":"two"}
`,
    });
    const reads = calls
      .slice(1)
      .map(({ input }) => input as { logGroupName: string; startTime: number; endTime: number });
    const declared = recordedGraph("dev")
      .resources.filter(({ type }) => type === "aws:lambda/function:Function")
      .map(({ inputs }) => `/aws/lambda/${inputs.name}`);
    expect(new Set(reads.map(({ logGroupName }) => logGroupName))).toEqual(new Set(declared));
    for (const { startTime, endTime } of reads) {
      expect(AT - startTime).toBeLessThanOrEqual(60_000);
      expect(endTime - AT).toBeLessThanOrEqual(300_000);
    }
  });

  it("asks no function's log for an invocation id that Lambda did not make", async () => {
    const { code, calls } = await logs(
      ["--request", "JCJM3j95PHcEJHg="],
      [event({ integrationRequestId: '" ?a' })],
      functions,
    );
    expect([code, calls.length]).toEqual([0, 1]);
  });

  it("says where no function was invoked", async () => {
    const { code, stdout } = await logs(
      ["--request", "JCJM3j95PHcEJHg="],
      [event({ integrationRequestId: "-" })],
      functions,
    );
    expect(code).toBe(0);
    expect(stdout).toContain("\nNo function was invoked.\n");
  });

  it("ends with exit code 1 for a request that is not there", async () => {
    const { code, stdout, stderr } = await logs(["--request", "nope"], [event()], functions);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(`No request nope in /aws/apigateway/${withPrefix("SecureBackendAPI")}/dev`);
  });
});

it("--follow shows each line once, also one that comes in behind a later one", async () => {
  const now = Date.now();
  const late = { ...event({ requestId: "late" }, now - 1000), eventId: "late" };
  const events = [{ ...event({ requestId: "first" }, now - 500), eventId: "first" }];
  const interruption = new AbortController();
  const server = await awsServer({
    logGroups: [{ name: GROUP, events }],
    beforeFilter(_input, call) {
      if (call === 2) events.push(late);
      if (call === 4) interruption.abort();
    },
  });
  const project = offlineProject({ accessLogGroup: GROUP, awsEndpointUrl: server.url });
  const { code, stdout } = await run(["logs", "--offline", "--project", project, "--follow", "--json"], {
    signal: interruption.signal,
  });
  expect(code).toBe(130);
  expect(stdout.match(/"requestId":"\w+"/g)).toEqual(['"requestId":"first"', '"requestId":"late"']);
});

describe("--follow", () => {
  const client = new CloudWatchLogsClient({
    region: APP.region,
    credentials: { accessKeyId: "x", secretAccessKey: "x" },
  });
  const at = (seconds: number) => AT + 1000 * seconds;

  /** What passes of `follow` read, where the clock goes on by ten seconds with each. */
  async function passes(count: number, eventsOf: (pass: number) => { id: string; timestamp: number }[]) {
    const interruption = new AbortController();
    const starts: number[] = [];
    const seen: string[] = [];
    let pass = 0;
    client.send = async ({ input }: { input: { startTime: number } }) => {
      starts.push((input.startTime - AT) / 1000);
      const events = eventsOf(pass).map(({ id, timestamp }) => ({ eventId: id, timestamp, message: id }));
      if (++pass === count) interruption.abort();
      return { events: events.filter(({ timestamp }) => timestamp >= input.startTime) };
    };
    const pace = { interval: 0, overlap: 5000, now: () => at(10 * pass) };
    const pages = follow(client, { logGroup: GROUP, from: at(-86_400) }, pace, interruption.signal);
    try {
      for await (const page of pages) seen.push(...page.map(({ id }) => id));
    } catch (error) {
      if (!interruption.signal.aborted) throw error;
    }
    return { starts, seen };
  }

  it("advances over passes that find nothing", async () => {
    expect((await passes(4, () => [])).starts).toEqual([-86_400, -5, 5, 15]);
  });

  it("reads an event once that is in two passes, and one that comes in late", async () => {
    const first = { id: "first", timestamp: at(8) };
    const late = { id: "late", timestamp: at(7) };
    const { starts, seen } = await passes(4, (pass) => [[], [first], [late, first], [late, first]][pass] ?? []);
    expect({ starts, seen }).toEqual({ starts: [-86_400, -5, 5, 15], seen: ["first", "late"] });
  });

  it("does not go back for an event that is dated ahead", async () => {
    const ahead = { id: "ahead", timestamp: at(1000) };
    const { starts, seen } = await passes(4, () => [ahead]);
    expect({ starts, seen }).toEqual({ starts: [-86_400, -5, 5, 15], seen: ["ahead"] });
  });
});

it("colours on a terminal, and not where colours are not wanted", async () => {
  const { url } = await awsServer({ logGroups: [{ name: GROUP, events: [event()] }] });
  const project = offlineProject({ accessLogGroup: GROUP, awsEndpointUrl: url });
  const argv = ["logs", "--offline", "--project", project, ...RANGE];
  expect((await run(argv, { isTTY: true })).stdout).toContain("\u001b[32m200\u001b[0m");
  expect((await run(argv, { isTTY: true, env: { NO_COLOR: "1" } })).stdout).not.toContain("\u001b");
});
