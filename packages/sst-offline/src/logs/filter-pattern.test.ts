import { describe, expect, it } from "vitest";

import { compileFilterPattern } from "./filter-pattern";
import { PatternError } from "./pattern-text";

// Messages and results from the examples of
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-unstructured-log-events.html
const BAD = "[ERROR 400] BAD REQUEST";
const UNAUTHORIZED = "[ERROR 401] UNAUTHORIZED REQUEST";
const MISSING = "[ERROR 419] MISSING ARGUMENTS";
const INVALID = "[ERROR 420] INVALID ARGUMENTS";
const ALL = [BAD, UNAUTHORIZED, MISSING, INVALID];

describe("terms", () => {
  it.each([
    ["", ALL],
    ["   ", ALL],
    ["ERROR", ALL],
    ["error", []],
    ["ERROR ARGUMENTS", [MISSING, INVALID]],
    ["?ERROR ?ARGUMENTS", ALL],
    ["?BAD ?MISSING", [BAD, MISSING]],
    ["?NOTHING REQUEST", [BAD, UNAUTHORIZED]], // beside other terms, optional ones are ignored
    ["ERROR -ARGUMENTS", [BAD, UNAUTHORIZED]],
    ["-ARGUMENTS", [BAD, UNAUTHORIZED]],
    ['"BAD REQUEST"', [BAD]],
    ['"REQUEST BAD"', []],
    ['"[ERROR 4" -"401]"', [BAD, MISSING, INVALID]],
    ["%AUTHORIZED%", [UNAUTHORIZED]],
    ["%4[0-9]{2}. BAD%", [BAD]],
  ])("%j finds the documented messages", (pattern, found) => {
    expect(ALL.filter(compileFilterPattern(pattern))).toEqual(found);
  });

  it("may contain escaped quotes", () => {
    expect(compileFilterPattern('"say \\"hi\\""')('they say "hi"')).toBe(true);
  });
});

// Message and patterns from
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html
const EVENT = {
  eventType: "UpdateTrail",
  sourceIPAddress: "111.111.111.111",
  arrayKey: ["value", "another value"],
  objectList: [
    { name: "a", id: 1 },
    { name: "b", id: 2 },
  ],
  SomeObject: null,
  "cluster.name": "c",
};
const COMPOUND = {
  user: { id: 1, email: "John.Stiles@example.com" },
  users: [
    { id: 2, email: "John.Doe@example.com" },
    { id: 3, email: "Jane.Doe@example.com" },
  ],
  actions: ["GET", "PUT", "DELETE"],
  coordinates: [
    [0, 1, 2],
    [4, 5, 6],
    [7, 8, 9],
  ],
};

describe("conditions on JSON", () => {
  it.each([
    [EVENT, '{ $.eventType = "UpdateTrail" }', true],
    [EVENT, "{$.eventType=UpdateTrail}", true],
    [EVENT, '{ $.eventType = "updatetrail" }', false],
    [EVENT, "{ $.sourceIPAddress != 123.123.* }", true],
    [EVENT, "{ $.sourceIPAddress != 111.111.* }", false],
    [EVENT, '{ $.arrayKey[0] = "value" }', true],
    [EVENT, '{ $.arrayKey[1] = "value" }', false],
    [EVENT, "{ $.eventType = %Trail% }", true],
    [EVENT, "{ $.arrayKey[*] = %val.{2}% }", true],
    [EVENT, "{ $.* = %111\\.111\\.111\\.1[0-9]{1,2}% }", true],
    [EVENT, "{ $.['cluster.name'] = \"c\" }", true],
    [EVENT, "{ $.objectList[1].id = 2 }", true],
    [EVENT, "{ $.objectList[1].number = 2 }", false],
    [EVENT, "{ $.SomeObject IS NULL }", true],
    [EVENT, "{ $.eventType IS NULL }", false],
    [EVENT, "{ $.SomeOtherObject NOT EXISTS }", true],
    [EVENT, "{ $.eventType NOT EXISTS }", false],
    // Neither a string nor a number.
    [EVENT, '{ $.SomeObject != "x" }', false],
    [EVENT, '{ $.missing != "x" }', false],
    [EVENT, '{ $.objectList[0] != "x" }', false],
    [EVENT, '{ $.constructor != "x" }', false],
    [COMPOUND, '{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }', true],
    [
      COMPOUND,
      '{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch" && $.actions[2] = "nonmatch" }',
      true,
    ],
    [
      COMPOUND,
      '{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch") && $.actions[2] = "nonmatch" }',
      false,
    ],
    [COMPOUND, '{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }', false],
    // "Metric filters that match numeric values", in an older edition of the same page.
    [{ bandwidth: 80 }, "{ $.bandwidth > 75 }", true],
    [{ bandwidth: 75 }, "{ $.bandwidth > 75 }", false],
    [{ latency: 49.5 }, "{ $.latency < 50 }", true],
    [{ refreshRate: 60 }, "{ $.refreshRate >= 60 }", true],
    [{ responseTime: 5 }, "{ $.responseTime <= 5 }", true],
    [{ errorCode: 400 }, "{ $.errorCode = 400}", true],
    [{ errorCode: 400 }, "{ $.errorCode != 500 }", true],
    [{ errorCode: 500 }, "{ $.errorCode != 500 }", false],
    [{ errorCode: 404 }, "{ $.errorCode = 4* }", true],
    [{ number: [1000] }, "{ $.number[0] = 1e3 }", true],
    [{ status: "500" }, "{ $.status >= 500 }", false],
    [{ flag: true }, "{ $.flag IS TRUE }", true],
    [{ flag: "true" }, "{ $.flag IS TRUE }", false],
    [{ flag: false }, "{ $.flag IS FALSE }", true],
    [{ status: 503, routeKey: "POST /x" }, '{ $.status >= 500 && $.routeKey = "POST /x" }', true],
  ])("of %j: %s is %s", (message, pattern, expected) => {
    expect(compileFilterPattern(pattern)(JSON.stringify(message))).toBe(expected);
  });

  it.each(["eventType=UpdateTrail", "", "{", "null", "[1]", '2026 {"eventType":"UpdateTrail"}'])(
    "hold for nothing that is no JSON object: %j",
    (message) => expect(compileFilterPattern("{ $.eventType NOT EXISTS }")(message)).toBe(false),
  );
});

describe("an invalid pattern", () => {
  it.each([
    ["{ $.a = ", "expected a number, a string or %a regular expression%, found the end"],
    ["{ $.a 5 }", "expected an operator: =, !=, <, <=, >, >=, IS or NOT EXISTS, found 5"],
    ["{ $.a ( 5 }", "expected an operator: =, !=, <, <=, >, >=, IS or NOT EXISTS, found ("],
    ["{ $.a > five }", "expected a number, found five"],
    ["{ $.a IS NOT NULL }", "expected NULL or TRUE or FALSE, found NOT"],
    ["{ $.a EXISTS }", "found EXISTS"],
    ["{ a = 5 }", "expected a property such as $.status, found a"],
    ["{ ($.a = 5 }", "expected ), found }"],
    ["{ $.a = 5 } x", "expected the end after }, found x"],
    ["{ $.a = 5 &", '&" cannot be read'],
    ["{ $.a = %(x)% }", "%(x)% contains syntax that CloudWatch Logs does not support"],
    ["%something!%", "%something!% contains syntax that CloudWatch Logs does not support"],
    ["%a% %b% %c%", "expected at most 2 regular expressions"],
    ["{ $.a = %a% || $.b = %b% || $.c = %c% }", "expected at most 2 regular expressions"],
    ["a:b", 'expected a term at "a:b"'],
    ['"open', "expected a term at"],
    ["[ip, user]", "patterns with space-delimited fields are not supported offline"],
  ])("is rejected with a reason: %s", (pattern, reason) => {
    expect(() => compileFilterPattern(pattern)).toThrow(PatternError);
    expect(() => compileFilterPattern(pattern)).toThrow(reason);
  });
});
