import { setTimeout as delay } from "node:timers/promises";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { parseCommandLine } from "@secure-backend/graph/command-line";
import { oneLine } from "@secure-backend/graph/printable";

import { clientConfig } from "../aws/client-config";
import type { Environment } from "../environment";
import { explained } from "../explained";
import { durationOf, TARGET_HELP, TARGET_OPTIONS } from "../options";
import { milliseconds } from "../report/numbers";
import { findEntry, findRecords, functionLogGroups } from "../request-search";
import { describe, required, targetOf } from "../target";
import { paintFor, progressOn } from "../terminal";
import { safeJson } from "../text";

const HELP = `Usage: pnpm ops smoke --stage NAME | --offline [options]

Calls the API, expects 200, and finds that request's access-log line and the function's record of it. Exit code 1, and what was
not found, where one of them is missing.

  --path PATH        what to GET (default: /SecureBackendFunction)
  --timeout SPAN     how long to look for each (default: 60s on AWS, 5s offline)
${TARGET_HELP}`;

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

export async function smoke(argv: string[], environment: Environment): Promise<number> {
  const { stdout, stderr, env, cwd } = environment;
  const { values } = parseCommandLine(argv, OPTIONS, HELP);
  if (values.help) {
    stdout.write(HELP);
    return 0;
  }
  const target = targetOf(values, cwd);
  const span = durationOf("--timeout", values.timeout ?? (target.where === "aws" ? "60s" : "5s"));
  const timeout = Math.min(span, MAX_TIMER_MS);
  const url = `${required(target, "url").replace(/\/$/, "")}${values.path}`;
  const logGroup = required(target, "accessLogGroup");
  stderr.write(`${describe(target, logGroup)}\n`);

  const paint = paintFor(stdout, env);
  const steps: Step[] = [];
  const client = new CloudWatchLogsClient(clientConfig(target));
  const look = { timeout, interval: INTERVAL[target.where], environment };
  try {
    for await (const step of stepsOf()) {
      steps.push(step);
      const verdict = step.ok ? paint.green("ok    ") : paint.red("failed");
      const line = `${verdict} ${step.step.padEnd(12)} ${`${step.milliseconds} ms`.padStart(9)}  ${oneLine(step.detail)}\n`;
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
    const { requestId, ...response } = await called(url, timeout, environment.signal);
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

const OPTIONS = {
  ...TARGET_OPTIONS,
  path: { type: "string", default: "/SecureBackendFunction" },
  timeout: { type: "string" },
} as const;

async function called(url: string, timeout: number, signal: AbortSignal): Promise<Step & { requestId?: string }> {
  const start = performance.now();
  const done = (ok: boolean, detail: string, requestId?: string | null) => ({
    step: "response" as const,
    ok,
    milliseconds: Math.round(performance.now() - start),
    detail,
    ...(requestId && { requestId }),
  });
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]) });
    const body = await response.text();
    const requestId = response.headers.get("apigw-requestid");
    const id = requestId === null ? "no apigw-requestid header, so nothing to look for" : requestId;
    const detail = `GET ${url} answered ${response.status}, ${id}`;
    const ok = response.status === 200 && requestId !== null;
    return done(ok, response.status === 200 ? detail : `${detail}; expected 200: ${body.slice(0, 200)}`, requestId);
  } catch (error) {
    if (signal.aborted) throw error;
    return done(false, `GET ${url}: ${explained(error)}`);
  }
}

interface Look {
  timeout: number;
  interval: number;
  environment: Environment;
}

/**
 * Looks until something is there or the time is over. What goes wrong in between is the reason
 * that is given at the end.
 */
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
  try {
    while (true) {
      progress.say(`Looking for the ${step} line, ${Math.round(elapsed() / 1000)} s`);
      try {
        const result = await look(signal);
        if (result !== undefined) {
          return { step: { step, ok: true, milliseconds: elapsed(), detail: result.detail }, found: result.found };
        }
        reason = "";
      } catch (error) {
        if (environment.signal.aborted) throw error;
        if (!deadline.aborted) reason = explained(error);
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
