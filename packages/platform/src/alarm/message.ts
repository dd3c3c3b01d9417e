import * as z from "zod/mini";

import { parse } from "../input";

/**
 * The parts of an alarm's notification that we use:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
const Notification = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.optional(z.nullable(z.string())),
  AlarmArn: z.string(),
  NewStateValue: z.enum(["OK", "ALARM", "INSUFFICIENT_DATA"]),
  OldStateValue: z.optional(z.string()),
  NewStateReason: z.string(),
});

const SIGNS = { OK: ":white_check_mark:", ALARM: ":rotating_light:", INSUFFICIENT_DATA: ":grey_question:" };

/** Characters of a reason. Longer ones list data points, which a chat does not need. */
const MAX_REASON = 500;

/**
 * Returns the text of an alarm's notification for a chat, in Slack's markup: name and state, what
 * it means, why, and links to the alarm and its section of the runbook. Other messages are returned
 * as they are, so that no message on the topic is lost.
 *
 * @param message body of the SNS message
 * @param runbook address of the runbook; its sections are called like alarms
 */
export function alarmText(message: string, runbook: string): string {
  const notification = notificationOf(message);
  if (notification === undefined) return escapeMarkup(message);
  const { AlarmName, AlarmArn, AlarmDescription, NewStateValue, NewStateReason, OldStateValue } = notification;
  const [, , , region = ""] = AlarmArn.split(":");
  const before = OldStateValue === undefined ? "" : ` (was ${OldStateValue})`;
  const reason = NewStateReason.length > MAX_REASON ? `${NewStateReason.slice(0, MAX_REASON)}...` : NewStateReason;
  const console = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}`;
  return [
    `${SIGNS[NewStateValue]} *${escapeMarkup(AlarmName)}* is ${NewStateValue}${before}`,
    ...(AlarmDescription ? [escapeMarkup(AlarmDescription)] : []),
    escapeMarkup(reason),
    `Alarm: ${console}#alarmsV2:alarm/${encodeURIComponent(AlarmName)}`,
    `Runbook: ${runbook}, section ${escapeMarkup(AlarmName.split("-").at(-1) ?? "")}`,
  ].join("\n");
}

function notificationOf(message: string): z.output<typeof Notification> | undefined {
  try {
    return parse(Notification, JSON.parse(message));
  } catch {
    return undefined;
  }
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
