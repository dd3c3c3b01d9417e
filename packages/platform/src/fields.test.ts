import { expect, it } from "vitest";
import { Amount, Id, Integer, Key, PageLimit, Text, Timestamp } from "./fields";
import { parse } from "./input";

// DynamoDB's numbers: 1E-130 to 9.99...E+125, 38 digits:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
it.each([
  [Text, ["a", " ", "x".repeat(1000), "Ünï ☂", "😀"], ["", "x".repeat(1001), "a\nb", "\u0000", "\ud800", 1, null]],
  [Key, ["a", "A-1_b.c", "x".repeat(100)], ["", "x".repeat(101), "a b", "a/b", "..", "-a", "é", 1]],
  [Id, ["01KAR9Z0000000000000000000"], ["01kar9z0000000000000000000", "81KAR9Z0000000000000000000", "", 1]],
  [Amount, [0, -0.5, 1e-100, 2 ** 53 - 1, 1 - 2 ** 53], [1e-101, 2 ** 53, -(2 ** 53), Number.NaN, "1"]],
  [Integer, [0, -1, 2 ** 53 - 1], [0.5, 2 ** 53, "1"]],
  [Timestamp, ["2026-11-23T09:30:00Z", "2026-11-23T09:30:00.123+01:00"], ["2026-11-23", "2026-11-23T09:30:00", "now"]],
  [PageLimit, ["1", "99", "100"], ["0", "101", "01", "1.5", "", 1]],
])("a schema accepts its valid values and rejects its invalid ones (case %#)", (schema, valid, invalid) => {
  for (const value of valid) expect(parse(schema, value)).toBe(value);
  for (const value of invalid) expect(() => parse(schema, value), JSON.stringify(value)).toThrow("Invalid input");
});
