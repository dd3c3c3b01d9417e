import { describe, expect, it } from "vitest";

import { isoInstant } from "./epoch";

// https://tc39.es/ecma262/#sec-time-values-and-time-range
describe("isoInstant", () => {
  it.each([
    [0, "1970-01-01T00:00:00.000Z"],
    [8.64e15, "+275760-09-13T00:00:00.000Z"],
    [8.64e15 + 1, "no valid time"],
    [Number.NaN, "no valid time"],
    [Number.NEGATIVE_INFINITY, "no valid time"],
  ])("of %d is %s", (epoch, text) => {
    expect(isoInstant(epoch)).toBe(text);
  });
});
