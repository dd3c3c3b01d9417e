import { describe, expect, it } from "vitest";

import { takesCallbacks, timeZoneGap } from "./function-config";

it.each([
  ["nodejs20.x", true],
  ["nodejs22.x", true],
  ["nodejs24.x", false],
  ["nodejs26.x", false],
])("%s supports callbacks: %s", (runtime, expected) => {
  expect(takesCallbacks(runtime)).toBe(expected);
});

describe("a function's time zone", () => {
  it.each([[{}], [{ TZ: ":UTC" }], [{ TZ: "UTC" }], [{ TZ: "" }], [{ TZ: "Etc/UTC" }]])(
    "is the same as on AWS with %j",
    (variables) => {
      expect(timeZoneGap(variables)).toBeUndefined();
    },
  );

  it.each([["Asia/Tokyo"], [":America/New_York"]])("is UTC instead of %s", (zone) => {
    expect(timeZoneGap({ TZ: zone })).toContain(zone);
  });
});
