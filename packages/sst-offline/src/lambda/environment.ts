import { setTimeout as delay } from "node:timers/promises";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";

import { appendLines, type Cause, exit, formatUncaught, STOPPED } from "./cause";
import type { FunctionConfig } from "./function-config";
import { advance, BEGUN, createMark, ENDED, LOGGED, nextSequence, POSTED, post, take } from "./mark.mjs";
import { endRecords, initRecord, linesOf, startRecord, timeoutRecord } from "./platform-record.mjs";
import { type Answer, parseReport, type Report, type RuntimeError } from "./report";
import { type LogStream, startWorker } from "./worker";

export interface Invocation {
  requestId: string;
  /** JSON text. */
  event: string;
  traceId: string;
  resolve: (result: InvocationResult) => void;
}

/** The JSON text that the function returned, or an error, which is never shown to a caller. */
export type InvocationResult = { ok: true; json: string } | { ok: false; errorType: string; errorMessage: string };

/**
 * An environment is in exactly one of these states. It leaves `starting` once and never leaves
 * `gone`; it runs an invocation only while `busy`. Only `move` changes the state, and it refuses
 * every other change.
 */
type State = "starting" | "idle" | "busy" | "gone";

const NEXT: Record<State, State[]> = {
  starting: ["idle", "busy", "gone"],
  idle: ["busy", "gone"],
  busy: ["idle", "gone"],
  gone: [],
};

export interface EnvironmentEvents {
  /** The environment takes another invocation; called before the previous one is answered. */
  idle(): void;
  /** Init has failed. Returns the invocation that fails with it, if one still waits. */
  initFailed(): Invocation | undefined;
  /** Init took too long, and is to be tried again by an invocation. */
  initTimedOut(): void;
  /** The environment runs nothing any more. It had not begun this invocation, which another one may run. */
  gone(unbegun: Invocation | undefined): void;
  /** Something went wrong that callers do not see. */
  notice(text: string): void;
}

export interface EnvironmentOptions {
  bundle: string;
  stream: LogStream;
  /** Milliseconds that init may take. */
  initLimitMs: number;
  /** Runs this invocation, whose time includes init: Lambda's second try after an init that took too long. */
  firstInvocation?: Invocation | undefined;
}

export interface Environment {
  readonly state: State;
  /** Milliseconds that init took; undefined while it runs. */
  readonly initMs: number | undefined;
  /** When it became idle, by `performance.now()`. */
  readonly idleSince: number;
  /** Throws an Error unless the environment is idle. */
  run(invocation: Invocation): void;
  /** Ends the environment, now or after what it runs. */
  retire(): void;
  /** Ends the environment now. What it runs fails. Resolves when the thread has ended, or after a second. */
  terminate(): Promise<void>;
}

/** Milliseconds to wait for a thread that is in native code, where it cannot be ended. */
const TERMINATION_LIMIT_MS = 1000;

interface Running {
  invocation: Invocation;
  sequence: number;
  startedAt: number;
}

/**
 * Starts an execution environment: a worker thread that loads the function's bundle and runs one invocation at a time.
 * Throws if no thread can be started.
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
  // The server, not an idle function, keeps the process alive.
  port.unref();
  worker.unref();
  worker.on("error", crash);
  worker.on("exit", (code) => end(exit(code)));
  if (firstInvocation !== undefined) {
    clearTimeout(initTimer);
    run(firstInvocation);
    advance(mark, sequence, BEGUN); // its init counts as its own time
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
    if (report === undefined || state === "gone") return; // posted by the function's own code, or too late
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

  function finish(invocation: Invocation, answer: Answer): void {
    running = undefined;
    if (answer.type === "failed" && answer.exits) end(STOPPED);
    else becomeIdle();
    invocation.resolve(resultOf(answer));
  }

  /** The pool posts the next invocation from here: the worker has it before this thread handles the last result. */
  function becomeIdle(): void {
    move("idle");
    idleSince = performance.now();
    if (isRetiring) end(STOPPED);
    else events.idle();
  }

  function onTimeout(): void {
    const late = running?.sequence;
    // If this thread has been busy, the result may be here, unread.
    setImmediate(() => {
      if (running === undefined || running.sequence !== late) return;
      const stage = take(mark);
      if (stage === ENDED) return; // the result is on its way
      const seconds = (config.timeoutMs / 1000).toFixed(2);
      const error = { errorType: "Sandbox.Timedout", errorMessage: `Task timed out after ${seconds} seconds` };
      const lines = timeoutRecord(config.logFormat, running.invocation.requestId, config.timeoutMs);
      end({ error, status: "timeout", lines }, stage);
    });
  }

  function onInitTimeout(): void {
    setImmediate(() => {
      if (state !== "starting") return; // it was ready, and this thread had been busy
      leave();
      write(initRecord(config.logFormat, { initMs: initLimitMs, phase: "init", status: "timeout" }));
      events.initTimedOut();
    });
  }

  function crash(error: unknown): void {
    if (error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") {
      end({ error: { errorType: "Runtime.OutOfMemory", errorMessage: error.message }, status: "error" });
    } else {
      // Nothing has caught it: Node.js prints such an error and exits with status 1.
      end({ ...exit(1), lines: linesOf(`${formatUncaught(error)}\n\nNode.js ${process.version}`) });
    }
  }

  /** Ends the environment, and settles what it ran by how far the worker had come with it. */
  function end(cause: Cause, stage = take(mark)): void {
    if (state === "gone") return;
    const failsInit = state === "starting" && cause !== STOPPED;
    const lost = running;
    const { answer, initError } = leave();
    if (failsInit) {
      failInit(initError === undefined ? cause : { error: initError, status: "error" });
      return;
    }
    if (lost !== undefined && answer === undefined && !isUntouched(lost, stage)) {
      fail(lost, cause, stage);
      return;
    }
    write(cause.lines ?? "");
    events.gone(answer === undefined ? lost?.invocation : undefined);
    if (answer !== undefined) lost?.invocation.resolve(resultOf(answer));
  }

  /**
   * True if the invocation has not begun, and an earlier one has left behind what ended the environment. If there is no
   * earlier one, the function cannot run anywhere.
   */
  function isUntouched(lost: Running, stage: number): boolean {
    return stage === POSTED && lost.sequence > 1;
  }

  /** Stops the thread. Returns what it has sent before. */
  function leave(): { answer?: Answer; initError?: RuntimeError } {
    move("gone");
    clearTimeout(timer);
    clearTimeout(initTimer);
    void worker.terminate();
    const sent: { answer?: Answer; initError?: RuntimeError } = {};
    for (let read = receiveMessageOnPort(port); read !== undefined; read = receiveMessageOnPort(port)) {
      const report = parseReport(read.message);
      if (report === undefined || report.type === "ready") continue;
      if (report.type === "notice") events.notice(report.text);
      else if (report.type === "init-failed") sent.initError = report.error;
      else if (report.sequence === running?.sequence) sent.answer = report;
    }
    running = undefined;
    port.close();
    return sent;
  }

  /** The invocation at the head of the queue fails, since this environment was started for it. */
  function failInit({ error, status, lines = "" }: Cause): void {
    const elapsedMs = performance.now() - startedAt;
    const { errorType } = error;
    const record = initRecord(config.logFormat, { initMs: elapsedMs, phase: "init", status: "error", errorType });
    write(`${lines}${record}`);
    const invocation = events.initFailed();
    if (invocation === undefined) events.gone(undefined);
    else fail({ invocation, sequence, startedAt: performance.now() }, { error, status }, BEGUN);
  }

  /** Writes what the runtime could not write any more. */
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

  /** A full disk costs records, never an answer. */
  function write(lines: string): void {
    try {
      appendLines(stream.file, lines);
    } catch (error) {
      events.notice(`log stream ${stream.file}: ${(error as Error).message}`);
    }
  }
}

function resultOf(report: Answer): InvocationResult {
  if (report.type === "result") return { ok: true, json: report.json };
  return { ok: false, errorType: report.error.errorType, errorMessage: report.error.errorMessage };
}
