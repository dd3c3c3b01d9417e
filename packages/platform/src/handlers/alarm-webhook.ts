import type { SNSEvent } from "aws-lambda";

import { alarmText } from "../alarm/message";
import { variable } from "../lambda/environment";

/** Milliseconds that the webhook may take to answer. Lambda tries an event three times. */
const TIMEOUT_MS = 5_000;

interface Options {
  /** Address that takes a POST of `{"text": "..."}`, as Slack's incoming webhooks do. */
  url: string;
  /** Address of the runbook. */
  runbook: string;
}

/**
 * Returns the handler of a topic of alarms: it posts each message to a webhook. The URL is a secret,
 * so that no error names it.
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

/** Reads its variables with the first event: a URL that is not set fails that event, and is counted as an error. */
export const handler = (event: SNSEvent) =>
  alarmWebhook({ url: variable("ALARM_WEBHOOK_URL"), runbook: variable("RUNBOOK") })(event);
