import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { readAccessLogLine } from "@backend/platform/access-log/analysis/read-line";
import { isoInstant } from "@backend/platform/epoch";
import { type Command, type CommandValues, UsageError } from "@backend/sst-graph/command-line";
import { oneLine } from "@backend/sst-graph/printable";
import type { RowOptions } from "@backend/sst-graph/request-row";
import { widthOf } from "@backend/sst-graph/screen";

import { clientConfig } from "../aws/client-config";
import { follow, type LogEvent, type LogQuery, pagesOf } from "../aws/log-events";
import { type EntryFilter, entryFilter } from "../entry-filter";
import { entryLine } from "../entry-line";
import type { Environment } from "../environment";
import { rangeOf, TARGET_OPTIONS, type TimeRange } from "../options";
import { findEntry, findRecords, functionLogGroups } from "../request-search";
import { runOps } from "../run";
import { describe, required, type Target, targetOf } from "../target";
import { paintFor } from "../terminal";
import { safeJson } from "../text";

const COMMAND = {
  name: "pnpm ops logs",
  about: "Shows the access log: time, status, method, path, latency, caller or the reason of a failure.",
  usage: ["--stage NAME | --offline [options]"],
  details: "A terminal of 110 columns or more (or COLUMNS=110) also shows request ids. Times are UTC.",
  options: {
    since: { type: "string", value: "SPAN", about: "from this long ago (default: 10m; with --request 24h)" },
    from: { type: "string", value: "TIME", about: "from this moment, such as 2026-11-23T09:30:00Z" },
    to: { type: "string", value: "TIME", about: "up to this moment" },
    follow: { type: "boolean", default: false, about: "keep printing new lines until Ctrl-C" },
    status: { type: "string", value: "LIST", about: "such as 404, 5xx or 4xx,500" },
    route: { type: "string", value: "KEY", about: 'such as "GET /events/{id}", or - for requests without a route' },
    user: { type: "string", value: "ID", about: "user or machine client, or - for requests without a token" },
    address: { type: "string", value: "IP", about: "IP address of the client" },
    request: {
      type: "string",
      value: "ID",
      about: "one request, and the function log from 1 minute before it to 5 minutes after it",
    },
    ...TARGET_OPTIONS,
  },
  exitCodes: { 1: "the request of --request is not found, or a failure", 130: "interrupted" },
} as const satisfies Command;

type Values = CommandValues<typeof COMMAND>;

/** On AWS log events arrive late by up to some minutes, offline they do not. */
const PACE = { aws: { interval: 2000, overlap: 300_000 }, offline: { interval: 250, overlap: 5000 } };

export function logs(argv: string[], environment: Environment): Promise<number> {
  return runOps(COMMAND, argv, environment, (values) => run(values, environment));
}

async function run(values: Values, environment: Environment): Promise<number> {
  const { stdout, stderr, env, cwd, signal } = environment;
  const filter = entryFilter(values);
  const range = rangeOf(values, values.request === undefined ? "10m" : "24h", Date.now());
  if (values.follow && (range.to !== undefined || values.request !== undefined)) {
    throw new UsageError("--follow runs on: expected neither --to nor --request with it");
  }
  const target = targetOf(values, cwd);
  const logGroup = required(target, "accessLogGroup");
  const client = new CloudWatchLogsClient(clientConfig(target));
  const screen = { width: rowWidth(stdout, env), paint: paintFor(stdout, env) };
  stderr.write(`${describe(target, logGroup)}\n`);
  try {
    if (values.request !== undefined) {
      return await showRequest(client, target, { ...range, logGroup }, values.request, values.json, environment);
    }
    const query: LogQuery = { ...range, logGroup, ...(filter.pattern !== undefined && { pattern: filter.pattern }) };
    const pages = values.follow ? follow(client, query, PACE[target.where], signal) : pagesOf(client, query, signal);
    for await (const page of pages) {
      const text = page.map((logEvent) => shown(logEvent, filter, values.json, screen)).join("");
      if (text !== "") stdout.write(text);
    }
    return 0;
  } finally {
    client.destroy();
  }
}

function shown({ message }: LogEvent, { pattern, matches }: EntryFilter, json: boolean, screen: RowOptions): string {
  const line = readAccessLogLine(message, {});
  if (!line.ok) {
    if (pattern !== undefined) return ""; // a filter asks for requests, and an unreadable line matches none
    const { reason, sample } = line;
    return json
      ? `${safeJson({ unparseable: { reason, sample } })}\n`
      : `${screen.paint.red(`cannot be read (${reason}):`)} ${oneLine(sample)}\n`;
  }
  if (!matches(line.entry)) return "";
  return `${json ? safeJson(line.entry) : entryLine(line.entry, screen)}\n`;
}

async function showRequest(
  client: CloudWatchLogsClient,
  target: Target,
  range: TimeRange & { logGroup: string },
  requestId: string,
  json: boolean,
  { stdout, stderr, env, signal }: Environment,
): Promise<number> {
  const screen = { width: rowWidth(stdout, env), paint: paintFor(stdout, env) };
  const entry = await findEntry(client, range, requestId, signal);
  if (entry === undefined) {
    stderr.write(`No request ${oneLine(requestId)} in ${range.logGroup} since ${isoInstant(range.from)}\n`);
    return 1;
  }
  const { integrationRequestId, requestTimeEpoch } = entry;
  const records =
    integrationRequestId === undefined
      ? []
      : await findRecords(client, functionLogGroups(target), integrationRequestId, requestTimeEpoch, signal);
  if (json) {
    const shown = records.map(({ logGroup, timestamp, message }) => ({ logGroup, timestamp, message }));
    stdout.write(`${safeJson({ entry, records: shown })}\n`);
    return 0;
  }
  const lines = records.map(({ timestamp, logGroup, message }) =>
    [
      screen.paint.dim(isoInstant(timestamp).slice(11, 23)),
      screen.paint.dim(logGroup),
      oneLine(message.trimEnd()),
    ].join(" "),
  );
  const fallback = integrationRequestId === undefined ? "No function was invoked." : "No record of a function.";
  stdout.write(`${entryLine(entry, screen)}\n${lines.length === 0 ? screen.paint.dim(fallback) : lines.join("\n")}\n`);
  return 0;
}

/** A pipe gets rows with request ids: scripts need them, and no line of a pipe wraps. */
function rowWidth(stdout: Environment["stdout"], env: NodeJS.ProcessEnv): number {
  return stdout.isTTY || env.COLUMNS ? widthOf(stdout, env) : PIPE_COLUMNS;
}

const PIPE_COLUMNS = 160;
