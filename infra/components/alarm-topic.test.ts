import { expect, it } from "vitest";

import { readWebhookUrl } from "./alarm-topic";

// `sst secret set` keeps the line feed of a value that is piped into it.
it("a webhook's URL loses white space at its ends", () => {
  expect(readWebhookUrl("https://hooks.slack.com/services/T0/B0/x\n")).toBe("https://hooks.slack.com/services/T0/B0/x");
});

it.each(["http://hooks.slack.com/services/T0/B0/hunter2", "hooks.slack.com/hunter2", "https://", " "])(
  "a webhook's URL is refused without https and a host, and is not part of the error: %j",
  (value) => {
    const message = /^secret AlarmWebhookUrl: expected a URL that starts with https:\/\/\. Set it with: (?!.*hunter2)/;
    expect(() => readWebhookUrl(value)).toThrow(message);
  },
);
