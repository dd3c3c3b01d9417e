import { describe, expect, it } from "vitest";

import { parseLoggedTime } from "./logged-time";

// Epochs by `date -u -d "2026-11-23 09:30:00" +%s`; the common log format as $context.requestTime has it
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html).
describe("parseLoggedTime", () => {
  it.each([
    ["23/Nov/2026:09:30:00 +0000", 1_795_426_200_000],
    ["23/Nov/2026:11:30:00 +0200", 1_795_426_200_000],
    ["23/Nov/2026:04:00:00 -0530", 1_795_426_200_000],
    ["29/Feb/2024:00:00:00 +0000", 1_709_164_800_000],
    ["2026-11-23T09:30:00Z", 1_795_426_200_000],
    ["2026-11-23T09:30Z", 1_795_426_200_000],
    ["2026-11-23T09:30:00.250Z", 1_795_426_200_250],
    ["2026-11-23T10:30:00+01:00", 1_795_426_200_000],
    ["2026-11-23T10:30:00+0100", 1_795_426_200_000],
    ["2026-11-23 09:30:00", 1_795_426_200_000],
    ["2026-11-23 09:30:00,250", 1_795_426_200_250],
  ])("reads %s, which is UTC where it names no zone", (text, epoch) => {
    expect(parseLoggedTime(text)).toBe(epoch);
  });

  it.each([
    ...["", "-", "soon", "1795426200000", "2026", "2026-11-23", "Mon, 23 Nov 2026 09:30:00 GMT"],
    ...["29/Feb/2026:00:00:00 +0000", "00/Jan/2026:00:00:00 +0000", "01/Foo/2026:00:00:00 +0000"],
    ...["23/Nov/2026:24:61:00 +0000", "23/Nov/2026:09:30:00 +9999", "23/Nov/2026:09:30:00"],
    ...["2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-23T99:30:00Z", "+275761-01-01T00:00:00Z"],
    ...["2026-11-23T09:30:00+99:99", "yesterday 5", "23/Nov/2026:09:30:00 +0000 x"],
  ])("does not take %j for a time", (text) => {
    expect(parseLoggedTime(text)).toBeUndefined();
  });
});
