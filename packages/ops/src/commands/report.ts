import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { type AnalysisOptions, analyseAccessLog } from "@backend/platform/access-log/analysis/analyse";
import type { AccessLogReport } from "@backend/platform/access-log/analysis/report";
import { type Command, type CommandValues, UsageError } from "@backend/sst-graph/command-line";
import { oneLine } from "@backend/sst-graph/printable";
import { widthOf } from "@backend/sst-graph/screen";

import { clientConfig } from "../aws/client-config";
import { pagesOf } from "../aws/log-events";
import type { Environment } from "../environment";
import { rangeOf, TARGET_OPTIONS, type TimeRange } from "../options";
import { parseFieldNames } from "../report/field-names";
import { renderHtml } from "../report/html";
import { renderMarkdown } from "../report/markdown";
import { count } from "../report/numbers";
import { createPseudonymizer } from "../report/privacy";
import { chunksOf, fileInputs, type Input, newBuffers } from "../report/source";
import { renderText } from "../report/text";
import { type ViewOptions, viewOf } from "../report/view";
import { runOps } from "../run";
import { describe, required, targetOf } from "../target";
import { paintFor, progressOn } from "../terminal";
import { safeJson } from "../text";

const FORMATS = ["text", "json", "md", "html"] as const;
type Format = (typeof FORMATS)[number];

const COMMAND = {
  name: "pnpm ops report",
  about: "Reports usage from an access log: from files and folders of files, or from a stage's log group.",
  usage: ["[FILE|FOLDER...] [options]", "--stage NAME | --offline [--since SPAN | --from TIME --to TIME] [options]"],
  details: `Files are plain or gzip, - is standard input, which is read if there is no file and no stage.

It reads this API's format, SST's, the CDK's, the JSON, CLF, XML and CSV examples of API Gateway's
documentation, and what CloudWatch Logs exports to S3. A line needs a status and a time; all other fields are
optional: without responseLatency the report has no latencies, without routeKey (or resourcePath) no routes.`,
  arguments: {},
  options: {
    format: { type: "string", value: "FORMAT", about: `${FORMATS.join(", ")} (default: text)` },
    since: { type: "string", value: "SPAN", about: "of the log group, from this long ago (default: 24h)" },
    from: { type: "string", value: "TIME", about: "of the log group, from this moment, such as 2026-11-23T09:30:00Z" },
    to: { type: "string", value: "TIME", about: "up to this moment" },
    fields: {
      type: "string",
      value: "LIST",
      about:
        "names that another JSON format has for our fields, such as " +
        "status=httpStatus,responseLatency=took,sourceIp=identity.ip (ip in the object identity)",
    },
    privacy: {
      type: "boolean",
      default: false,
      about: "addresses as networks (IPv4 /24, IPv6 /48), users as pseudonyms, unreadable lines withheld",
    },
    "privacy-key": {
      type: "string",
      value: "FILE",
      about: "the key of the pseudonyms, so that they are the same in several reports (default: random)",
    },
    ...TARGET_OPTIONS,
  },
  exitCodes: { 1: "no line could be read as a request, or a failure", 130: "interrupted" },
} as const satisfies Command;

type Values = CommandValues<typeof COMMAND>;

/** A shorter key could be guessed. */
const MIN_KEY_BYTES = 32;

export function report(argv: string[], environment: Environment): Promise<number> {
  return runOps(COMMAND, argv, environment, (values, files) => run(values, files, environment));
}

async function run(values: Values, files: string[], environment: Environment): Promise<number> {
  const { stdout, stderr, signal } = environment;
  const format = formatOf(values.format, values.json);
  const options = await analysisOptions(values, environment.cwd);
  const inputs = await inputsOf(values, files, environment);

  const progress = progressOn(environment);
  const analysis = analyseAccessLog(options);
  const buffers = newBuffers();
  let bytes = 0;
  try {
    for (const input of inputs) {
      analysis.begin(input.file);
      for await (const chunk of chunksOf(input, buffers)) {
        signal.throwIfAborted();
        analysis.push(chunk);
        bytes += chunk.length;
        progress.say(`Read ${count(bytes / 1e6)} MB`);
      }
    }
  } finally {
    progress.end();
  }
  const result = analysis.finish();
  const notes = values.privacy ? ["addresses are networks, users are pseudonyms"] : [];
  const view = { source: listOf(inputs.map(({ name }) => name)), generatedAt: Date.now(), notes };
  stdout.write(rendered(result, format, view, environment));
  if (result.requests > 0 || result.unparseable.lines === 0) return 0;
  const [first] = result.unparseable.samples;
  const place = first?.source === undefined ? `Line ${first?.line}` : `${first.source}:${first.line}`;
  stderr.write(
    `Not one of ${count(result.lines)} lines could be read as a request. ${oneLine(`${place}: ${first?.reason}`)}. ` +
      `A line needs a status and a time (requestTimeEpoch or requestTime). ` +
      `If JSON has them under other names: --fields status=NAME,requestTime=NAME\n`,
  );
  return 1;
}

/** More names than these would fill the head of a report. */
const MAX_NAMES = 3;

function listOf(names: string[]): string {
  if (names.length <= MAX_NAMES) return names.join(", ");
  return `${names.slice(0, MAX_NAMES).join(", ")} and ${count(names.length - MAX_NAMES)} more files`;
}

function formatOf(format: string | undefined, json: boolean): Format {
  if (json && format !== undefined && format !== "json")
    throw new UsageError(`--json and --format ${format}: expected one of them`);
  const wanted = json ? "json" : (format ?? "text");
  const known = FORMATS.find((candidate) => candidate === wanted);
  if (known === undefined) throw new UsageError(`--format ${wanted}: expected ${FORMATS.join(", ")}`);
  return known;
}

async function analysisOptions(values: Values, cwd: string): Promise<AnalysisOptions> {
  const { fields, privacy, "privacy-key": keyFile } = values;
  if (keyFile !== undefined && !privacy) throw new UsageError("--privacy-key is of use with --privacy only");
  const names = fields === undefined ? {} : parseFieldNames(fields);
  if (!privacy) return { names };
  if (keyFile === undefined) return { names, hide: createPseudonymizer(randomBytes(MIN_KEY_BYTES)) };
  const key = await readFile(path.resolve(cwd, keyFile)).catch(() => undefined);
  if (key === undefined || key.length < MIN_KEY_BYTES) {
    throw new UsageError(
      `--privacy-key ${keyFile}: expected a file of at least ${MIN_KEY_BYTES} bytes, ` +
        `such as head -c ${MIN_KEY_BYTES} /dev/urandom makes`,
    );
  }
  return { names, hide: createPseudonymizer(key) };
}

async function inputsOf(values: Values, files: string[], environment: Environment): Promise<Input[]> {
  const { cwd, signal, stdin } = environment;
  const fromGroup = values.offline || values.stage !== undefined || values["log-group"] !== undefined;
  if (fromGroup && files.length > 0) throw new UsageError(`${files[0]}: expected files or a stage, not both`);
  const ranged = [values.since, values.from, values.to].some((value) => value !== undefined);
  if (ranged && !fromGroup)
    throw new UsageError("--since, --from and --to choose from a log group: expected --stage or --offline");
  if (fromGroup) return [logGroupInput(values, rangeOf(values, "24h", Date.now()), environment)];
  const standardInput: Input = { name: "standard input", open: () => stdin };
  if (files.length === 0) return [standardInput];
  const inputs = files.map((file) => {
    return file === "-" ? [{ ...standardInput, file: standardInput.name }] : fileInputs(file, cwd, signal);
  });
  return (await Promise.all(inputs)).flat();
}

function logGroupInput(values: Values, range: TimeRange, { cwd, stderr, signal }: Environment): Input {
  const target = targetOf(values, cwd);
  const logGroup = required(target, "accessLogGroup");
  stderr.write(`${describe(target, logGroup)}\n`);
  return { name: `log group ${logGroup}, stage ${target.stage}`, open: read };

  async function* read(): AsyncGenerator<Uint8Array> {
    const { CloudWatchLogsClient } = await import("@aws-sdk/client-cloudwatch-logs");
    const client = new CloudWatchLogsClient(clientConfig(target));
    const encoder = new TextEncoder();
    try {
      for await (const page of pagesOf(client, { ...range, logGroup }, signal)) {
        yield encoder.encode(page.map(({ message }) => `${message.trimEnd()}\n`).join(""));
      }
    } finally {
      client.destroy();
    }
  }
}

function rendered(result: AccessLogReport, format: Format, options: ViewOptions, { stdout, env }: Environment): string {
  if (format === "json") return `${safeJson(result, 2)}\n`;
  const view = viewOf(result, options);
  if (format === "html") return renderHtml(view);
  return format === "md"
    ? renderMarkdown(view)
    : renderText(view, { width: widthOf(stdout, env), paint: paintFor(stdout, env) });
}
