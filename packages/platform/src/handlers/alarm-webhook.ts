import type { SNSEvent } from "aws-lambda";

import { alarmText } from "../alarm/message";
import { variable } from "../lambda/environment";

/** Milliseconds to wait for the webhook. Lambda tries an event three times. */
const TIMEOUT_MS = 5_000;

interface Options {
  /** URL that accepts a POST of `{"text": "..."}`, as Slack's incoming webhooks do. */
  url: string;
  /** Address of the runbook. */
  runbook: string;
}

/**
 * Returns the handler of the alarm topic, which posts each message to a webhook. The URL is a
 * secret, so no error message contains it.
 */
export function alarmWebhook({ url, runbook }: Options): (event: SNSEvent) => Promise<void> {
  return async ({ Records }) => {
    for (const { Sns } of Records) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ text: alarmText(Sns.Message, runbook) }),
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.text();
      if (!response.ok) throw new Error(`the webhook of alarms answered ${response.status}`);
    }
  };
}

/**
 * Reads its variables with the first event: a missing URL then counts as an error of the function.
 */
export const handler = (event: SNSEvent) =>
  alarmWebhook({ url: variable("ALARM_WEBHOOK_URL"), runbook: variable("RUNBOOK") })(event);
