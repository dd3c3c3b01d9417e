import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";

import { ExecutionEnvironment, type Invocation, type InvocationResult, type LogStream, PATIENCE } from "./environment";
import type { FunctionConfig } from "./function-config";

/**
 * At most this many environments run a function at once; what is over it waits, as long as the function's timeout. AWS's default is
 * 1,000 an account.
 */
export const MAX_ENVIRONMENTS = 10;

/** Milliseconds after which a waiting request gets an environment of its own: about what starting one takes. */
const COLD_START = 40;

/** Milliseconds after which an environment that nothing was sent to is given up. */
const IDLE = 5 * 60_000;

interface Waiting extends Invocation {
  since: number;
}

export interface LambdaFunction {
  readonly config: FunctionConfig;
  /** Runs the function, or waits for an environment to. Never rejects. */
  invoke(event: string, traceId: string): { requestId: string; result: Promise<InvocationResult> };
  /** From now on invocations run this bundle; those that run already finish on theirs. Until there is one, invocations wait. */
  replaceBundle(file: string): void;
  /** There is no bundle, for this reason: invocations fail until there is one. */
  failBundle(reason: string): void;
  /** Lets what runs and what waits come to its end, then gives up every environment. */
  stop(): Promise<void>;
}

/**
 * A function and its execution environments. They are made when requests come, used again while warm, the last used first,
 * and given up after five idle minutes.
 *
 * @param onBundleGone called when the file of the bundle is not there any more
 */
export function createFunction(
  config: FunctionConfig,
  openStream: () => LogStream,
  onBundleGone: () => void,
): LambdaFunction {
  let bundle: string | undefined;
  let failure: string | undefined;
  /** All that may run something; those of an older bundle are in none of these once they have finished. */
  const environments = new Set<ExecutionEnvironment>();
  const idle: { environment: ExecutionEnvironment; since: number }[] = [];
  const busy = new Set<ExecutionEnvironment>();
  const stale = new WeakSet<ExecutionEnvironment>();
  const queue: Waiting[] = [];
  let growth: NodeJS.Timeout | undefined;
  let expiry: NodeJS.Timeout | undefined;
  let impatience: NodeJS.Timeout | undefined;
  let drained: (() => void) | undefined;
  const sweep = setInterval(giveUpIdle, 30_000).unref();

  return { config, invoke, replaceBundle, failBundle, stop };

  function invoke(event: string, traceId: string) {
    const requestId = randomUUID();
    const result = new Promise<InvocationResult>((resolve) => {
      queue.push({ event, traceId, requestId, since: performance.now(), resolve });
      dispatch();
    });
    return { requestId, result };
  }

  function dispatch(): void {
    if (bundle === undefined) failWaiting();
    while (queue.length > 0 && bundle !== undefined) {
      const environment = idle.pop()?.environment ?? withRoom() ?? (environments.size === 0 ? start() : undefined);
      if (environment === undefined) {
        growLater();
        expireLater();
        return;
      }
      busy.add(environment);
      environment.run(queue.shift() as Waiting);
    }
    if (busy.size === 0 && queue.length === 0) drained?.();
  }

  function failWaiting(): void {
    if (failure === undefined) return;
    for (const { resolve } of queue.splice(0)) {
      resolve({ ok: false, errorType: "Runtime.ImportModuleError", errorMessage: failure });
    }
  }

  /** An environment of a fast function, where waiting costs less than the way to another one. */
  function withRoom(): ExecutionEnvironment | undefined {
    for (const environment of busy) {
      if (!environment.hasRoom || stale.has(environment)) continue;
      impatience ??= setInterval(takeBack, PATIENCE).unref();
      return environment;
    }
    return undefined;
  }

  /** What waits behind an invocation that takes its time goes to the front of the queue. */
  function takeBack(): void {
    const taken = [...busy].flatMap((environment) => environment.recallHeldUp()) as Waiting[];
    queue.unshift(...taken);
    if (taken.length > 0) dispatch();
    if (busy.size > 0) return;
    clearInterval(impatience);
    impatience = undefined;
  }

  /** A queue that moves fast needs no second environment; one in which a request waits longer than a cold start does. */
  function growLater(): void {
    const [first] = queue;
    if (growth !== undefined || first === undefined || bundle === undefined || environments.size >= MAX_ENVIRONMENTS)
      return;
    const wait = Math.max(0, first.since + COLD_START - performance.now());
    growth = setTimeout(() => {
      growth = undefined;
      const overdue = queue[0] !== undefined && performance.now() - queue[0].since >= COLD_START - 1;
      const environment = overdue ? start() : undefined;
      if (environment !== undefined) {
        busy.add(environment);
        environment.run(queue.shift() as Waiting);
      }
      growLater();
    }, wait);
  }

  /** Nobody waits for longer than the function itself may take. */
  function expireLater(): void {
    const [first] = queue;
    if (expiry !== undefined || first === undefined) return;
    const wait = first.since + config.timeoutMs - performance.now();
    expiry = setTimeout(
      () => {
        expiry = undefined;
        const errorMessage = `Waited ${config.timeoutMs} ms for one of ${MAX_ENVIRONMENTS} execution environments`;
        while (queue[0] !== undefined && performance.now() - queue[0].since >= config.timeoutMs) {
          queue.shift()?.resolve({ ok: false, errorType: "TooManyRequestsException", errorMessage });
        }
        expireLater();
      },
      Math.max(1, wait),
    ).unref();
  }

  function start(): ExecutionEnvironment | undefined {
    if (bundle === undefined) return undefined;
    if (!existsSync(bundle)) {
      bundle = undefined;
      onBundleGone();
      return undefined;
    }
    const events = { settled: () => settled(environment), gone: (unbegun: Invocation[]) => gone(environment, unbegun) };
    const environment: ExecutionEnvironment = new ExecutionEnvironment(config, bundle, openStream(), events);
    environments.add(environment);
    return environment;
  }

  function settled(environment: ExecutionEnvironment): void {
    if (environment.isIdle) {
      busy.delete(environment);
      if (stale.has(environment)) void retire(environment);
      else idle.push({ environment, since: performance.now() });
    }
    dispatch();
  }

  function gone(environment: ExecutionEnvironment, unbegun: Invocation[]): void {
    environments.delete(environment);
    busy.delete(environment);
    const at = idle.findIndex((candidate) => candidate.environment === environment);
    if (at !== -1) idle.splice(at, 1);
    queue.unshift(...(unbegun as Waiting[]));
    dispatch();
  }

  function failBundle(reason: string): void {
    if (bundle !== undefined) return; // the last good one goes on
    failure = reason;
    dispatch();
  }

  function replaceBundle(file: string): void {
    bundle = file;
    failure = undefined;
    for (const environment of busy) {
      stale.add(environment);
      environments.delete(environment);
      queue.unshift(...(environment.recall() as Waiting[]));
      if (!environment.isIdle) continue;
      busy.delete(environment);
      void retire(environment);
    }
    for (const { environment } of idle.splice(0)) void retire(environment);
    dispatch();
  }

  function giveUpIdle(): void {
    while (idle[0] !== undefined && performance.now() - idle[0].since > IDLE) {
      const [oldest] = idle.splice(0, 1);
      if (oldest !== undefined) void retire(oldest.environment);
    }
  }

  async function retire(environment: ExecutionEnvironment): Promise<void> {
    environments.delete(environment);
    await environment.stop();
  }

  async function stop(): Promise<void> {
    if (busy.size > 0 || queue.length > 0) {
      await new Promise<void>((resolve) => {
        drained = resolve;
      });
    }
    clearInterval(sweep);
    clearInterval(impatience);
    clearTimeout(growth);
    clearTimeout(expiry);
    await Promise.all(idle.splice(0).map(({ environment }) => retire(environment)));
  }
}
