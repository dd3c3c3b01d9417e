import { expect, it } from "vitest";

import { axisLabels, bucketName, zoneOf } from "./buckets";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const NOON = Date.UTC(2026, 10, 27, 12) / 1000;

// Offsets in minutes as of `Date.prototype.getTimezoneOffset`: positive west of Greenwich.
it.each<[string, number, number, "local" | "UTC"]>([
  ["minutes in Kathmandu", -345, MINUTE, "local"],
  ["hours in Los Angeles", 480, HOUR, "local"],
  ["hours in Kathmandu", -345, HOUR, "UTC"],
  ["days in Los Angeles", 480, DAY, "UTC"],
  ["days in London in winter", 0, DAY, "local"],
])("names %s (offset %d) of %d s in the zone in which they start", (_title, offset, bucketSeconds, zone) => {
  const start = NOON - (NOON % bucketSeconds);
  expect(zoneOf([start, start + bucketSeconds], bucketSeconds, () => offset)).toBe(zone);
});

it("names days in UTC if one of them starts in summer time", () => {
  const start = NOON - (NOON % DAY);
  expect(zoneOf([start, start + DAY], DAY, (at) => (at === start ? -60 : 0))).toBe("UTC");
});

it("names a bucket by its start", () => {
  expect(bucketName(NOON, HOUR, "UTC")).toBe("Nov 27 12:00 UTC");
  expect(bucketName(NOON, DAY, "UTC")).toBe("Nov 27 UTC");
  expect(bucketName(NOON, MINUTE, "local")).toMatch(/^Nov 2[678] \d\d:\d\d$/);
});

it.each<[string, number, number, string[]]>([
  ["every minute", MINUTE, 3, ["12:00", "12:01", "12:02"]],
  ["across midnight", 6 * HOUR, 4, ["12:00", "18:00", "Nov 28", "06:00"]],
  ["a time of two days", 12 * HOUR, 4, ["12:00", "Nov 28", "Nov 28 12:00", "Nov 29"]],
  ["a day of two years", 365 * DAY, 2, ["Nov 27", "Nov 27, 2027"]],
])("labels %s without repetition", (_title, step, number, labels) => {
  expect(
    axisLabels(
      Array.from({ length: number }, (_, at) => NOON + at * step),
      "UTC",
    ),
  ).toEqual(labels);
});
