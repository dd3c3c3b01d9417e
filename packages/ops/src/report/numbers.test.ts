import { expect, it } from "vitest";

import { bytes, count, milliseconds, moment, shareOf, span } from "./numbers";

// Decimal units, as on AWS's price lists.
it.each([
  [bytes(0), "0 B"],
  [bytes(999), "999 B"],
  [bytes(1000), "1 kB"],
  [bytes(90_191_590), "90.2 MB"],
  [bytes(2e16), "20,000 TB"],
  [count(1_234_567), "1,234,567"],
  [milliseconds(12.34), "12.3 ms"],
  [shareOf(1, 3), "33.33%"],
  [shareOf(0, 0), "-"],
  [moment(Date.UTC(2026, 10, 23, 9, 30, 1, 999)), "2026-11-23 09:30:01"],
  [span(86_400_000), "1 d"],
  [span(5_400_000), "90 min"],
  [span(300_000), "5 min"],
  [span(1500), "1,500 ms"],
])("%s is formatted as expected", (written, expected) => {
  expect(written).toBe(expected);
});
