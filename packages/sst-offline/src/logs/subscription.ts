import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";

import { type Batch, type Deliveries, openDeliveries } from "./deliveries";
import type { Notice } from "./group-file";
import type { LogGroups } from "./groups";
import type { Matches } from "./pattern-text";

export interface SubscriptionFilter {
  name: string;
  logGroup: string;
  matches: Matches;
  accountId: string;
}

/** Milliseconds between two looks for new log events. AWS delivers within seconds. */
const INTERVAL_MS = 250;
/** Milliseconds between two attempts at most, after one that failed. */
const MAX_PAUSE_MS = 30_000;
/** Milliseconds that a stop waits for the batch that is being delivered. */
const STOP_LIMIT_MS = 30_000;

/** Waits for some milliseconds, or until the signal aborts; never rejects. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export interface SubscriptionOptions {
  filter: SubscriptionFilter;
  groups: LogGroups;
  /** Holds how far the subscription has come. */
  file: string;
  /** Resolves to whether the event is dealt with: done, or among the dead letters. */
  deliver(event: string): Promise<boolean>;
  notice: Notice;
  wait?: Wait;
  stopLimitMs?: number;
}

/**
 * Files in use, each with a promise that resolves when it is free again. While a graph is reloaded,
 * the old subscription ends its last batch and the new one waits for the file.
 */
const filesInUse = new Map<string, Promise<unknown>>();

/**
 * Delivers the log events of a group as they are written: one batch after the other, each until it
 * is delivered. A failure is reported once and tried again after a pause that grows.
 *
 * @returns stops after the batch that is being delivered. A batch that takes longer than the limit
 *   is given up and comes again at the next start.
 */
export function startSubscription(options: SubscriptionOptions): () => Promise<void> {
  const { filter, groups, file, deliver, notice, wait = waitFor, stopLimitMs = STOP_LIMIT_MS } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  let deliveries: Deliveries | undefined;
  const previous = filesInUse.get(file);
  const running = Promise.race([previous, aborted]).then(run);
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  filesInUse.set(
    file,
    Promise.all([previous, released]).then(() => undefined),
  );
  return stop;

  async function stop(): Promise<void> {
    stopping.abort();
    const ended = new AbortController();
    await Promise.race([running, wait(stopLimitMs, ended.signal)]);
    ended.abort();
    deliveries?.close();
    release();
  }

  /** Never rejects. */
  async function run(): Promise<void> {
    let failure: string | undefined;
    let pause = INTERVAL_MS;
    while (!signal.aborted) {
      try {
        deliveries ??= await openDeliveries({ file, group: filter.logGroup, groups, notice });
        const hasDelivered = await deliverNext(deliveries);
        if (failure !== undefined) notice(`the log subscription ${filter.name} delivers again`);
        failure = undefined;
        pause = INTERVAL_MS;
        if (!hasDelivered) await wait(INTERVAL_MS, signal);
      } catch (error) {
        const { message } = error as Error;
        if (message !== failure) notice(`the log subscription ${filter.name} failed and is tried again: ${message}`);
        failure = message;
        await wait(pause, signal);
        pause = Math.min(pause * 2, MAX_PAUSE_MS);
      }
    }
  }

  /** @returns whether there was something to deliver */
  async function deliverNext({ next }: Deliveries): Promise<boolean> {
    let hasDelivered = false;
    for await (const { done, ...batch } of next()) {
      const event = eventOf(batch, filter);
      if (event !== undefined && !(await deliver(event))) return false;
      done();
      hasDelivered = true;
      if (signal.aborted) return false;
    }
    return hasDelivered;
  }
}

async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal, ref: false }).catch(() => {}); // aborted
}

/**
 * What a function receives; undefined if no log event matches.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
 */
function eventOf(
  { stream, events }: Batch,
  { name, logGroup, matches, accountId }: SubscriptionFilter,
): string | undefined {
  const matching = events.filter(({ message }) => matches(message));
  if (matching.length === 0) return undefined;
  const data = {
    messageType: "DATA_MESSAGE",
    owner: accountId,
    logGroup,
    logStream: stream.name,
    subscriptionFilters: [name],
    logEvents: matching.map(({ id, timestamp, message }) => ({ id: String(id).padStart(56, "0"), timestamp, message })),
  };
  return JSON.stringify({ awslogs: { data: gzipSync(JSON.stringify(data)).toString("base64") } });
}
