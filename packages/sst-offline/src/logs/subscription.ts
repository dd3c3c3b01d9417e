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

/** Time between two checks for new log events. AWS delivers within seconds. */
const INTERVAL_MS = 250;
/** Limits the pause after a failed attempt. */
const MAX_PAUSE_MS = 30_000;
/** Limits how long a stop waits for the current batch. */
const STOP_LIMIT_MS = 30_000;

/** Resolves after the time, or when the signal aborts. Never rejects. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export interface SubscriptionOptions {
  filter: SubscriptionFilter;
  groups: LogGroups;
  /** Stores the positions of the subscription. */
  file: string;
  /** Resolves to true when the event is settled: handled, or sent to the dead-letter queue. */
  deliver(event: string): Promise<boolean>;
  notice: Notice;
  wait?: Wait;
  stopLimitMs?: number;
}

/**
 * Files in use, each with a promise that resolves when the file is free. During a reload, the new
 * subscription waits until the previous one has finished its last batch.
 */
const filesInUse = new Map<string, Promise<unknown>>();

/**
 * Delivers new log events of a group, one batch after the other. A failed batch is reported once
 * and tried again after growing pauses.
 *
 * @returns a function that stops after the current batch. If the batch takes longer than the limit,
 *   it is abandoned and comes again at the next start.
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
        if (failure !== undefined) notice(`The log subscription ${filter.name} works again.`);
        failure = undefined;
        pause = INTERVAL_MS;
        if (!hasDelivered) await wait(INTERVAL_MS, signal);
      } catch (error) {
        const { message } = error as Error;
        if (message !== failure) notice(`The log subscription ${filter.name} failed and will be retried: ${message}`);
        failure = message;
        await wait(pause, signal);
        pause = Math.min(pause * 2, MAX_PAUSE_MS);
      }
    }
  }

  /** Returns true if it has delivered something. */
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
 * Returns the event for the function, or `undefined` if no log event matches.
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
