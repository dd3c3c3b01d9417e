import { setTimeout as delay } from "node:timers/promises";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { type Command, type CommandValues, UsageError } from "@backend/sst-graph/command-line";
import { oneLine } from "@backend/sst-graph/printable";

import { accountOf } from "../aws/account";
import { apiUrlOf } from "../aws/api-url";
import { clientConfig } from "../aws/client-config";
import { declaredBy } from "../declared";
import type { Environment } from "../environment";
import { explained } from "../explained";
import { durationOf, TARGET_OPTIONS } from "../options";
import { milliseconds } from "../report/numbers";
import { findEntry, findRecords, functionLogGroups } from "../request-search";
import { runOps } from "../run";
import { describe, required, type Target, targetOf } from "../target";
import { paintFor, progressOn } from "../terminal";
import { safeJson } from "../text";

const COMMAND = {
  name: "pnpm ops smoke",
  about: "Calls the API until it returns 200, then finds that request in the access log and the function log.",
  usage: ["--stage NAME | --offline [options]"],
  details: `Waits for what a first deployment has not finished yet: a new host name, the routes of a new API,
the first line in a log. Says what it waits for.`,
  options: {
    path: {
      type: "string",
      value: "PATH",
      about: "what to GET (default: a route of the deployment graph that anyone may call)",
    },
    timeout: { type: "string", value: "SPAN", about: "how long to wait for each (default: 60s on AWS, 5s offline)" },
    ...TARGET_OPTIONS,
  },
  exitCodes: { 0: "found all", 1: "one did not come in time, which is named; or a failure", 130: "interrupted" },
} as const satisfies Command;

type Values = CommandValues<typeof COMMAND>;

/** Milliseconds between two looks into a log. */
const INTERVAL = { aws: 2000, offline: 100 };
/** A timer that is set for longer fires at once: https://nodejs.org/api/timers.html */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Milliseconds by which this machine's clock may be ahead of AWS's. */
const CLOCKS = 300_000;

interface Step {
  step: "response" | "access log" | "function log";
  ok: boolean;
  milliseconds: number;
  detail: string;
}

export function smoke(argv: string[], environment: Environment): Promise<number> {
  return runOps(COMMAND, argv, environment, (values) => run(values, environment));
}

async function run(values: Values, environment: Environment): Promise<number> {
  const { stdout, stderr, env, cwd, signal } = environment;
  const target = targetOf(values, cwd);
  const span = durationOf("--timeout", values.timeout ?? (target.where === "aws" ? "60s" : "5s"));
  const timeout = Math.min(span, MAX_TIMER_MS);
  const logGroup = required(target, "accessLogGroup");
  const requestPath = values.path ?? publicPathOf(target);
  const apiUrl = await apiUrlOf(target, accountOf(target, signal));
  const url = `${apiUrl.replace(/\/$/, "")}${requestPath}`;
  stderr.write(`${describe({ ...target, url: apiUrl }, logGroup)}\n`);

  const paint = paintFor(stdout, env);
  const steps: Step[] = [];
  const client = new CloudWatchLogsClient(clientConfig(target));
  const look = { timeout, interval: INTERVAL[target.where], environment };
  try {
    for await (const step of stepsOf()) {
      steps.push(step);
      const verdict = step.ok ? paint.green("ok    ") : paint.red("failed");
      const time = `${step.milliseconds} ms`.padStart(9);
      const line = `${verdict} ${step.step.padEnd(12)} ${time}  ${oneLine(step.detail)}\n`;
      if (!values.json) stdout.write(line);
    }
  } finally {
    client.destroy();
  }
  const ok = steps.every((step) => step.ok);
  if (values.json) stdout.write(`${safeJson({ ok, stage: target.stage, where: target.where, url, steps })}\n`);
  return ok ? 0 : 1;

  async function* stepsOf(): AsyncGenerator<Step> {
    const from = Date.now() - CLOCKS;
    const { step: response, requestId } = await callUntilAnswered(url, look);
    yield response;
    if (requestId === undefined) return;

    const missing = `no line of request ${requestId} in ${logGroup}`;
    const line = await eventually(look, "access log", missing, async (signal) => {
      const entry = await findEntry(client, { logGroup, from }, requestId, signal);
      if (entry === undefined) return undefined;
      const { status, responseLatency } = entry;
      return { found: entry, detail: `status ${status}, ${milliseconds(responseLatency)}, ${entry.requestId}` };
    });
    yield line.step;
    const integrationRequestId = line.found?.integrationRequestId;
    if (line.found === undefined) return;
    if (integrationRequestId === undefined) {
      const detail = "the access log names no invocation: no function was reached";
      yield { step: "function log", ok: false, milliseconds: 0, detail };
      return;
    }
    const { requestTimeEpoch } = line.found;
    const absent = `no record of invocation ${integrationRequestId} in the logs of the stage's functions`;
    const groups = functionLogGroups(target);
    const records = await eventually(look, "function log", absent, async (signal) => {
      const [record] = await findRecords(client, groups, integrationRequestId, requestTimeEpoch, signal);
      return record && { found: record, detail: `invocation ${integrationRequestId} in ${record.logGroup}` };
    });
    yield records.step;
  }
}

function publicPathOf({ project, stage }: Target): string {
  const { publicPath } = declaredBy(project, stage);
  if (publicPath !== undefined) return publicPath;
  throw new UsageError("The deployment graph has no route that anyone may GET: give --path");
}

/**
 * Calls until the API answers, or answers something that time does not change. The host name of a
 * new distribution and the
 * routes of a new API may not answer for some minutes, and SST waits five at most.
 * https://github.com/anomalyco/sst/issues/5978
 */
async function callUntilAnswered(url: string, look: Look): Promise<{ step: Step; requestId?: string }> {
  let last: Answer | undefined;
  const { step } = await eventually(look, "response", `GET ${url}: no 200`, async (signal) => {
    last = await call(url, signal);
    if (mayPass(last.status)) throw new Error(`${new URL(url).host} answers ${last.status}`);
    return { found: last, detail: last.detail };
  });
  const isGood = last?.status === 200 && last.requestId !== undefined;
  const detail = step.ok || last === undefined ? step.detail : `${step.detail}: ${last.detail}`;
  return { step: { ...step, detail, ok: step.ok && isGood }, ...(last?.requestId && { requestId: last.requestId }) };
}

interface Answer {
  status: number;
  requestId?: string;
  detail: string;
}

async function call(url: string, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(url, { signal });
  const body = await response.text();
  const { status } = response;
  const requestId = response.headers.get("apigw-requestid");
  const id = requestId ?? "no apigw-requestid header, so nothing to look for";
  const detail = `GET ${url} answered ${status}, ${id}`;
  return {
    status,
    detail: status === 200 ? detail : `${detail}; expected 200: ${body.slice(0, 200)}`,
    ...(requestId && { requestId }),
  };
}

/**
 * True for a status that CloudFront or API Gateway may return until all servers have a deployment.
 */
function mayPass(status: number): boolean {
  return status === 403 || status === 404 || status >= 500;
}

interface Look {
  timeout: number;
  interval: number;
  environment: Environment;
}

/** Tries until something is found or the time is over. Reports the last error at the end. */
async function eventually<T>(
  { timeout, interval, environment }: Look,
  step: Step["step"],
  missing: string,
  look: (signal: AbortSignal) => Promise<{ found: T; detail: string } | undefined>,
): Promise<{ step: Step; found?: T }> {
  const start = performance.now();
  const progress = progressOn(environment);
  const elapsed = () => Math.round(performance.now() - start);
  const deadline = AbortSignal.timeout(timeout);
  const signal = AbortSignal.any([environment.signal, deadline]);
  let reason = "";
  const tell = (latest: string) => {
    // Where nobody watches a changing line, such as CI, each reason gets a line once.
    if (latest !== reason && environment.stderr.isTTY !== true)
      environment.stderr.write(`Waiting for the ${step}: ${oneLine(latest)}\n`);
    reason = latest;
  };
  try {
    while (true) {
      progress.say(`Waiting for the ${step}, ${Math.round(elapsed() / 1000)} s${reason && ` (${oneLine(reason)})`}`);
      try {
        const result = await look(signal);
        if (result !== undefined) {
          return { step: { step, ok: true, milliseconds: elapsed(), detail: result.detail }, found: result.found };
        }
        reason = "";
      } catch (error) {
        if (environment.signal.aborted) throw error;
        if (!deadline.aborted) tell(explained(error));
      }
      await delay(interval, undefined, { signal });
    }
  } catch (error) {
    if (!deadline.aborted || environment.signal.aborted) throw error;
    const detail = `${missing} after ${timeout / 1000} s${reason && ` (${reason})`}`;
    return { step: { step, ok: false, milliseconds: elapsed(), detail } };
  } finally {
    progress.end();
  }
}
