import { describe, expect, it } from "vitest";

import { ACCESS_LOG_FIELDS } from "./fields";
import { INSIGHTS_QUERIES } from "./insights";

// Keywords of the query language, from
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
const COMMANDS = ["fields", "filter", "stats", "sort", "limit"];
const WORDS = ["as", "asc", "by", "count", "count_distinct", "desc", "in", "max", "or", "pct"];
const wordsOf = (query: string) => query.replaceAll(/"[^"]*"/g, "").match(/@?[A-Za-z_]\w*/g) ?? [];
const aliasesOf = (query: string) => [...query.matchAll(/ as (\w+)/g)].map(([, alias]) => alias ?? "");

describe.each(INSIGHTS_QUERIES.map((query) => [query.name, query] as const))(
  "the saved query %s",
  (_name, { query }) => {
    it("uses only access-log fields, keywords and its own aliases", () => {
      const allowed = [...COMMANDS, ...WORDS, "@timestamp", ...Object.keys(ACCESS_LOG_FIELDS), ...aliasesOf(query)];
      expect(wordsOf(query).filter((word) => !allowed.includes(word))).toEqual([]);
    });

    it("consists of piped commands", () => {
      for (const step of query.split("\n| ")) expect(COMMANDS).toContain(step.split(" ")[0]);
    });

    it("compares only fields that are always numbers", () => {
      const compared = [...query.matchAll(/(\w+) (?:>=|<=|>|<|in) /g)].map(([, name]) => name);
      for (const name of compared) expect(ACCESS_LOG_FIELDS[name as "status"].kind).toBe("number");
    });

    // At most 10,000 characters:
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html
    it("is within the size limit", () => {
      expect(query.length).toBeLessThanOrEqual(10_000);
    });
  },
);

it("saved queries have unique names", () => {
  expect(new Set(INSIGHTS_QUERIES.map(({ name }) => name)).size).toBe(INSIGHTS_QUERIES.length);
});
