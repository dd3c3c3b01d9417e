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
  /** What the runtime talks to the server over. The function's code cannot reach it. */
  port: MessagePort;
  mark: Mark;
  /** When the environment was started, in epoch milliseconds. */
  startedAt: number;
  /** Whether init counts as time of the first invocation. */
  isInitPartOfInvocation: boolean;
}

/** Megabytes for V8's young generation. More is not measurably faster, and every environment takes it. */
const YOUNG_GENERATION_MB = 8;

/** Starts a thread with the runtime. It inherits nothing of this process. Throws if no thread can be started. */
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
