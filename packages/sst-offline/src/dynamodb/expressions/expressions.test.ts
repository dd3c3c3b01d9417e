// Expected messages were recorded by tests that run against AWS:
// - https://github.com/architect/dynalite, test/{scan,query,updateItem,getItem}.js
// - https://github.com/paritysuite/dynamodb-conformance, tests/tier3
import conditionParser from "dynalite/db/conditionParser.js";
import db from "dynalite/db/index.js";
import projectionParser from "dynalite/db/projectionParser.js";
import updateParser from "dynalite/db/updateParser.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseCondition } from "./condition.mjs";
import type { Context } from "./cursor.mjs";
import { parseProjection } from "./projection.mjs";
import { parseUpdate } from "./update.mjs";

const RESERVED = ["views", "abort", "absolute", "set", "add", "size", "user"];
const VALUES = {
  ":a": { S: "a" },
  ":b": { N: "1" },
  ":low": { N: "1" },
  ":high": { N: "5" },
  ":l": { L: [{ S: "x" }] },
  ":ss": { SS: ["x"] },
  ":bool": { BOOL: true },
  ":type": { S: "SS" },
};
const NAMES = { "#a": "a", "#b": "b", "#n": "size" };

const contextOf = (given: Partial<Context> = {}): Context => ({
  attrNames: NAMES,
  attrVals: VALUES,
  unusedAttrNames: {},
  unusedAttrVals: {},
  isReserved: (name) => RESERVED.includes(name.toLowerCase()),
  compare: db.compare,
  ...given,
});
const messageOf = (parse: (text: string, context: Context) => object, text: string, given: Partial<Context> = {}) => {
  try {
    parse(text, contextOf(given));
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

const PARSERS = { condition: parseCondition, update: parseUpdate, projection: parseProjection };

describe("an expression", () => {
  const hanging = [
    ...[1, 8, 9, 30, 4096].map((count) => "(".repeat(count)),
    `${"(".repeat(20)}a = :a${")".repeat(20)}`,
    `${"(".repeat(2040)}a = :a${")".repeat(2040)}`,
    `${"(".repeat(200)}a = :a${") AND b = :a".repeat(200)}`,
    `${"(a = :a AND ".repeat(140)}b = :a${")".repeat(140)}`,
    "NOT ".repeat(1000),
    `${"NOT ".repeat(290)}a = :a`,
    `${"NOT(".repeat(290)}a = :a${")".repeat(290)}`,
    `${"NOT (".repeat(800)}`,
    "size(".repeat(800),
    `${"f(".repeat(2000)}`,
    `${"size(".repeat(280)}a${")".repeat(280)} > :b`,
    Array(140).fill("a=:a").join(" OR "),
    Array(140).fill("a=:a").join(" AND "),
    `a IN (${Array(100).fill(":a").join(",")})`,
    `a IN (${":a,".repeat(1300)}`,
    `a${".b".repeat(2040)} = :a`,
    `a${"[1]".repeat(1300)} = :a`,
    `${"a".repeat(4090)} = :a`,
    `a BETWEEN ${"(".repeat(1000)}`,
    `SET a = ${"(".repeat(1000)}`,
    `SET a = ${"(".repeat(1000)}b${")".repeat(1000)}`,
    `SET a = ${"if_not_exists(b,".repeat(250)}`,
    `SET ${Array(400).fill("a = :a").join(", ")}`,
    `REMOVE ${Array.from({ length: 600 }, (_, index) => `a${index}`).join(",")}`,
    Array.from({ length: 600 }, (_, index) => `a${index}`).join(","),
    `${" ".repeat(4000)}a = :a`,
    `a = :a${" ".repeat(4000)}`,
    "#".repeat(4096),
    "\u{1F600}".repeat(1024),
    "<".repeat(4096),
  ];
  it.each(
    hanging.flatMap((text) =>
      Object.entries(PARSERS).map(([kind, parse]) => ({
        kind,
        parse,
        text,
        start: text.slice(0, 24),
        bytes: text.length,
      })),
    ),
  )("is read once, from left to right: $kind $start ($bytes characters)", ({ parse, text }) => {
    const context = contextOf();
    try {
      parse(text, context);
    } catch (error) {
      expect((error as Error).constructor.name).toBe("ExpressionError");
    }
    // Each token is read a limited number of times: at most once by every rule of the grammar.
    expect(context.reads ?? 0).toBeLessThanOrEqual(12 * (text.length + 1));
  });

  it.each<[keyof typeof PARSERS, string, string]>([
    ["condition", "(", 'Syntax error; token: "<EOF>", near: "("'],
    ["condition", "attribute_not_exists(", 'Syntax error; token: "<EOF>", near: "("'],
    ["condition", "((((((((((", 'Syntax error; token: "<EOF>", near: "("'],
    [
      "condition",
      "#a attribute_not_exists :a",
      'Syntax error; token: "attribute_not_exists", near: "#a attribute_not_exists :a"',
    ],
    ["condition", "a = tenant:abc123-", 'Syntax error; token: ":abc123", near: "tenant:abc123-"'],
    ["condition", "begins_with(a, :a", 'Syntax error; token: "<EOF>", near: ":a"'],
    ["update", "INVALID SYNTAX HERE", 'Syntax error; token: "INVALID", near: "INVALID SYNTAX"'],
    ["update", "SET a = if_not_exists(a, 0)", 'Syntax error; token: "0", near: ", 0)"'],
    ["projection", "!!! INVALID !!!", 'Syntax error; token: "!", near: "!!"'],
    ["condition", " \t\n", "The expression can not be empty;"],
    ["condition", "a".repeat(4097), "Expression size has exceeded the maximum allowed size; expression size: 4097"],
    [
      // https://github.com/aws/aws-sdk-js/issues/3721
      "condition",
      Array(151).fill("a=:a").join(" OR "),
      "The expression contains too many operators; operator count: 301",
    ],
    [
      "condition",
      `a IN (${Array(101).fill(":a").join(",")})`,
      "The IN operator is provided with too many operands; number of operands: 101",
    ],
    ["condition", "((a = :a))", "The expression has redundant parentheses;"],
    ["condition", "a = :a AND ((a = :a AND b = :a)) AND b = :a", "The expression has redundant parentheses;"],
    ["condition", "(a)between(((b.c)).d)and(c)", "The expression has redundant parentheses;"],
    ["condition", "a > whatever((:a), ((a)))", "The expression has redundant parentheses;"],
    ["condition", "whatever(:a) > a", "Invalid function name; function: whatever"],
    ["condition", "size(a)", "The function is not allowed to be used this way in an expression; function: size"],
    [
      "condition",
      "a in (b, attribute_exists(c))",
      "The function is not allowed to be used this way in an expression; function: attribute_exists",
    ],
    ["condition", ":a < abOrT", "Attribute name is a reserved keyword; reserved keyword: abOrT"],
    [
      "condition",
      "(#P between :lo and :hi) and (#PC in (:cat1, :cat2))",
      "An expression attribute name used in the document path is not defined; attribute name: #P",
    ],
    [
      "condition",
      "begins_with(:hello, #a, #b)",
      "An expression attribute value used in expression is not defined; attribute value: :hello",
    ],
    [
      "condition",
      "attribute_exists(things, a) and a=a",
      "Incorrect number of operands for operator or function; operator or function: attribute_exists, number " +
        "of operands: 2",
    ],
    [
      "condition",
      "a < :bool",
      "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL",
    ],
    [
      "condition",
      "a BETWEEN :bool AND :bool",
      "Incorrect operand type for operator or function; operator or function: BETWEEN, operand type: BOOL",
    ],
    [
      "condition",
      "begins_with(a, :b)",
      "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
    ],
    [
      "condition",
      "((a=a) OR (a=a))",
      "The first operand must be distinct from the remaining operands for this operator or function; operator: " +
        "=, first operand: [a]",
    ],
    [
      "condition",
      "a BETWEEN :high AND :low",
      "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; " +
        "lower bound operand: AttributeValue: {N:5}, upper bound operand: AttributeValue: {N:1}",
    ],
    ["update", "set a = #a set c = :a", 'The "SET" section can only be used once in an update expression;'],
    [
      "update",
      "set a[3].b = :a, #a[3] = :a",
      "Two document paths overlap with each other; must remove or rewrite one of these paths; " +
        "path one: [a, [3], b], path two: [a, [3]]",
    ],
    [
      "update",
      "remove a.b set a[1] = :a",
      "Two document paths conflict with each other; must remove or rewrite one of these paths; " +
        "path one: [a, b], path two: [a, [1]]",
    ],
    [
      "update",
      "delete a.b :a",
      "Incorrect operand type for operator or function; operator: DELETE, operand type: STRING",
    ],
    [
      "update",
      "set a = if_not_exists(if_not_exists(a, b), c)",
      "Operator or function requires a document path; operator or function: if_not_exists",
    ],
    [
      "update",
      "set a = a + :a",
      "Incorrect operand type for operator or function; operator or function: +, operand type: S",
    ],
    [
      "projection",
      "#a, #a[1]",
      "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], " +
        "path two: [a, [1]]",
    ],
    ["projection", "a.abORt", "Attribute name is a reserved keyword; reserved keyword: abORt"],
  ])("%s: %s is rejected: %s", (kind, text, message) => {
    expect(messageOf(PARSERS[kind], text)).toBe(message);
  });

  it.each<[keyof typeof PARSERS, string[]]>([
    [
      "condition",
      [
        "things are not gonna be ok",
        "a > 4",
        "attribute_exists(Pictures-RearView)",
        'attribute_exists("Pictures.RearView")',
        "attribute_exists(Pictures..RearView)",
        "attribute_exists(Pi#ctures.RearView)",
        "attribute_exists(asdf[a])",
        "a in b, c",
        "a > between",
        "a in (b,c,)",
        "(a)between(b.(c.d))and(c)",
        "(a)between(b.c.d)and((c)",
        "#$.b > a",
        "a > :things.stuff",
        "b[:a] > a",
        "ü > a",
        "size(a).b > a",
        "(size(a)).b > a",
        "a AND b = :a",
        "(a = :a) = b",
        "a = (b = :a)",
        "NOT a",
        "a = :a)",
        "a",
        "f(a, b = :a)",
        "a = :a b = :a",
      ],
    ],
    [
      "update",
      [
        "set a",
        "set a=set",
        "remove a = b",
        "delete a b",
        "add a if_not_exist(b)",
        "remove a b",
        "set :a = b",
        "set a = b / c",
        "SET if_not_exist(a, b) = a",
        "set (a = (b + c))",
        "set a = (b.c).d + e",
        "set a = b + c + d",
        "set a = (b + c) + d",
        "set a = :a,",
        "set a = :a, set b = :a",
      ],
    ],
    ["projection", ["whatever(stuff)", ":a", "a,,b", "a..b", "a[b]", "(a.b).c", "(a)", "a-b", "a,", "a[0", "a[-1]"]],
  ])("%s: %j are syntax errors", (kind, texts) => {
    for (const text of texts) expect(messageOf(PARSERS[kind], text), text).toMatch(/^Syntax error; token: /);
  });

  // Accepted by AWS: dynamodb-conformance, tests/tier1/*/*Parens.test.ts and updateItem;
  // dynalite#99.
  it.each<[keyof typeof PARSERS, string]>([
    ["condition", "(attribute_exists(a)) AND (attribute_not_exists(#n))"],
    ["condition", "(a = :a AND (#b = :a))"],
    ["condition", "((:a = :a AND :a = :a) AND :a = :a)"],
    ["condition", "a = :a AND NOT NOT b = :a"],
    ["condition", "(size(a)) > :b"],
    ["condition", "(a.b).c = :a"],
    ["condition", "a.b[0].c IN (:a, :b)"],
    ["condition", "a BETWEEN :low AND :high AND b = :a OR NOT contains(a, :a)"],
    ["condition", "attribute_type(a, :type)"],
    ["update", "SET a = (b + :b)"],
    ["update", "set a = ((b.c.d)+(e))"],
    ["update", "SET a = (b) + :b"],
    ["update", "SET l = list_append(if_not_exists(l, :l), :l) REMOVE b, c[0] ADD d :b DELETE e :ss"],
    ["projection", "a, b.c[1], and, #n"],
  ])("%s: %s is accepted", (kind, text) => {
    expect(messageOf(PARSERS[kind], text)).toBe("accepted");
  });

  it("removes elements by their indexes before the update, the last one first", () => {
    // RelatedItems[1], RelatedItems[2]:
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
    const { sections, paths } = parseUpdate("REMOVE l[1], l[2], b SET l[0] = :a", contextOf());
    expect(sections.map(({ path }) => path)).toEqual([["l", 0], ["l", 2], ["l", 1], ["b"]]);
    expect(paths).toEqual([["l", 1], ["l", 2], ["b"], ["l", 0]]);
  });

  it("appends elements with high indexes in order, without a gap to iterate over", () => {
    const { sections } = parseUpdate("SET l[4294967294] = :a, l[9999999999999999999] = :b, l[3] = :a", contextOf());
    const indexes = sections.map(({ path }) => Number(path[1]));
    expect(Math.max(...indexes)).toBeLessThan(1_000_000);
    expect(indexes[0]).toBeLessThan(Number(indexes[1]));
    expect(indexes[2]).toBe(3);
  });
});

// Dynalite's parser is an independent implementation. Its results are correct, but its time doubles
// with each parenthesis.
describe("dynalite's parser", () => {
  const runs = Number(process.env.EXPRESSION_RUNS ?? 300);
  const path = fc.constantFrom("a", "b", "#a", "a.b", "b.#b[0]", "c[1][2].d", "views", "#x", "a.abort");
  const value = fc.constantFrom(":a", ":b", ":ss", ":l", ":missing");
  const { operand } = fc.letrec<{ operand: string }>((tie) => ({
    operand: fc.oneof(
      { maxDepth: 2 },
      path,
      value,
      tie("operand").map((text) => `size(${text})`),
      tie("operand").map((text) => `(${text})`),
    ),
  }));
  const { condition } = fc.letrec<{ condition: string }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 2 },
      fc.tuple(operand, fc.constantFrom("=", "<>"), operand).map((parts) => parts.join(" ")),
      fc
        .tuple(operand, fc.array(operand, { minLength: 1, maxLength: 3 }))
        .map(([x, list]) => `${x} IN (${list.join(",")})`),
      fc
        .tuple(
          fc.constantFrom("attribute_exists", "begins_with", "contains", "attribute_type", "f"),
          fc.array(operand, { minLength: 1, maxLength: 3 }),
        )
        .map(([name, list]) => `${name}(${list.join(", ")})`),
      fc.tuple(tie("condition"), fc.constantFrom("AND", "or"), tie("condition")).map((parts) => parts.join(" ")),
      tie("condition").map((text) => `(${text})`),
      tie("condition").map((text) => `NOT (${text})`),
    ),
  }));
  // Dynalite accepts one pair of parentheses here, and AWS more: see the table above.
  const plain = fc.oneof(path, value);
  const argument = fc.oneof(
    plain,
    plain.map((text) => `(${text})`),
  );
  const called = fc
    .tuple(fc.constantFrom("if_not_exists", "list_append", "g"), argument, argument)
    .map(([name, x, y]) => `${name}(${x}, ${y})`);
  const term = fc.oneof(plain, called);
  const sum = fc.oneof(
    term,
    argument,
    fc.tuple(term, fc.constantFrom("+", "-"), fc.oneof(argument, called)).map((parts) => parts.join(" ")),
  );
  const update = fc
    .array(
      fc.oneof(
        fc
          .array(
            fc.tuple(path, sum).map(([x, y]) => `${x} = ${y}`),
            { minLength: 1, maxLength: 2 },
          )
          .map((list) => `SET ${list.join(", ")}`),
        fc.array(path, { minLength: 1, maxLength: 2 }).map((list) => `remove ${list.join(",")}`),
        fc.tuple(fc.constantFrom("ADD", "DELETE"), path, value).map((parts) => parts.join(" ")),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((sections) => sections.join(" "));
  const broken = (text: fc.Arbitrary<string>) =>
    fc.oneof(
      { weight: 4, arbitrary: text },
      {
        weight: 1,
        arbitrary: fc
          .tuple(text, fc.nat(), fc.constantFrom("", ")", " AND ", ",", "#", "!"))
          .map(
            ([whole, at, part]) => `${whole.slice(0, at % whole.length)}${part}${whole.slice((at % whole.length) + 1)}`,
          ),
      },
    );

  it.each([
    { kind: "condition", parse: parseCondition, theirs: conditionParser, text: broken(condition) },
    { kind: "update", parse: parseUpdate, theirs: updateParser, text: broken(update) },
    {
      kind: "projection",
      parse: parseProjection,
      theirs: projectionParser,
      text: broken(fc.array(path, { minLength: 1, maxLength: 3 }).map((list) => list.join(", "))),
    },
  ])(`reads ${runs} random $kind expressions the same way`, ({ parse, theirs, text }) => {
    fc.assert(
      fc.property(text, (expression) => {
        fc.pre(expression.trim() !== "" && (expression.match(/\(/g) ?? []).length < 9);
        fc.pre(!/<(?!>)|(?<!<)>/.test(expression)); // it orders values of every type
        expect(
          outcomeOf(() => parse(expression, contextOf())),
          expression,
        ).toEqual(outcomeOf(() => theirs.parse(expression, { context: contextOf() })));
      }),
      { numRuns: runs },
    );
  });

  /** Dynalite's syntax errors have other messages, and it does not sort removals. */
  function outcomeOf(read: () => unknown): unknown {
    try {
      const result = read();
      if (typeof result === "string") return result;
      const { sections = [], paths, ...rest } = JSON.parse(JSON.stringify(result, dropEmpty));
      const order = sections.map((section: object) => JSON.stringify(section)).sort();
      return { ...rest, paths, sections: order };
    } catch (error) {
      const { name, message } = error as Error;
      return name === "SyntaxError" || message.startsWith("Syntax error") ? "syntax error" : message;
    }
  }

  function dropEmpty(_key: string, value: unknown): unknown {
    return value === null ? undefined : value;
  }
});
