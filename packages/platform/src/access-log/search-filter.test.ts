import { describe, expect, it } from "vitest";
import * as z from "zod/mini";

import { filterPattern, insightsQuery, type SearchFilter, searchFilter } from "./search-filter";

const schema = z.strictObject(searchFilter);

describe("a search filter", () => {
  // Syntax of patterns:
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html
  // Syntax of queries:
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html
  it.each<[SearchFilter, string | undefined, string]>([
    [{}, undefined, ""],
    [{ status: "404" }, "{ ($.status = 404) }", "filter status = 404 | "],
    [{ status: "5xx" }, "{ ($.status >= 500) && ($.status < 600) }", "filter status >= 500 and status < 600 | "],
    [{ status: "1xx" }, "{ ($.status >= 100) && ($.status < 200) }", "filter status >= 100 and status < 200 | "],
    [{ route: "GET /events/{id}" }, '{ ($.routeKey = "GET /events/{id}") }', 'filter routeKey = "GET /events/{id}" | '],
    [{ route: "$default" }, '{ ($.routeKey = "$default") }', 'filter routeKey = "$default" | '],
    [
      { user: "5f0f2cda-1fe4-4b0c-8b24-8a5c0ea7f9b1" },
      '{ (($.user = "5f0f2cda-1fe4-4b0c-8b24-8a5c0ea7f9b1") || ($.client = "5f0f2cda-1fe4-4b0c-8b24-8a5c0ea7f9b1")) }',
      'filter (user = "5f0f2cda-1fe4-4b0c-8b24-8a5c0ea7f9b1" or client = "5f0f2cda-1fe4-4b0c-8b24-8a5c0ea7f9b1") | ',
    ],
    // API Gateway logs a missing value as "-".
    [{ route: "-" }, '{ ($.routeKey = "-") }', 'filter routeKey = "-" | '],
    [
      { user: "-", address: "2001:db8::7" },
      '{ ($.user = "-") && ($.client = "-") && ($.sourceIp = "2001:db8::7") }',
      'filter user = "-" and client = "-" and sourceIp = "2001:db8::7" | ',
    ],
    [
      { requestId: "JCJM3j95PHcEJHg=" },
      '{ ($.requestId = "JCJM3j95PHcEJHg=") }',
      'filter requestId = "JCJM3j95PHcEJHg=" | ',
    ],
    [
      { status: "500", route: "POST /events", user: "m1", requestId: "x" },
      [
        '{ ($.status = 500) && ($.routeKey = "POST /events") && ',
        '(($.user = "m1") || ($.client = "m1")) && ($.requestId = "x") }',
      ].join(""),
      'filter status = 500 and routeKey = "POST /events" and (user = "m1" or client = "m1") and requestId = "x" | ',
    ],
  ])("%j becomes a pattern and a query", (filter, pattern, query) => {
    expect(schema.parse(filter)).toEqual(filter);
    expect(filterPattern(filter)).toBe(pattern);
    expect(insightsQuery(filter)).toBe(`fields @timestamp, @message | ${query}sort @timestamp desc | limit 10000`);
  });

  const STATUS = "must be a status such as 404, or a status class such as 5xx";
  const ROUTE = "must be a method and path, for example GET /events/{id}, or $default, or - for none";
  const USER = "must be a user or client id, or - for none";
  const REQUEST = "must be a request id";
  it.each<[keyof SearchFilter, string, string[]]>([
    ["status", STATUS, ["", "099", "600", "0xx", "6xx", "5XX", "50x", "5xxx", "4040", "404 ", "404\n", "-404", "4.4"]],
    ["status", STATUS, ["500) || ($.status > 0", "404 || true", "5xx }", "*", "4**", "%4..%"]],
    [
      "route",
      ROUTE,
      ["", "/events", "GET", "GET events", "get /events", "GET  /events", "GET /events ", "GET /events\n"],
    ],
    ["route", ROUTE, ['GET /" || $.status > 0 || $.x = "', "GET /\\", "GET /*", "GET /%a%", "GET /é", "$defaults"]],
    ["route", ROUTE, [`GET /${"a".repeat(252)}`, "GET /a b", "GET /'", "GET /`", "GET /a|b", "GET /\u0000"]],
    [
      "user",
      USER,
      ["", "a".repeat(129), 'a" || $.user = "b', 'a"', "a\\", "*", "a*", "%a%", "a b", "a\n", "ä", "$x", "{a}"],
    ],
    [
      "address",
      "must be an IP address",
      ["", "1", "a".repeat(46), "203.0.113.*", "203.0.113.7/32", '1"', "%1%", "::1 "],
    ],
    ["requestId", REQUEST, ["", "a".repeat(65), 'a")} ', "*", "%a%", "a|b", "a b", "a\n", "ä", "\\", "$.x"]],
  ])("rejects an invalid %s: %s", (name, message, values) => {
    for (const value of values) {
      const { error } = schema.safeParse({ [name]: value });
      expect([value, error?.issues.map(({ path, message }) => [path, message])]).toEqual([value, [[[name], message]]]);
    }
  });

  it.each<[keyof SearchFilter, string]>([
    ["route", `GET /${"a".repeat(251)}`],
    ["user", "a".repeat(128)],
    ["requestId", "a".repeat(64)],
    ["address", "1234:1234:1234:1234:1234:1234:123.123.123.123"],
    ["status", "100"],
    ["status", "599"],
  ])("accepts a %s at its limit", (name, value) => {
    expect(schema.safeParse({ [name]: value }).success).toBe(true);
  });
});
