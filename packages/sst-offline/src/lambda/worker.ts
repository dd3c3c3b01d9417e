import path from "node:path";
import { type MessagePort, Worker } from "node:worker_threads";

import { type FunctionConfig, takesCallbacks, variablesOf } from "./function-config";
import type { Mark } from "./mark.mjs";

export interface LogStream {
  name: string;
  file: string;
}

export interface WorkerOptions {
  bundle: string;
  stream: LogStream;
  /** Connects the runtime to the server. The function's code cannot reach it. */
  port: MessagePort;
  mark: Mark;
  /** Start of the environment, in epoch milliseconds. */
  startedAt: number;
  /** True if the duration of the first invocation includes init. */
  isInitPartOfInvocation: boolean;
}

/** Size of V8's young generation. Larger sizes are not faster and cost memory per environment. */
const YOUNG_GENERATION_MB = 8;

/** Starts a thread with the runtime, without this process's environment. Throws if that fails. */
export function startWorker(config: FunctionConfig, options: WorkerOptions): Worker {
  const { bundle, stream, port, mark, startedAt, isInitPartOfInvocation } = options;
  return new Worker(new URL("./runtime.mjs", import.meta.url), {
    argv: [],
    execArgv: [],
    env: variablesOf(config, { logStream: stream.name, bundle }),
    resourceLimits: {
      maxOldGenerationSizeMb: config.memorySizeMb,
      maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
    },
    transferList: [port],
    workerData: {
      port,
      mark,
      bundle,
      startedAt,
      isInitPartOfInvocation,
      logFile: path.resolve(stream.file),
      logFormat: config.logFormat,
      functionArn: config.arn,
      memorySizeMb: config.memorySizeMb,
      timeoutMs: config.timeoutMs,
      takesCallbacks: takesCallbacks(config.runtime),
    },
  });
}
