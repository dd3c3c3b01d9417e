import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";

import { type Environment, type Invocation, type InvocationResult, startEnvironment } from "./environment";
import type { FunctionConfig } from "./function-config";
import type { LogStream } from "./worker";

/** Default limit per function. Lambda's default for a whole account is 1,000. */
export const MAX_ENVIRONMENTS = 10;

/** Time after which an idle environment is stopped. */
const IDLE_LIMIT_MS = 5 * 60_000;

/**
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
 */
const INIT_LIMIT_MS = 10_000;

/** Estimate of the init duration, until the function's first init has been measured. */
const EXPECTED_INIT_MS = 50;

const STOPPED_MESSAGE = "The function was stopped";

/**
 * Lambda's response to an invocation over the limit:
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
const THROTTLED: InvocationResult = {
  ok: false,
  errorType: "TooManyRequestsException",
  errorMessage: "Rate Exceeded.",
  isThrottled: true,
};

export interface FunctionOptions {
  /** Limits the execution environments that exist at the same time. */
  maxEnvironments?: number;
  initLimitMs?: number;
  idleLimitMs?: number;
  /** Called with failures that callers do not see, such as a log that cannot be written. */
  onNotice?: (text: string) => void;
}

interface QueuedInvocation {
  requestId: string;
  /** Never rejects. */
  result: Promise<InvocationResult>;
  /** Removes the invocation from the queue unless it has started. Its result then stays pending. */
  withdraw(): void;
}

export interface LambdaFunction {
  readonly config: FunctionConfig;
  /** Invocations that may run at once; undefined: no limit of the function's own. 0 stops it. */
  readonly reservedConcurrency: number | undefined;
  /** Limits later invocations. Running ones finish. */
  reserveConcurrency(limit: number | undefined): void;
  /**
   * Runs the function as soon as an execution environment is free. Where as many invocations run or
   * wait as are reserved, it is throttled.
   */
  invoke(event: string, traceId: string): QueuedInvocation;
  /**
   * Lets later invocations run this bundle. Running ones finish with theirs. Invocations wait until
   * there is a bundle.
   */
  replaceBundle(file: string): void;
  /** Lets invocations fail for this reason until there is a bundle. No effect if there is one. */
  failBundle(reason: string): void;
  /**
   * Stops every execution environment once all invocations have finished, or after `graceMs`. The
   * default is the function's timeout. Unfinished invocations fail.
   */
  stop(graceMs?: number): Promise<void>;
}

interface Queued extends Invocation {
  /** Time of the invocation, by `performance.now()`. */
  since: number;
  isWithdrawn: boolean;
}

/**
 * Creates a function with its execution environments and one queue. An environment that becomes
 * idle gets the head of the queue. If there is no environment, one is started; another is started
 * when the head has waited as long as init takes.
 *
 * `environments` has the living environments of the current bundle. `retired` has those of earlier
 * bundles until they are gone; they get no invocations.
 *
 * @param onBundleGone called when the bundle's file is missing
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
  let reservedConcurrency = config.reservedConcurrency;
  /** Invocations that run or wait. */
  let admitted = 0;
  let onDrained: (() => void) | undefined;
  let stopping: Promise<void> | undefined;
  const idleTimer = setInterval(retireIdle, idleLimitMs / 10).unref();

  return {
    config,
    get reservedConcurrency() {
      return reservedConcurrency;
    },
    reserveConcurrency(limit) {
      reservedConcurrency = limit;
    },
    ...{ invoke, replaceBundle, failBundle, stop },
  };

  function invoke(event: string, traceId: string): QueuedInvocation {
    const requestId = randomUUID();
    if (admitted >= (reservedConcurrency ?? Number.POSITIVE_INFINITY))
      return { requestId, result: Promise.resolve(THROTTLED), withdraw() {} };
    admitted++;
    let withdraw = () => {};
    const result = new Promise<InvocationResult>((settled) => {
      const resolve = (outcome: InvocationResult) => {
        admitted--;
        settled(outcome);
      };
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
    admitted--;
    settle();
  }

  /**
   * Gives queued invocations to idle environments, and starts another one if the rest waits too
   * long.
   */
  function dispatch(): void {
    if (bundle === undefined && bundleError !== undefined) failQueue("Runtime.ImportModuleError", bundleError);
    if (isStopped) failQueue("Runtime.ExitError", STOPPED_MESSAGE);
    for (let idle = findLatestIdle(); idle !== undefined && queue.length > 0; idle = findLatestIdle()) {
      idle.run(queue.shift() as Queued);
    }
    if (queue.length > 0) grow();
    else settle();
  }

  function failQueue(errorType: string, errorMessage: string): void {
    for (const { resolve } of queue.splice(0)) resolve({ ok: false, errorType, errorMessage });
  }

  /** Returns the idle environment used last, so that the others can be retired. */
  function findLatestIdle(): Environment | undefined {
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

  /** @param firstInvocation runs init again, after an init that took too long */
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
          gone: (unstarted) => {
            environments.delete(environment);
            retired.delete(environment);
            if (unstarted !== undefined) putBack(unstarted as Queued);
            dispatch();
          },
          notice: (text) => notify(`function "${config.name}": ${text}`),
        },
      );
      environments.add(environment);
    } catch (error) {
      const { message } = error as Error;
      notify(`function "${config.name}": cannot start an execution environment: ${message}`);
      const failed = firstInvocation ?? queue.shift();
      failed?.resolve({ ok: false, errorType: "Runtime.ExitError", errorMessage: message });
      setImmediate(dispatch);
    }
  }

  /** Puts an invocation that has not started back at the head of the queue. */
  function putBack(invocation: Queued): void {
    if (invocation.isWithdrawn) admitted--;
    else queue.unshift(invocation);
  }

  function failBundle(reason: string): void {
    if (bundle !== undefined) return; // the last good bundle stays in use
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

  /** A later call may shorten the grace time of an earlier one. */
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
