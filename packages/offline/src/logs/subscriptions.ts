import path from "node:path";

import type { ResolvedGraph } from "@secure-backend/graph/resolve";

import type { InvokeAsynchronously } from "../lambda/asynchronous";
import { compileFilterPattern } from "./filter-pattern";
import type { LogGroups } from "./groups";
import { type SubscriptionFilter, startSubscription } from "./subscription";

export interface Subscription extends SubscriptionFilter {
  destinationArn: string;
}

/** The log subscriptions of a graph. Throws an Error that names one whose pattern cannot be read, or that leads to no function. */
export function subscriptionsOf(graph: ResolvedGraph, accountId: string): Subscription[] {
  const functions = graph.resources.filter(({ type }) => type === "aws:lambda/function:Function");
  return graph.resources
    .filter(({ type }) => type === "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter")
    .map(({ name: logicalName, inputs }) => {
      const { name = logicalName, logGroup, destinationArn, filterPattern } = inputs;
      if (!functions.some(({ outputs }) => outputs.arn === destinationArn))
        throw new Error(`the log subscription "${name}" leads to ${destinationArn}, which is no function of the graph`);
      try {
        const matches = compileFilterPattern(String(filterPattern));
        return {
          name: String(name),
          logGroup: String(logGroup),
          destinationArn: String(destinationArn),
          matches,
          accountId,
        };
      } catch (error) {
        throw new Error(`the log subscription "${name}": ${(error as Error).message}`, { cause: error });
      }
    });
}

/**
 * @param folder where it is kept how far each has come
 * @returns ends them all
 */
export function startSubscriptions(
  subscriptions: Subscription[],
  groups: LogGroups,
  folder: string,
  invoke: InvokeAsynchronously,
  notice: (text: string) => void,
): () => Promise<void> {
  const stops = subscriptions.map(({ destinationArn, ...filter }) => {
    const file = path.join(folder, `${encodeURIComponent(filter.name)}.json`);
    return startSubscription(filter, groups, file, (event) => invoke(destinationArn, event), notice);
  });
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}
