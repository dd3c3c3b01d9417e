import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { SNSEvent } from "aws-lambda";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { alarmWebhook } from "./alarm-webhook";

/** In place of Slack. */
let status = 200;
let location: string | undefined;
const posted: { type: string | undefined; text: string }[] = [];
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  posted.push({ type: request.headers["content-type"], text: JSON.parse(body).text });
  response.writeHead(status, location === undefined ? {} : { location }).end("ok");
});
let url = "";
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/B0/secret`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  posted.length = 0;
  status = 200;
  location = undefined;
});

// The shape of an alarm's notification:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
const notification = {
  AlarmName: "Backend-prod-ServerErrors",
  AlarmDescription: "More than 1 % of five minutes' requests were answered with 5xx",
  AWSAccountId: "123456789012",
  NewStateValue: "ALARM",
  NewStateReason: "Threshold Crossed: 1 datapoint [4.2] was greater than the threshold (1.0) & <no> data.",
  StateChangeTime: "2026-11-28T08:00:00.000+0000",
  Region: "EU (Ireland)",
  AlarmArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:Backend-prod-ServerErrors",
  OldStateValue: "OK",
};
const eventOf = (message: unknown) =>
  ({ Records: [{ Sns: { Message: typeof message === "string" ? message : JSON.stringify(message) } }] }) as SNSEvent;
const send = (message: unknown) => alarmWebhook({ url, runbook: "docs/operating.md" })(eventOf(message));

describe("the webhook of alarms", () => {
  it("posts name, state, meaning, reason, and where to look", async () => {
    await send(notification);
    expect(posted).toEqual([
      {
        type: "application/json",
        text: [
          ":rotating_light: *Backend-prod-ServerErrors* is ALARM (was OK)",
          "More than 1 % of five minutes' requests were answered with 5xx",
          "Threshold Crossed: 1 datapoint [4.2] was greater than the threshold (1.0) &amp; &lt;no&gt; data.",
          "Alarm: https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/Backend-prod-ServerErrors",
          "Runbook: docs/operating.md, section ServerErrors",
        ].join("\n"),
      },
    ]);
  });

  it("posts the end of an alarm, and shortens a long reason", async () => {
    await send({ ...notification, NewStateValue: "OK", NewStateReason: "x".repeat(501), AlarmDescription: null });
    expect(posted[0]?.text).toContain(":white_check_mark: *Backend-prod-ServerErrors* is OK (was OK)\n");
    expect(posted[0]?.text).toContain(`\n${"x".repeat(500)}...\n`);
  });

  it.each(["<!channel> hello", '{"AlarmName":"without the rest"}'])(
    "posts any other message as it is: %s",
    async (text) => {
      await send(text);
      expect(posted).toEqual([
        { type: "application/json", text: text.replaceAll("<", "&lt;").replaceAll(">", "&gt;") },
      ]);
    },
  );

  it.each([400, 404, 429, 500])(
    "fails for the status %i, so that Lambda tries again, without the URL",
    async (answered) => {
      status = answered;
      const error: Error = await send(notification).then(
        () => new Error("posted"),
        (reason: Error) => reason,
      );
      expect(error.message).toBe(`the webhook of alarms answered ${answered}`);
    },
  );

  it("follows no redirect", async () => {
    [status, location] = [307, url];
    await expect(send(notification)).rejects.toThrow();
    expect(posted).toHaveLength(1);
  });
});
