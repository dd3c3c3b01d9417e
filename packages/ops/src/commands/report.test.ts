import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { RECORDED_LINES } from "@backend/testing/recorded-lines";
import { describe, expect, it } from "vitest";
import { awsServer } from "../../test/aws-server";
import { accessLogLine, folder, GROUP, offlineProject, run } from "../../test/run";

const at = (time: string) => Date.parse(`2026-11-23T${time}Z`);
const LINES = [
  accessLogLine({ requestTimeEpoch: at("09:30:00"), responseLatency: 10, responseLength: 100 }),
  accessLogLine({ requestTimeEpoch: at("09:30:10"), responseLatency: 20, responseLength: 200 }),
  accessLogLine({
    requestTimeEpoch: at("09:30:20"),
    routeKey: "POST /events",
    httpMethod: "POST",
    status: 403,
    responseLatency: 30,
    responseLength: 300,
    user: "grace",
    errorMessage: "Forbidden",
  }),
  accessLogLine({
    requestTimeEpoch: at("09:31:00"),
    routeKey: "-",
    status: 404,
    responseLatency: 1,
    responseLength: 23,
    user: "-",
    client: "-",
    userAgent: "-",
  }),
  "not json",
];
const LOG = `${LINES.join("\n")}\n`;
const GENERATED = /generated \d{4}-\d\d-\d\d \d\d:\d\d:\d\d/;

const golden = (name: string) => readFileSync(new URL(`../../test/golden/${name}`, import.meta.url), "utf8");
const report = (argv: string[], stdin: string | Uint8Array = LOG) => run(["report", ...argv], { stdin });
const json = async (argv: string[], stdin?: string | Uint8Array) => {
  const { code, stdout, stderr } = await report(["--json", ...argv], stdin);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as Record<string, unknown> & { callers: { id: string; requests: number }[] };
};

// Worked out by hand from the five lines above: latencies 1, 10, 20, 30 (percentiles by nearest
// rank: the 2nd and the 4th of four), 100 + 200 + 300 + 23 bytes, two 4xx of four.
describe("a tiny log", () => {
  it.each(["text", "md"])("as %s is the page that was worked out by hand", async (format) => {
    const { code, stdout } = await report(["--format", format]);
    expect(code).toBe(0);
    expect(stdout.replace(GENERATED, "generated NOW")).toBe(golden(`tiny.${format === "text" ? "txt" : "md"}`));
  });

  it("as JSON is the analyser's report", async () => {
    expect(await json([])).toMatchObject({ lines: 5, requests: 4, responseBytes: 623, unparseable: { lines: 1 } });
  });
});

describe("sources", () => {
  function files(contents: Record<string, string | Uint8Array>): string[] {
    const dir = folder();
    return Object.entries(contents).map(([name, content]) => {
      const file = path.join(dir, name);
      writeFileSync(file, content);
      return file;
    });
  }

  it.each<[string, Record<string, string | Uint8Array>, number]>([
    ["a file", { "a.log": LOG }, 4],
    ["two files, the first without a last line break", { "a.log": LOG.trimEnd(), "b.log": LOG }, 8],
    ["a gzip file, whatever its name", { "a.log": gzipSync(LOG) }, 4],
    ["a gzip file of several parts", { "a.gz": Buffer.concat([gzipSync(LOG), gzipSync(LOG)]) }, 8],
    ["files with a byte order mark", { "a.log": `\uFEFF${LOG}`, "b.log": `\uFEFF${LOG}` }, 8],
    ["CRLF line ends", { "a.log": LOG.replaceAll("\n", "\r\n") }, 4],
    [
      "log events as pnpm offline keeps them",
      {
        "a.ndjson": LINES.slice(0, 4)
          .map((line) => `{"timestamp":1,"message":${line}}\n`)
          .join(""),
      },
      4,
    ],
  ])("%s", async (_title, contents, requests) => {
    expect(await json(files(contents))).toMatchObject({ requests });
  });

  it("a file and standard input together", async () => {
    const [file = ""] = files({ "a.log": LOG });
    expect(await json([file, "-"])).toMatchObject({ requests: 8 });
  });

  it("standard input that is gzip", async () => {
    expect(await json([], gzipSync(LOG))).toMatchObject({ requests: 4 });
  });

  it("nothing at all is a report of no requests", async () => {
    const { code, stdout } = await report([], "");
    expect(code).toBe(0);
    expect(stdout).toContain("no requests, all times UTC");
  });

  it("a gzip file that is read in many parts", async () => {
    const lines = Array.from({ length: 20_000 }, () => accessLogLine({ userAgent: randomBytes(150).toString("hex") }));
    const packed = gzipSync(lines.join("\n"), { level: 1 });
    expect(packed.length).toBeGreaterThan(3 * 2 ** 20);
    expect(await json(files({ "a.gz": packed }))).toMatchObject({ requests: 20_000, unparseable: { lines: 0 } });
  });

  it("a damaged gzip file is a failure that names it", async () => {
    const [file = ""] = files({ "a.gz": gzipSync(LOG).subarray(0, 60) });
    const { code, stdout, stderr } = await report([file]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(`${file} cannot be decompressed: unexpected end of file`);
  });

  it("a file without one request is a failure, with the report that says why", async () => {
    const { code, stdout, stderr } = await report([], "one\ntwo\n");
    expect(code).toBe(1);
    expect(stdout).toContain("not JSON");
    expect(stderr).toMatch(/^Not one of 2 lines could be read as a request\..* --fields status=NAME/);
  });

  // The layout of an export to S3:
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3ExportTasksConsole.html and
  // github.com/getmoto/moto, moto/logs/models.py, create_export_task.
  it("a folder as CloudWatch Logs exports to S3, part by part", async () => {
    const dir = folder();
    const exported = (lines: string[]) => gzipSync(lines.map((line) => `2026-11-23T09:30:00.500Z ${line}\n`).join(""));
    const write = (name: string, content: string | Uint8Array) => {
      mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
      writeFileSync(path.join(dir, name), content);
    };
    write("exports/aws-logs-write-test", "Permission Check Successful");
    write("exports/9d7a2f4e/stream-b/000000.gz", exported(LINES));
    write("exports/9d7a2f4e/stream-a/000000.gz", exported(LINES.slice(0, 2)));
    write("exports/9d7a2f4e/stream-a/000001.gz", exported(LINES.slice(2, 4)));
    write("exports/.DS_Store", "not a log");
    const { code, stdout } = await run(["report", "exports", "--json"], { cwd: dir });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      requests: 8,
      from: at("09:30:00"),
      unparseable: { lines: 1, samples: [{ source: "exports/9d7a2f4e/stream-b/000000.gz", line: 5 }] },
    });
  });

  it("an export of lines without a time of their own, by that of their log events", async () => {
    const lines = ["09:30:00.500", "09:31:00.000"].map((time) => `2026-11-23T${time}Z {"status":"200"}\n`);
    expect(await json([], lines.join(""))).toMatchObject({ requests: 2, from: at("09:30:00.500"), to: at("09:31:00") });
  });

  it("a folder without files is wrong usage", async () => {
    const dir = folder();
    expect(await report([dir])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${dir} is a folder without files: expected access logs\n`),
    });
  });

  it("a folder of more than 10,000 files is wrong usage: nobody waits for a whole disk", async () => {
    const dir = folder();
    for (let index = 0; index <= 10_000; index++) writeFileSync(path.join(dir, String(index)), "");
    expect(await report([dir])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${dir} holds more than 10000 files\n`),
    });
  });

  it("a file that is not there is wrong usage", async () => {
    expect(await report(["nowhere.log"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^nowhere\.log: there is no such file\n/),
    });
  });

  it.each(["text", "md", "html", "json"])(
    "several files: each unreadable line has its file and number as %s",
    async (format) => {
      const paths = files({ "a.log": `${LINES[0]}\nbad a`, "b.log": `${LINES[1]}\n\nbad b\n` });
      const dir = path.dirname(paths[0] ?? "");
      const { code, stdout } = await run(["report", "a.log", "b.log", "--format", format], { cwd: dir });
      expect(code).toBe(0);
      if (format === "json") {
        const { samples } = (JSON.parse(stdout) as { unparseable: { samples: object[] } }).unparseable;
        expect(samples).toMatchObject([
          { source: "a.log", line: 2 },
          { source: "b.log", line: 3 },
        ]);
      } else expect(stdout.match(/[ab]\.log:\d/g)).toEqual(["a.log:2", "b.log:3"]);
    },
  );

  it("the line that is named where none can be read has its file", async () => {
    const paths = files({ "a.log": "\nbad\n" });
    const { code, stderr } = await report(paths);
    expect(code).toBe(1);
    expect(stderr).toContain(`${paths[0]}:2: not JSON`);
  });

  it("many files are counted in the head of the report", async () => {
    const paths = files(Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`${index}.log`, LOG])));
    const { stdout } = await report(paths);
    expect(stdout.replaceAll("\n  ", " ")).toContain(`${paths[2]} and 6 more files\n`);
    expect(stdout).not.toContain("8.log,");
  });

  it("a gzip file that becomes more than 100 times as large is a failure that names it", async () => {
    const packed = gzipSync(Buffer.alloc(2 ** 20)); // 1 MiB of zeros in 1 KiB, again and again
    const [file = ""] = files({ "bomb.gz": Buffer.concat(Array.from({ length: 100 }, () => packed)) });
    const { code, stdout, stderr } = await report([file]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(`${file} cannot be decompressed: compression ratio above 100`);
  });

  it("a log group, page by page", async () => {
    const events = LINES.map((message, index) => ({ timestamp: at("09:30:00") + index, message }));
    const { url, calls } = await awsServer({ logGroups: [{ name: GROUP, events }], pageSize: 2 });
    const project = offlineProject({ accessLogGroup: GROUP, awsEndpointUrl: url });
    const range = ["--from", "2026-11-23T09:30", "--to", "2026-11-23T09:31"];
    const { code, stdout, stderr } = await report(["--offline", "--project", project, ...range, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ requests: 4, unparseable: { lines: 1 } });
    expect(stderr).toContain("Stage dev, offline");
    expect(calls).toHaveLength(5); // three pages, an empty one behind each but the last
  });
});

describe("a line that no request can have written", () => {
  // https://tc39.es/ecma262/#sec-time-values-and-time-range: Date takes nothing after 8.64e15.
  const IMPOSSIBLE: [string, Record<string, unknown>][] = [
    ["requestTimeEpoch", { requestTimeEpoch: 8640000000000001 }],
    ["requestTimeEpoch", { requestTimeEpoch: 1e300 }],
    ["requestTimeEpoch", { requestTimeEpoch: -62135596800001 }],
    ["requestTimeEpoch", { requestTimeEpoch: "NaN" }],
    ["requestTimeEpoch", { requestTimeEpoch: undefined, requestTime: "99/Nov/2026:09:30:00 +0000" }],
    ["status", { status: 1e308 }],
    ["responseLatency", { responseLatency: -1e308 }],
    ["responseLength", { responseLength: 1e308 }],
  ];
  const log = (fields: Record<string, unknown>) => [LINES[0], accessLogLine(fields), LINES[1]].join("\n");

  it.each(IMPOSSIBLE)("for its %s is counted as unreadable in JSON, with its number: %j", async (field, fields) => {
    const { unparseable, ...counted } = await json([], log(fields));
    expect(counted).toMatchObject({ lines: 3, requests: 2, from: at("09:30:00"), to: at("09:30:10") });
    expect(unparseable).toMatchObject({
      lines: 1,
      samples: [{ line: 2, reason: expect.stringContaining(`"${field}"`) }],
    });
  });

  it.each([
    ["text", /^ +2 {2}field "requestTimeEpoch" is 1e\+300/m],
    ["md", /^\| 2 \| field "requestTimeEpoch" is 1e\+300/m],
    ["html", /<th scope="row" class="n">2<\/th><td class="wide">field &quot;requestTimeEpoch&quot; is 1e\+300/],
  ])("is shown with its number as %s", async (format, row) => {
    const { code, stdout } = await report(["--format", format], log({ requestTimeEpoch: 1e300 }));
    expect(code).toBe(0);
    expect(stdout).toMatch(row);
  });
});

describe("a log without latencies", () => {
  // From Elastic's recorded lines, see packages/testing/src/recorded-lines.ts.
  const stdin = Object.values(RECORDED_LINES).flat().join("\n");

  it.each(["text", "md", "html"])("as %s shows dashes for them", async (format) => {
    const { code, stdout, stderr } = await report(["--format", format], stdin);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/Latency p95(?:<\/dt><dd>| \| | +)-/);
    expect(stdout).toContain("latency is known for 0 of 4 requests");
    expect(stdout).toContain("No latency was logged.");
    expect(stdout).not.toMatch(/NaN|undefined| 0 ms/);
  });

  it("as JSON has none", async () => {
    const { latency, withoutLatency, slowest, requests } = await json([], stdin);
    expect({ latency, withoutLatency, slowest, requests }).toEqual({ withoutLatency: 4, slowest: [], requests: 4 });
  });

  it("of REST-shaped lines is read by the names that --fields gives", async () => {
    // github.com/ministryofjustice/modernisation-platform-environments#3807: the names of its
    // format.
    const line = JSON.stringify({
      requestTimeEpoch: "1795426200000",
      method: "GET",
      resourcePath: "/pets",
      status: "200",
    });
    const { code, stdout } = await report(["--json", "--fields", "httpMethod=method,routeKey=resourcePath"], line);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ requests: 1, routes: [{ routeKey: "/pets" }] });
  });
});

it("says where there were too many callers to count each", async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => accessLogLine({ user: `user-${index}` }));
  expect((await report([], lines.join("\n"))).stdout).toContain(
    "callers: lower bounds, because there are too many distinct values",
  );
});

describe("--fields", () => {
  it("reads another format's names, with times as that has them", async () => {
    const common = JSON.stringify({
      id: "x",
      time: "23/Nov/2026:10:30:00 +0100",
      code: "200",
      size: "7",
      took: 3,
      ip: "203.0.113.7",
    });
    const iso = JSON.stringify({
      id: "y",
      time: "2026-11-23T09:30:01Z",
      code: 500,
      size: 3,
      took: 4,
      ip: "203.0.113.7",
    });
    const mapping =
      "requestId=id,requestTimeEpoch=time,status=code,responseLength=size,responseLatency=took,sourceIp=ip";
    expect(await json(["--fields", mapping], `${common}\n${iso}`)).toMatchObject({
      requests: 2,
      from: at("09:30:00"),
      to: at("09:30:01"),
      responseBytes: 10,
      callers: [{ kind: "address", id: "203.0.113.7", requests: 2, errors: 1 }],
    });
  });
});

it("reads nested names, such as those of formats of REST APIs", async () => {
  // github.com/levibrian/babylon-ledger-api, terraform/modules/babylon-api/locals.tf, with the
  // status renamed
  const line = JSON.stringify({
    requestId: "48752d0f-c99d-4cfa-a5a7-f3c6834d19e5",
    identity: { ip: "203.0.113.7", caller: "-", user: "AIDACKCEVSQ6C2EXAMPLE" },
    requestTime: "23/Nov/2026:09:30:00 +0000",
    httpMethod: "GET",
    resourcePath: "/pets",
    "response.status": "200",
    responseLength: "7",
  });
  const fields = ["--fields", "sourceIp=identity.ip,user=identity.user,status=response.status"];
  expect(await json(fields, `${line}\n`.repeat(3))).toMatchObject({
    requests: 3,
    routes: [{ routeKey: "/pets", requests: 3 }],
    callers: [{ kind: "user", id: "AIDACKCEVSQ6C2EXAMPLE", requests: 3 }],
  });
});

describe("--privacy", () => {
  const secrets = ["203.0.113.7", "198.51.100.23", "hopper", "grace", "not json"];
  const nobody = accessLogLine({ user: "-", client: "-", sourceIp: "198.51.100.23" });
  const stdin = `${LOG}${nobody}\n${accessLogLine({ user: "hopper" })}\n`;

  it.each(["text", "md", "html", "json"])("leaves no person in %s", async (format) => {
    const { code, stdout } = await report(["--privacy", "--format", format], stdin);
    expect(code).toBe(0);
    for (const secret of secrets) expect(stdout).not.toContain(secret);
    expect(stdout).toContain("198.51.100.0/24");
    expect(stdout).toMatch(/user-[0-9a-f]{12}/);
  });

  it("leaves machine clients as clients: they are no persons", async () => {
    const { callers } = await json(["--privacy"], accessLogLine({ user: "machine", client: "machine" }));
    expect(callers).toMatchObject([{ kind: "client", id: "machine", requests: 1 }]);
  });

  it("counts a network's callers together", async () => {
    const lines = ["203.0.113.7", "203.0.113.8", "2001:db8::1"].map((sourceIp) =>
      accessLogLine({ user: "-", client: "-", sourceIp }),
    );
    const { callers } = await json(["--privacy"], lines.join("\n"));
    expect(callers.map(({ id, requests }) => [id, requests])).toEqual([
      ["203.0.113.0/24", 2],
      ["2001:db8::/48", 1],
    ]);
  });

  it("makes other pseudonyms in another run, and the same with the same key", async () => {
    const key = path.join(folder(), "key");
    writeFileSync(key, Buffer.alloc(32, 7));
    const ids = async (argv: string[]) => (await json(["--privacy", ...argv])).callers.map(({ id }) => id);
    expect(await ids([])).not.toEqual(await ids([]));
    expect(await ids(["--privacy-key", key])).toEqual(await ids(["--privacy-key", key]));
  });

  it("takes no key that can be guessed", async () => {
    const key = path.join(folder(), "key");
    writeFileSync(key, Buffer.alloc(31, 7));
    expect(await report(["--privacy", "--privacy-key", key])).toMatchObject({ code: 2 });
  });
});
