import { gzipSync } from "node:zlib";

import { type Batch, openDeliveries } from "./deliveries";
import type { LogGroups } from "./groups";
import type { Matches } from "./pattern-text";

export interface SubscriptionFilter {
  name: string;
  logGroup: string;
  matches: Matches;
  accountId: string;
}

/** Milliseconds between two looks for new log events. AWS delivers within seconds. */
const INTERVAL = 250;

/**
 * Delivers the log events of a group as they are written: one batch after the other, each until it is delivered.
 *
 * @param file where it is kept how far it has come
 * @param deliver resolves to whether the event needs not be delivered any more; never rejects
 * @returns ends it after the batch that is being delivered
 */
export function startSubscription(
  filter: SubscriptionFilter,
  groups: LogGroups,
  file: string,
  deliver: (event: string) => Promise<boolean>,
  notice: (text: string) => void,
): () => Promise<void> {
  const deliveries = openDeliveries(file, filter.logGroup, groups);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running = run();

  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };

  async function run(): Promise<void> {
    try {
      let delivered = true;
      while (delivered && !stopped) delivered = await round();
    } catch (error) {
      notice(`the subscription ${filter.name}: ${(error as Error).message}`);
    }
    if (stopped) return;
    timer = setTimeout(() => {
      running = run();
    }, INTERVAL).unref();
  }

  /** @returns whether there was something */
  async function round(): Promise<boolean> {
    let some = false;
    for await (const { done, ...batch } of (await deliveries).next()) {
      const event = eventOf(batch, filter);
      if (event !== undefined && !(await deliver(event))) return false;
      done();
      some = true;
      if (stopped) return false;
    }
    return some;
  }
}

/**
 * What a function is handed; `undefined` where no log event matches.
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
