import { Worker } from "node:worker_threads";

import { openAppend } from "../logs/append-file.mjs";
import { type FunctionConfig, variablesOf } from "./function-config";
import { endRecords, startRecord, timeoutRecord } from "./platform-record.mjs";
import { Tickets } from "./tickets.mjs";

export interface Invocation {
  requestId: string;
  /** JSON text. */
  event: string;
  traceId: string;
  resolve: (result: InvocationResult) => void;
}

/** What came of an invocation: the JSON text of the result, or an error, which a caller is never shown. */
export type InvocationResult = { ok: true; json: string } | { ok: false; errorType: string; errorMessage: string };

type Report =
  | { type: "ready"; error?: RuntimeError }
  | { type: "result"; json: string; durationMs: number }
  | { type: "failed"; error: RuntimeError; exit?: number };
interface RuntimeError {
  errorType: string;
  errorMessage: string;
}

interface Pending {
  invocation: Invocation;
  ticket: number;
  startedAt: number;
}

export interface EnvironmentEvents {
  /** An invocation has been answered. */
  settled(): void;
  /** The environment is gone; these invocations it has not begun. */
  gone(unbegun: Invocation[]): void;
}

export interface LogStream {
  name: string;
  file: string;
}

/** Room for young objects, in MB: more of it is faster by nothing that can be measured, and every environment takes it. */
const YOUNG_MB = 8;

/** Milliseconds that AWS gives an environment to come up, before the function's own timeout begins to count. */
const INIT_LIMIT = 10_000;

/** Invocations that an environment of a fast function may hold: the way to the thread costs more than they do. */
const DEPTH = 8;

/** Milliseconds after which invocations do not wait any longer behind one that runs. */
export const PATIENCE = 20;

/** Milliseconds that an invocation of a fast function takes on average. */
const FAST = 1;

/**
 * An execution environment: a worker thread with the function's bundle loaded, which runs one invocation at a time. A few more
 * may wait in it; until the runtime begins one, it can be taken back. After a crash or a timeout the environment is gone.
 */
export class ExecutionEnvironment {
  readonly #worker: Worker;
  readonly #config: FunctionConfig;
  readonly #stream: LogStream;
  readonly #events: EnvironmentEvents;
  readonly #tickets = new Tickets(DEPTH);
  readonly #init: NodeJS.Timeout;
  readonly #timer: NodeJS.Timeout;
  #pending: Pending[] = [];
  #averageMs = Number.POSITIVE_INFINITY;
  #ready = false;
  #gone = false;

  constructor(config: FunctionConfig, bundle: string, stream: LogStream, events: EnvironmentEvents) {
    this.#config = config;
    this.#stream = stream;
    this.#events = events;
    this.#init = setTimeout(() => this.#timedOut(INIT_LIMIT), INIT_LIMIT).unref();
    this.#timer = setTimeout(() => this.#maybeTimedOut(), config.timeoutMs).unref();
    this.#worker = new Worker(new URL("./runtime.mjs", import.meta.url), {
      env: variablesOf(config, stream.name),
      resourceLimits: { maxOldGenerationSizeMb: config.memorySizeMb, maxYoungGenerationSizeMb: YOUNG_MB },
      workerData: {
        bundle,
        exportName: config.exportName,
        logFile: stream.file,
        logFormat: config.logFormat,
        functionArn: config.arn,
        memorySizeMb: config.memorySizeMb,
        timeoutMs: config.timeoutMs,
        callbacks: Number(/\d+/.exec(config.runtime)?.[0]) < 24,
        tickets: this.#tickets.shared,
      },
    });
    this.#worker.unref(); // the server, not an idle function, keeps the process alive
    this.#worker.on("message", (report: Report) => this.#receive(report));
    this.#worker.on("error", (error: Error & { code?: string }) => this.#crashed(error));
    this.#worker.on("exit", (code) => this.#exited(code));
  }

  get isGone(): boolean {
    return this.#gone;
  }

  get isIdle(): boolean {
    return this.#pending.length === 0;
  }

  /** Whether one more invocation had better wait here than for an environment of its own. */
  get hasRoom(): boolean {
    return this.#ready && this.#averageMs < FAST && this.#pending.length < DEPTH && !this.#isHeldUp();
  }

  run(invocation: Invocation): void {
    const pending = { invocation, ticket: this.#tickets.issue(), startedAt: 0 };
    this.#pending.push(pending);
    if (this.#ready) this.#send(pending);
    if (this.#pending.length === 1) this.#begin();
  }

  /** Takes back what has not begun; one for which the environment is coming up runs in it. */
  recall(): Invocation[] {
    const candidates = this.#ready ? this.#pending : this.#pending.slice(1);
    const recalled = candidates.filter(({ ticket }) => this.#tickets.revoke(ticket));
    this.#pending = this.#pending.filter((pending) => !recalled.includes(pending));
    return recalled.map(({ invocation }) => invocation);
  }

  /** Takes back what waits behind an invocation that is not as fast as the others were. */
  recallHeldUp(): Invocation[] {
    return this.#pending.length > 1 && this.#isHeldUp() ? this.recall() : [];
  }

  #isHeldUp(): boolean {
    const [head] = this.#pending;
    return head !== undefined && performance.now() - head.startedAt > PATIENCE;
  }

  async stop(): Promise<void> {
    this.#gone = true;
    clearTimeout(this.#init);
    clearTimeout(this.#timer);
    await this.#worker.terminate();
  }

  #send({ invocation: { requestId, traceId, event }, ticket }: Pending): void {
    this.#worker.postMessage([ticket, requestId, traceId, event]);
  }

  /** The first of the pending invocations is what runs now: its time begins. */
  #begin(): void {
    const [head] = this.#pending;
    if (head === undefined) return;
    head.startedAt = performance.now();
    this.#timer.refresh();
  }

  #receive(report: Report): void {
    if (report.type === "ready") {
      clearTimeout(this.#init);
      this.#ready = report.error === undefined;
      if (report.error !== undefined) this.#fail(report.error, "error");
      for (const pending of this.#pending) this.#send(pending);
      this.#begin();
    } else if (report.type === "result") {
      const { json, durationMs } = report;
      this.#averageMs =
        this.#averageMs === Number.POSITIVE_INFINITY ? durationMs : this.#averageMs * 0.8 + durationMs * 0.2;
      this.#settle({ ok: true, json });
    } else if (report.exit === undefined) this.#settle({ ok: false, ...report.error });
    else {
      this.#answer({ ok: false, ...report.error });
      this.#leave();
    }
  }

  #maybeTimedOut(): void {
    const [head] = this.#pending;
    // Had this thread been busy, the answer may be here already, unread: what has come in goes first.
    if (head !== undefined && this.#ready)
      setImmediate(() => head === this.#pending[0] && this.#timedOut(this.#config.timeoutMs));
  }

  #timedOut(limit: number): void {
    const [head] = this.#pending;
    if (head === undefined) return;
    const errorMessage = `Task timed out after ${(limit / 1000).toFixed(2)} seconds`;
    const record = timeoutRecord(this.#config.logFormat, head.invocation.requestId, limit);
    this.#fail({ errorType: "Sandbox.Timedout", errorMessage }, "timeout", record);
  }

  #crashed(error: Error & { code?: string }): void {
    const errorType = error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "Runtime.OutOfMemory" : "Runtime.ExitError";
    this.#fail({ errorType, errorMessage: error.message }, "error");
  }

  #exited(code: number): void {
    const errorMessage = `Runtime exited with error: exit status ${code}`;
    this.#fail({ errorType: "Runtime.ExitError", errorMessage }, "error");
  }

  /** Ends the environment; what the runtime could not write any more is written for it. */
  #fail(error: RuntimeError, status: "error" | "timeout", record = ""): void {
    const [head] = this.#pending;
    if (head !== undefined) {
      const { logFormat, memorySizeMb } = this.#config;
      const { requestId } = head.invocation;
      const durationMs = performance.now() - head.startedAt;
      const metrics = { requestId, durationMs, memorySizeMb, heapMb: memorySizeMb };
      const started = this.#tickets.isLogged(head.ticket) ? "" : startRecord(logFormat, requestId);
      this.#write(`${started}${record}${endRecords(logFormat, metrics, status, error.errorType)}`);
      this.#answer({ ok: false, errorType: error.errorType, errorMessage: error.errorMessage });
    }
    this.#leave();
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    clearTimeout(this.#init);
    clearTimeout(this.#timer);
    void this.#worker.terminate();
    const unbegun = this.recall();
    // Begun, and never heard of again: it may have done its work, so it is not begun anew.
    while (this.#pending.length > 0)
      this.#answer({ ok: false, errorType: "Runtime.ExitError", errorMessage: "Runtime exited" });
    this.#events.gone(unbegun);
  }

  #settle(result: InvocationResult): void {
    this.#answer(result);
    this.#begin();
    this.#events.settled();
  }

  #answer(result: InvocationResult): void {
    this.#pending.shift()?.invocation.resolve(result);
  }

  #write(lines: string): void {
    const log = openAppend(this.#stream.file, 0);
    log.append(lines);
    log.close();
  }
}
