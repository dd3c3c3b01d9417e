import path from "node:path";

import type { ResolvedGraph } from "@backend/sst-graph/resolve";

import { compileFilterPattern } from "./filter-pattern";
import type { Notice } from "./group-file";
import type { LogGroups } from "./groups";
import { hashedName } from "./layout";
import { type SubscriptionFilter, startSubscription, type Wait } from "./subscription";

export interface Subscription extends SubscriptionFilter {
  destinationArn: string;
}

/**
 * Returns the log subscriptions of a graph. Throws an Error that names a subscription with an
 * invalid pattern, or with a target that is not a function of the graph.
 */
export function subscriptionsOf(graph: ResolvedGraph, accountId: string): Subscription[] {
  const functions = graph.resources.filter(({ type }) => type === "aws:lambda/function:Function");
  return graph.resources
    .filter(({ type }) => type === "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter")
    .map(({ name: logicalName, inputs }) => {
      const { name = logicalName, logGroup, destinationArn, filterPattern } = inputs;
      if (!functions.some(({ outputs }) => outputs.arn === destinationArn))
        throw new Error(
          `the log subscription "${name}": destinationArn is ${destinationArn}, expected the ARN of a function ` +
            `of the graph`,
        );
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
 * Starts the log subscriptions.
 *
 * @param folder stores the positions of each subscription
 * @returns a function that stops them all
 */
export function startSubscriptions(
  subscriptions: Subscription[],
  groups: LogGroups,
  folder: string,
  invoke: (functionArn: string, event: string) => Promise<boolean>,
  notice: Notice,
  wait?: Wait,
): () => Promise<void> {
  const stops = subscriptions.map(({ destinationArn, ...filter }) =>
    startSubscription({
      filter,
      groups,
      file: path.join(folder, positionFile(filter, subscriptions)),
      deliver: (event) => invoke(destinationArn, event),
      notice,
      ...(wait && { wait }),
    }),
  );
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

/**
 * Returns the file of a subscription, named after its filter. The name is hashed together with the
 * group if it is too long, or if another group has a filter of the same name.
 */
function positionFile({ name, logGroup }: SubscriptionFilter, all: SubscriptionFilter[]): string {
  const isUnique = all.filter((other) => other.name.toLowerCase() === name.toLowerCase()).length === 1;
  const readable = `${encodeURIComponent(name)}.json`;
  return isUnique && readable.length <= 200 ? readable : `${hashedName(`${name} ${logGroup}`)}.json`;
}
