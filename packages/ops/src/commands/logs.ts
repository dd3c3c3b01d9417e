import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { readAccessLogLine } from "@backend/platform/access-log/analysis/read-line";
import { isoInstant } from "@backend/platform/epoch";
import { parseCommandLine, UsageError } from "@backend/sst-graph/command-line";
import { oneLine } from "@backend/sst-graph/printable";

import { clientConfig } from "../aws/client-config";
import { follow, type LogEvent, type LogQuery, pagesOf } from "../aws/log-events";
import { type EntryFilter, entryFilter } from "../entry-filter";
import { entryLine } from "../entry-line";
import type { Environment } from "../environment";
import { rangeOf, TARGET_HELP, TARGET_OPTIONS, type TimeRange } from "../options";
import { findEntry, findRecords, functionLogGroups } from "../request-search";
import { describe, required, type Target, targetOf } from "../target";
import { type Paint, paintFor } from "../terminal";
import { safeJson } from "../text";

const HELP = `Usage: pnpm ops logs --stage NAME | --offline [options]

Shows the access log: time, status, method, path, latency, user or client, request id, reason of a failure.

  --since SPAN       from this long ago (default: 10m; with --request 24h)
  --from, --to TIME  between two moments, such as 2026-11-23T09:30:00Z
  --follow           go on with what comes, until Ctrl-C
  --status LIST      such as 404, 5xx or 4xx,500
  --route KEY        such as "GET /events/{id}"
  --user ID          user or machine client
  --request ID       one request: its line, and what functions wrote for it from a minute before it to five minutes
                     after it; exit code 1 if it is not found
${TARGET_HELP}`;

/** On AWS log events arrive late by up to some minutes, offline they do not. */
const PACE = { aws: { interval: 2000, overlap: 300_000 }, offline: { interval: 250, overlap: 5000 } };

export async function logs(argv: string[], environment: Environment): Promise<number> {
  const { stdout, stderr, env, cwd, signal } = environment;
  const { values } = parseCommandLine(argv, OPTIONS, HELP);
  if (values.help) {
    stdout.write(HELP);
    return 0;
  }
  const filter = entryFilter(values);
  const range = rangeOf(values, values.request === undefined ? "10m" : "24h", Date.now());
  if (values.follow && (range.to !== undefined || values.request !== undefined)) {
    throw new UsageError("--follow runs on: expected neither --to nor --request with it");
  }
  const target = targetOf(values, cwd);
  const logGroup = required(target, "accessLogGroup");
  const client = new CloudWatchLogsClient(clientConfig(target));
  const paint = paintFor(stdout, env);
  stderr.write(`${describe(target, logGroup)}\n`);
  try {
    if (values.request !== undefined) {
      return await showRequest(client, target, { ...range, logGroup }, values.request, values.json, environment);
    }
    const query: LogQuery = { ...range, logGroup, ...(filter.pattern !== undefined && { pattern: filter.pattern }) };
    const pages = values.follow ? follow(client, query, PACE[target.where], signal) : pagesOf(client, query, signal);
    for await (const page of pages) {
      const text = page.map((logEvent) => shown(logEvent, filter, values.json, paint)).join("");
      if (text !== "") stdout.write(text);
    }
    return 0;
  } finally {
    client.destroy();
  }
}

const OPTIONS = {
  ...TARGET_OPTIONS,
  since: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  follow: { type: "boolean", default: false },
  status: { type: "string" },
  route: { type: "string" },
  user: { type: "string" },
  request: { type: "string" },
} as const;

function shown({ message }: LogEvent, { pattern, matches }: EntryFilter, json: boolean, paint: Paint): string {
  const line = readAccessLogLine(message, {});
  if (!line.ok) {
    if (pattern !== undefined) return ""; // a filter asks for requests, and an unreadable line matches none
    const { reason, sample } = line;
    return json
      ? `${safeJson({ unparseable: { reason, sample } })}\n`
      : `${paint.red(`cannot be read (${reason}):`)} ${oneLine(sample)}\n`;
  }
  if (!matches(line.entry)) return "";
  return `${json ? safeJson(line.entry) : entryLine(line.entry, paint)}\n`;
}

async function showRequest(
  client: CloudWatchLogsClient,
  target: Target,
  range: TimeRange & { logGroup: string },
  requestId: string,
  json: boolean,
  { stdout, stderr, env, signal }: Environment,
): Promise<number> {
  const paint = paintFor(stdout, env);
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
    stdout.write(
      `${safeJson({ entry, records: records.map(({ logGroup, timestamp, message }) => ({ logGroup, timestamp, message })) })}\n`,
    );
    return 0;
  }
  const lines = records.map(({ timestamp, logGroup, message }) =>
    [paint.dim(isoInstant(timestamp).slice(11, 23)), paint.dim(logGroup), oneLine(message.trimEnd())].join(" "),
  );
  const fallback = integrationRequestId === undefined ? "No function was invoked." : "No record of a function.";
  stdout.write(`${entryLine(entry, paint)}\n${lines.length === 0 ? paint.dim(fallback) : lines.join("\n")}\n`);
  return 0;
}
