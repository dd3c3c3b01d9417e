import { expect, it } from "vitest";

import { bytes, count, date, duration, localMinute, percent, shortCount, timeOfDay, timeRange, utc } from "./format";

it.each<[string, string]>([
  [count(1234567), "1,234,567"],
  [shortCount(99_999), "99,999"],
  [shortCount(100_000), "100K"],
  [percent(0), "0%"],
  [percent(0.00001), "< 0.01%"],
  [percent(0.0049), "0.49%"],
  [percent(0.00999), "1.0%"],
  [percent(0.0999), "10%"],
  [percent(0.051), "5.1%"],
  [percent(0.9949), "99%"],
  [percent(0.995), "99.5%"],
  [percent(0.9996), "99.9%"],
  [percent(1), "100%"],
  [duration(0), "0 ms"],
  [duration(4.25), "4.3 ms"],
  [duration(999), "999 ms"],
  [duration(999.6), "1.0 s"],
  [duration(2804), "2.8 s"],
  [duration(10_000), "10.0 s"],
  [duration(90_000), "1.5 min"],
  [bytes(999), "999 B"],
  [bytes(1000), "1.0 KB"],
  [bytes(123_456_789), "123 MB"],
  [utc(Date.UTC(2026, 10, 23, 9, 30, 0, 7)), "2026-11-23 09:30:00.007 UTC"],
  [utc(Number.NaN), ""],
  [utc(9e15), ""],
  [duration(undefined), "—"],
  [duration(86_400_000), "1440.0 min"],
  // The largest time value is 8.64e15 ms: https://tc39.es/ecma262/#sec-time-values-and-time-range
  [timeOfDay(8.64e15 + 1), "—"],
  [timeOfDay(Number.NaN), "—"],
  [date(Number.NEGATIVE_INFINITY), "—"],
  [localMinute(1e300), ""],
])("formats as %s", (actual, expected) => {
  expect(actual).toBe(expected);
});

it("writes a range with its date once, and with the year unless it is this year", () => {
  const [from, to] = [new Date(2026, 10, 27, 17, 55).getTime(), new Date(2026, 10, 27, 17, 59, 30).getTime()];
  expect(timeRange(from, to, to)).toMatch(/^(27 Nov|Nov 27), 17:55–17:59$/);
  expect(timeRange(from, to, new Date(2027, 1, 1).getTime())).toMatch(/2026, 17:55–17:59$/);
  expect(timeRange(from, new Date(2026, 10, 28, 9).getTime(), to)).toMatch(/17:55 – (28 Nov|Nov 28), 09:00$/);
});

it("writes a form's time so that the browser reads the same time, in any time zone", () => {
  const at = Date.UTC(2026, 10, 23, 23, 30);
  expect(localMinute(at)).toMatch(/^2026-11-2[34]T\d\d:\d0$/);
  expect(Date.parse(localMinute(at))).toBe(at);
});
