import path from "node:path";

import { createAsynchronousInvocation, type SendDeadLetter } from "../lambda/asynchronous";
import type { LambdaFunction } from "../lambda/function";
import type { LogGroups } from "../logs/groups";
import { startSubscriptions } from "../logs/subscriptions";
import { startSchedules } from "../schedule/schedules";
import type { Deployment } from "./deployment";

/** The sources of events other than requests: log subscriptions and schedules. */
export interface Background {
  /** Stops both after the deliveries in progress. */
  stop(): Promise<void>;
}

export interface BackgroundOptions {
  /** Functions by ARN. */
  functions: ReadonlyMap<string, LambdaFunction>;
  logGroups: LogGroups;
  /** Folder of the stage: `.offline/<stage>`. */
  folder: string;
  sendDeadLetter: SendDeadLetter;
  notice(text: string): void;
}

export function startBackground({ subscriptions, schedules }: Deployment, options: BackgroundOptions): Background {
  const { functions, logGroups, folder, sendDeadLetter, notice } = options;
  const stopping = new AbortController();
  const invoke = createAsynchronousInvocation(functions, sendDeadLetter, stopping.signal);
  const stopSchedules = startSchedules(schedules, path.join(folder, "schedules.json"), invoke, notice);
  const stopSubscriptions = startSubscriptions(
    subscriptions,
    logGroups,
    path.join(folder, "subscriptions"),
    invoke,
    notice,
  );
  return {
    async stop() {
      stopping.abort();
      stopSchedules();
      await stopSubscriptions();
    },
  };
}
