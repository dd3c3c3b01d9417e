import { setTimeout as delay } from "node:timers/promises";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";

import { appendLines, type Cause, exitCause, formatUncaught, STOPPED } from "./cause";
import type { FunctionConfig } from "./function-config";
import { advance, BEGUN, createMark, ENDED, LOGGED, nextSequence, POSTED, post, reclaim } from "./mark.mjs";
import { endRecords, initRecord, linesOf, startRecord, timeoutRecord } from "./platform-record.mjs";
import { type InvocationReport, parseReport, type Report, type RuntimeError } from "./report";
import { type LogStream, startWorker } from "./worker";

export interface Invocation {
  requestId: string;
  /** JSON text. */
  event: string;
  traceId: string;
  resolve: (result: InvocationResult) => void;
}

/**
 * The JSON text that the function returned, or an error, which callers never see. `isThrottled`:
 * Lambda did not run the function.
 */
export type InvocationResult =
  | { ok: true; json: string }
  | { ok: false; errorType: string; errorMessage: string; isThrottled?: true };

/**
 * State of an environment. It leaves `starting` once, never leaves `gone`, and runs an invocation
 * only while `busy`. Only `move` changes the state, and it throws for every other change.
 */
type State = "starting" | "idle" | "busy" | "gone";

const NEXT: Record<State, State[]> = {
  starting: ["idle", "busy", "gone"],
  idle: ["busy", "gone"],
  busy: ["idle", "gone"],
  gone: [],
};

export interface EnvironmentEvents {
  /** The environment can run another invocation. Called before the previous result is returned. */
  idle(): void;
  /** Init has failed. Returns the waiting invocation that fails with it, if there is one. */
  initFailed(): Invocation | undefined;
  /** Init took too long. An invocation must run it again. */
  initTimedOut(): void;
  /**
   * The environment has ended. Another environment may run the invocation that it had not started.
   */
  gone(unstarted: Invocation | undefined): void;
  /** A failure has occurred that callers do not see. */
  notice(text: string): void;
}

export interface EnvironmentOptions {
  bundle: string;
  stream: LogStream;
  initLimitMs: number;
  /** Invocation whose time includes init. Lambda does so after an init that took too long. */
  firstInvocation?: Invocation | undefined;
}

export interface Environment {
  readonly state: State;
  /** Duration of init; `undefined` while it runs. */
  readonly initMs: number | undefined;
  /** Time when it became idle, by `performance.now()`. */
  readonly idleSince: number;
  /** Runs an invocation. Throws an Error unless the environment is idle. */
  run(invocation: Invocation): void;
  /** Ends the environment now, or after its invocation. */
  retire(): void;
  /**
   * Ends the environment now; its invocation fails. Resolves after the thread's end, or a second.
   */
  terminate(): Promise<void>;
}

/** Limits the wait for a thread that cannot be ended because it runs native code. */
const TERMINATION_LIMIT_MS = 1000;

interface Running {
  invocation: Invocation;
  sequence: number;
  startedAt: number;
}

/**
 * Starts an execution environment: a worker thread that loads the function's bundle and runs one
 * invocation at a time. Throws if no thread can be started.
 */
export function startEnvironment(
  config: FunctionConfig,
  options: EnvironmentOptions,
  events: EnvironmentEvents,
): Environment {
  const { stream, initLimitMs, firstInvocation } = options;
  const mark = createMark();
  const { port1: port, port2: workerPort } = new MessageChannel();
  const startedAt = performance.now();
  const worker = startWorker(config, {
    ...options,
    port: workerPort,
    mark,
    startedAt: performance.timeOrigin + startedAt,
    isInitPartOfInvocation: firstInvocation !== undefined,
  });
  const timer = setTimeout(onTimeout, config.timeoutMs).unref();
  const initTimer = setTimeout(onInitTimeout, initLimitMs).unref();
  let state: State = "starting";
  let running: Running | undefined;
  let sequence = 0;
  let initMs: number | undefined;
  let idleSince = 0;
  let isRetiring = false;

  port.on("message", (message) => receive(parseReport(message)));
  // An idle function must not keep the process alive; the server does.
  port.unref();
  worker.unref();
  worker.on("error", crash);
  worker.on("exit", (code) => end(exitCause(code)));
  if (firstInvocation !== undefined) {
    clearTimeout(initTimer);
    run(firstInvocation);
    advance(mark, sequence, BEGUN); // init is part of the invocation
  }

  return {
    get state() {
      return state;
    },
    get initMs() {
      return initMs;
    },
    get idleSince() {
      return idleSince;
    },
    run,
    retire,
    terminate,
  };

  function move(next: State): void {
    if (!NEXT[state].includes(next)) throw new Error(`An environment that is ${state} cannot become ${next}`);
    state = next;
  }

  function run(invocation: Invocation): void {
    move("busy");
    sequence = nextSequence(sequence);
    running = { invocation, sequence, startedAt: performance.now() };
    timer.refresh();
    post(mark, sequence);
    port.postMessage([sequence, invocation.requestId, invocation.traceId, invocation.event]);
  }

  function receive(report: Report | undefined): void {
    if (report === undefined || state === "gone") return; // posted by the function's code, or too late
    if (report.type === "notice") events.notice(report.text);
    else if (report.type === "ready") finishInit();
    else if (report.type === "init-failed") end({ error: report.error, status: "error" });
    else if (running?.sequence === report.sequence) finish(running.invocation, report);
  }

  function finishInit(): void {
    if (state !== "starting") return;
    clearTimeout(initTimer);
    initMs = performance.now() - startedAt;
    becomeIdle();
  }

  function finish(invocation: Invocation, report: InvocationReport): void {
    running = undefined;
    if (report.type === "failed" && report.exits) end(STOPPED);
    else becomeIdle();
    invocation.resolve(resultOf(report));
  }

  /** Lets the function post its next invocation before this thread handles the last result. */
  function becomeIdle(): void {
    move("idle");
    idleSince = performance.now();
    if (isRetiring) end(STOPPED);
    else events.idle();
  }

  function onTimeout(): void {
    const late = running?.sequence;
    // If this thread was busy, the result may have arrived but not been read.
    setImmediate(() => {
      if (running === undefined || running.sequence !== late) return;
      const stage = reclaim(mark);
      if (stage === ENDED) return; // the result is on its way
      const seconds = (config.timeoutMs / 1000).toFixed(2);
      const error = { errorType: "Sandbox.Timedout", errorMessage: `Task timed out after ${seconds} seconds` };
      const lines = timeoutRecord(config.logFormat, running.invocation.requestId, config.timeoutMs);
      end({ error, status: "timeout", lines }, stage);
    });
  }

  function onInitTimeout(): void {
    setImmediate(() => {
      if (state !== "starting") return; // init had finished while this thread was busy
      leave();
      write(initRecord(config.logFormat, { initMs: initLimitMs, phase: "init", status: "timeout" }));
      events.initTimedOut();
    });
  }

  function crash(error: unknown): void {
    if (error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") {
      end({ error: { errorType: "Runtime.OutOfMemory", errorMessage: error.message }, status: "error" });
    } else {
      // Node.js prints an uncaught error and exits with status 1.
      end({ ...exitCause(1), lines: linesOf(`${formatUncaught(error)}\n\nNode.js ${process.version}`) });
    }
  }

  /** Ends the environment, and settles its invocation by the stage that the worker has reached. */
  function end(cause: Cause, stage = reclaim(mark)): void {
    if (state === "gone") return;
    const isInitFailure = state === "starting" && cause !== STOPPED;
    const lost = running;
    const { report, initError } = leave();
    if (isInitFailure) {
      failInit(initError === undefined ? cause : { error: initError, status: "error" });
      return;
    }
    if (lost !== undefined && report === undefined && !isUntouched(lost, stage)) {
      fail(lost, cause, stage);
      return;
    }
    write(cause.lines ?? "");
    events.gone(report === undefined ? lost?.invocation : undefined);
    if (report !== undefined) lost?.invocation.resolve(resultOf(report));
  }

  /**
   * True if the invocation has not started, and an earlier one has caused the end. Without an
   * earlier one, the cause is the function itself, which would fail anywhere.
   */
  function isUntouched(lost: Running, stage: number): boolean {
    return stage === POSTED && lost.sequence > 1;
  }

  /** Stops the thread. Returns the unread reports that it has sent. */
  function leave(): { report?: InvocationReport; initError?: RuntimeError } {
    move("gone");
    clearTimeout(timer);
    clearTimeout(initTimer);
    void worker.terminate();
    const sent: { report?: InvocationReport; initError?: RuntimeError } = {};
    for (let read = receiveMessageOnPort(port); read !== undefined; read = receiveMessageOnPort(port)) {
      const report = parseReport(read.message);
      if (report === undefined || report.type === "ready") continue;
      if (report.type === "notice") events.notice(report.text);
      else if (report.type === "init-failed") sent.initError = report.error;
      else if (report.sequence === running?.sequence) sent.report = report;
    }
    running = undefined;
    port.close();
    return sent;
  }

  /** Fails the invocation at the head of the queue, for which this environment was started. */
  function failInit({ error, status, lines = "" }: Cause): void {
    const elapsedMs = performance.now() - startedAt;
    const { errorType } = error;
    const record = initRecord(config.logFormat, { initMs: elapsedMs, phase: "init", status: "error", errorType });
    write(`${lines}${record}`);
    const invocation = events.initFailed();
    if (invocation === undefined) events.gone(undefined);
    else fail({ invocation, sequence, startedAt: performance.now() }, { error, status }, BEGUN);
  }

  /** Fails an invocation, and writes the log records that the runtime could not write. */
  function fail(
    { invocation, startedAt: begunAt }: Running,
    { error, status, lines = "" }: Cause,
    stage: number,
  ): void {
    const { logFormat, memorySizeMb } = config;
    const { requestId } = invocation;
    const metrics = { requestId, durationMs: performance.now() - begunAt, memorySizeMb, heapMb: memorySizeMb };
    const start = stage < LOGGED ? startRecord(logFormat, requestId) : "";
    write(`${start}${lines}${stage < ENDED ? endRecords(logFormat, metrics, status, error.errorType) : ""}`);
    events.gone(undefined);
    invocation.resolve({ ok: false, errorType: error.errorType, errorMessage: error.errorMessage });
  }

  function retire(): void {
    if (state === "busy") isRetiring = true;
    else end(STOPPED);
  }

  async function terminate(): Promise<void> {
    end(STOPPED);
    const limit = new AbortController();
    const waited = delay(TERMINATION_LIMIT_MS, undefined, { signal: limit.signal }).catch(() => {});
    await Promise.race([worker.terminate(), waited]);
    limit.abort();
  }

  /** Reports a failure instead of throwing: a full disk must not fail an invocation. */
  function write(lines: string): void {
    try {
      appendLines(stream.file, lines);
    } catch (error) {
      events.notice(`log stream ${stream.file}: ${(error as Error).message}`);
    }
  }
}

function resultOf(report: InvocationReport): InvocationResult {
  if (report.type === "result") return { ok: true, json: report.json };
  return { ok: false, errorType: report.error.errorType, errorMessage: report.error.errorMessage };
}
