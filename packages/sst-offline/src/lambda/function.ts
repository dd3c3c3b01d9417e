import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";

import { type Environment, type Invocation, type InvocationResult, startEnvironment } from "./environment";
import type { FunctionConfig } from "./function-config";
import type { LogStream } from "./worker";

/** Lambda's default for a whole account is 1,000. */
export const MAX_ENVIRONMENTS = 10;

/** Milliseconds after which an environment that runs nothing is stopped. */
const IDLE_LIMIT_MS = 5 * 60_000;

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib */
const INIT_LIMIT_MS = 10_000;

/** Milliseconds that init is expected to take, before this function's first one has been measured. */
const EXPECTED_INIT_MS = 50;

const STOPPED_MESSAGE = "The function was stopped";

export interface FunctionOptions {
  /** Execution environments that may exist at once. */
  maxEnvironments?: number;
  initLimitMs?: number;
  idleLimitMs?: number;
  /** Called with faults that callers do not see, such as a log that cannot be written. */
  onNotice?: (text: string) => void;
}

interface QueuedInvocation {
  requestId: string;
  /** Never rejects. */
  result: Promise<InvocationResult>;
  /** Takes the invocation out of the queue if it has not begun. Its result then stays pending. */
  withdraw(): void;
}

export interface LambdaFunction {
  readonly config: FunctionConfig;
  /** Runs the function as soon as an execution environment is free. */
  invoke(event: string, traceId: string): QueuedInvocation;
  /** Later invocations run this bundle; running ones finish on theirs. Until there is a bundle, invocations wait. */
  replaceBundle(file: string): void;
  /** Without an earlier bundle, invocations fail for this reason until there is one. */
  failBundle(reason: string): void;
  /**
   * Stops every execution environment once nothing runs or waits, or after `graceMs`, by default
   * the function's timeout. What has not finished by then fails.
   */
  stop(graceMs?: number): Promise<void>;
}

interface Queued extends Invocation {
  /** By `performance.now()`. */
  since: number;
  isWithdrawn: boolean;
}

/**
 * Creates a function with its execution environments and one queue. An environment that becomes
 * free takes the head of the queue. If there is none, one is started; another is started when the
 * head has waited as long as init takes.
 *
 * `environments` holds those that are not gone and run the current bundle. Those of an earlier bundle are in `retired`
 * until they are gone, and get no invocations.
 *
 * @param onBundleGone called when the bundle's file has been deleted
 */
export function createFunction(
  config: FunctionConfig,
  openStream: () => LogStream,
  onBundleGone: () => void,
  options: FunctionOptions = {},
): LambdaFunction {
  const { maxEnvironments = MAX_ENVIRONMENTS, initLimitMs = INIT_LIMIT_MS, idleLimitMs = IDLE_LIMIT_MS } = options;
  const notify = options.onNotice ?? (() => {});
  const environments = new Set<Environment>();
  const retired = new Set<Environment>();
  const queue: Queued[] = [];
  let bundle: string | undefined;
  let bundleError: string | undefined;
  let expectedInitMs = EXPECTED_INIT_MS;
  let growthTimer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let onDrained: (() => void) | undefined;
  let stopping: Promise<void> | undefined;
  const idleTimer = setInterval(retireIdle, idleLimitMs / 10).unref();

  return { config, invoke, replaceBundle, failBundle, stop };

  function invoke(event: string, traceId: string): QueuedInvocation {
    const requestId = randomUUID();
    let withdraw = () => {};
    const result = new Promise<InvocationResult>((resolve) => {
      const queued: Queued = { event, traceId, requestId, resolve, since: performance.now(), isWithdrawn: false };
      withdraw = () => remove(queued);
      queue.push(queued);
      dispatch();
    });
    return { requestId, result, withdraw };
  }

  function remove(queued: Queued): void {
    queued.isWithdrawn = true;
    const index = queue.indexOf(queued);
    if (index === -1) return;
    queue.splice(index, 1);
    settle();
  }

  /**
   * Gives the head of the queue to each environment that is idle, and starts another one if the
   * rest waits too long.
   */
  function dispatch(): void {
    if (bundle === undefined && bundleError !== undefined) failQueue("Runtime.ImportModuleError", bundleError);
    if (isStopped) failQueue("Runtime.ExitError", STOPPED_MESSAGE);
    for (let idle = latestIdle(); idle !== undefined && queue.length > 0; idle = latestIdle()) {
      idle.run(queue.shift() as Queued);
    }
    if (queue.length > 0) grow();
    else settle();
  }

  function failQueue(errorType: string, errorMessage: string): void {
    for (const { resolve } of queue.splice(0)) resolve({ ok: false, errorType, errorMessage });
  }

  /** The one used last: the others may be retired. */
  function latestIdle(): Environment | undefined {
    let found: Environment | undefined;
    for (const environment of environments) {
      if (environment.state === "idle" && (found === undefined || environment.idleSince > found.idleSince))
        found = environment;
    }
    return found;
  }

  function grow(): void {
    const [head] = queue;
    if (head === undefined || bundle === undefined || growthTimer !== undefined) return;
    if (environments.size >= maxEnvironments || has("starting")) return;
    const wait = environments.size === 0 ? 0 : head.since + expectedInitMs - performance.now();
    if (wait <= 0) {
      start();
      return;
    }
    growthTimer = setTimeout(() => {
      growthTimer = undefined;
      grow();
    }, wait);
  }

  function has(state: "starting" | "busy"): boolean {
    for (const environment of environments) if (environment.state === state) return true;
    return false;
  }

  /** @param firstInvocation what Lambda tries a second init with, after one that took too long */
  function start(firstInvocation?: Queued): void {
    if (bundle === undefined) return;
    if (!existsSync(bundle)) {
      bundle = undefined;
      if (firstInvocation !== undefined) putBack(firstInvocation);
      onBundleGone();
      return;
    }
    try {
      const stream = openStream();
      const environment: Environment = startEnvironment(
        config,
        { bundle, stream, initLimitMs, firstInvocation },
        {
          idle: () => {
            expectedInitMs = environment.initMs ?? expectedInitMs;
            dispatch();
          },
          initFailed: () => queue.shift(),
          initTimedOut: () => {
            environments.delete(environment);
            if (queue.length > 0) start(queue.shift());
          },
          gone: (unbegun) => {
            environments.delete(environment);
            retired.delete(environment);
            if (unbegun !== undefined) putBack(unbegun as Queued);
            dispatch();
          },
          notice: (text) => notify(`function "${config.name}": ${text}`),
        },
      );
      environments.add(environment);
    } catch (error) {
      const { message } = error as Error;
      notify(`function "${config.name}": no execution environment can be started: ${message}`);
      const failed = firstInvocation ?? queue.shift();
      failed?.resolve({ ok: false, errorType: "Runtime.ExitError", errorMessage: message });
      setImmediate(dispatch);
    }
  }

  /** Puts an invocation that no environment has begun at the head of the queue again. */
  function putBack(invocation: Queued): void {
    if (!invocation.isWithdrawn) queue.unshift(invocation);
  }

  function failBundle(reason: string): void {
    if (bundle !== undefined) return; // the last good one goes on
    bundleError = reason;
    dispatch();
  }

  function replaceBundle(file: string): void {
    bundle = path.resolve(file);
    bundleError = undefined;
    const earlier = [...environments];
    environments.clear();
    for (const environment of earlier) {
      retired.add(environment);
      environment.retire();
    }
    dispatch();
  }

  function retireIdle(): void {
    for (const environment of [...environments]) {
      if (environment.state === "idle" && performance.now() - environment.idleSince > idleLimitMs) environment.retire();
    }
  }

  function settle(): void {
    if (onDrained !== undefined && queue.length === 0 && retired.size === 0 && !has("busy")) onDrained();
  }

  /** A later call may shorten the grace of an earlier one. */
  async function stop(graceMs = config.timeoutMs): Promise<void> {
    stopping ??= stopAfterGrace();
    const limit = setTimeout(() => onDrained?.(), graceMs);
    try {
      await stopping;
    } finally {
      clearTimeout(limit);
    }
  }

  async function stopAfterGrace(): Promise<void> {
    if (bundle === undefined) failQueue("Runtime.ExitError", STOPPED_MESSAGE);
    await new Promise<void>((resolve) => {
      onDrained = resolve;
      settle();
    });
    isStopped = true;
    clearInterval(idleTimer);
    clearTimeout(growthTimer);
    const all = [...environments, ...retired];
    dispatch();
    await Promise.all(all.map((environment) => environment.terminate()));
  }
}
