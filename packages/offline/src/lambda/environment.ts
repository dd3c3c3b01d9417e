import { Worker } from "node:worker_threads";

import { openAppend } from "../logs/append-file.mjs";
import { endRecords, startRecord, timeoutRecord } from "./platform-record.mjs";

export interface FunctionConfig {
  name: string;
  arn: string;
  exportName: string;
  /** Milliseconds. */
  timeoutMs: number;
  memorySizeMb: number;
  logFormat: "JSON" | "Text";
  logGroup: string;
  runtime: string;
  region: string;
  /** The declared variables alone: nothing of this process's own environment reaches a function. */
  variables: Record<string, string>;
}

export interface InvocationRequest {
  requestId: string;
  /** JSON text. */
  event: string;
  traceId: string;
}

/** What came of an invocation: the JSON text of the result, or an error, which a caller is never shown. */
export type InvocationResult = { ok: true; json: string } | { ok: false; errorType: string; errorMessage: string };

type Report =
  | { type: "ready"; error?: RuntimeError }
  | { type: "result"; json: string }
  | { type: "failed"; error: RuntimeError; exit?: number };
interface RuntimeError {
  errorType: string;
  errorMessage: string;
}

interface Running {
  request: InvocationRequest;
  startedAt: number;
  timer: NodeJS.Timeout;
  resolve: (result: InvocationResult) => void;
}

export interface LogStream {
  name: string;
  file: string;
}

/** Milliseconds that AWS gives an environment to come up, before the function's own timeout begins to count. */
const INIT_LIMIT = 10_000;

/**
 * An execution environment: a worker thread with the function's bundle loaded, which runs one invocation at a time. After a
 * crash or a timeout it is gone, and says so by `onGone`.
 */
export class ExecutionEnvironment {
  readonly #worker: Worker;
  readonly #config: FunctionConfig;
  readonly #stream: LogStream;
  readonly #onGone: () => void;
  #ready = false;
  #gone = false;
  #running: Running | undefined;

  constructor(config: FunctionConfig, bundle: string, stream: LogStream, onGone: () => void) {
    this.#config = config;
    this.#stream = stream;
    this.#onGone = onGone;
    this.#worker = new Worker(new URL("./runtime.mjs", import.meta.url), {
      env: environmentOf(config, stream.name),
      resourceLimits: { maxOldGenerationSizeMb: config.memorySizeMb },
      workerData: {
        bundle,
        exportName: config.exportName,
        logFile: stream.file,
        logFormat: config.logFormat,
        functionArn: config.arn,
        memorySizeMb: config.memorySizeMb,
        callbacks: Number(/\d+/.exec(config.runtime)?.[0]) < 24,
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

  /** Never rejects. The caller sees to it that one invocation at a time is running. */
  invoke(request: InvocationRequest): Promise<InvocationResult> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#timedOut(), INIT_LIMIT);
      this.#running = { request, startedAt: performance.now(), timer, resolve };
      if (this.#ready) this.#send();
    });
  }

  #send(): void {
    const { timeoutMs } = this.#config;
    const running = this.#running;
    if (running === undefined) return;
    clearTimeout(running.timer);
    running.timer = setTimeout(() => this.#timedOut(), timeoutMs);
    this.#worker.postMessage({ ...running.request, deadline: Date.now() + timeoutMs });
  }

  async stop(): Promise<void> {
    this.#gone = true;
    await this.#worker.terminate();
  }

  #receive(report: Report): void {
    if (report.type === "ready") {
      this.#ready = report.error === undefined;
      if (report.error !== undefined) this.#fail(report.error, "error");
      else this.#send();
    } else if (report.type === "result") this.#settle({ ok: true, json: report.json });
    else {
      if (report.exit !== undefined) this.#leave();
      this.#settle({ ok: false, ...report.error });
    }
  }

  #timedOut(): void {
    const { timeoutMs, logFormat } = this.#config;
    const running = this.#running;
    if (running === undefined) return;
    const limit = this.#ready ? timeoutMs : INIT_LIMIT;
    this.#write(timeoutRecord(logFormat, running.request.requestId, limit));
    const errorMessage = `Task timed out after ${(limit / 1000).toFixed(2)} seconds`;
    this.#fail({ errorType: "Sandbox.Timedout", errorMessage }, "timeout");
  }

  #crashed(error: Error & { code?: string }): void {
    const outOfMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
    this.#fail(
      { errorType: outOfMemory ? "Runtime.OutOfMemory" : "Runtime.ExitError", errorMessage: error.message },
      "error",
    );
  }

  #exited(code: number): void {
    const errorMessage = `Runtime exited with error: exit status ${code}`;
    this.#fail({ errorType: "Runtime.ExitError", errorMessage }, "error");
  }

  /** Ends the environment; what the runtime could not write any more is written for it. */
  #fail(error: RuntimeError, status: "error" | "timeout"): void {
    const running = this.#running;
    if (running !== undefined) {
      const { logFormat, memorySizeMb } = this.#config;
      const { requestId } = running.request;
      const metrics = {
        requestId,
        durationMs: performance.now() - running.startedAt,
        memorySizeMb,
        heapMb: memorySizeMb,
      };
      const started = this.#ready ? "" : startRecord(logFormat, requestId);
      this.#write(`${started}${endRecords(logFormat, metrics, status, error.errorType)}`);
    }
    this.#leave();
    this.#settle({ ok: false, errorType: error.errorType, errorMessage: error.errorMessage });
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    void this.#worker.terminate();
    this.#onGone();
  }

  #settle(result: InvocationResult): void {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    clearTimeout(running.timer);
    running.resolve(result);
  }

  #write(lines: string): void {
    const log = openAppend(this.#stream.file);
    log.append(lines);
    log.close();
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
function environmentOf(config: FunctionConfig, logStream: string): Record<string, string> {
  return {
    AWS_DEFAULT_REGION: config.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${config.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memorySizeMb),
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_FORMAT: config.logFormat,
    AWS_LAMBDA_LOG_GROUP_NAME: config.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_REGION: config.region,
    LANG: "en_US.UTF-8",
    PATH: process.env.PATH ?? "",
    TZ: ":UTC",
    ...config.variables,
  };
}
