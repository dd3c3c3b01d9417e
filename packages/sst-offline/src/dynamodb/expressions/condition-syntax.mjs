// The grammar of condition, filter and key condition expressions.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
import { createCursor, ExpressionError } from "./cursor.mjs";
import { checkOperators } from "./rules.mjs";

/** @typedef {import("./cursor.mjs").Context} Context */
/** @typedef {import("./cursor.mjs").Cursor} Cursor */

/**
 * @typedef {{ type: "path", parts: (string | number)[] } | { type: "value", name: string } | Call |
 *   Condition} Node
 * @typedef {{ type: "function", name: string, args: Node[] }} Call a condition or `size`
 * @typedef {{ type: string, args: Node[] }} Condition
 */

export const COMPARATORS = ["=", "<>", "<", "<=", ">", ">="];
const KEYWORDS = ["AND", "BETWEEN", "IN", "NOT", "OR"];

/** Binding power. */
const OR = 1;
const AND = 2;
const NOT = 3;
const COMPARISON = 4;

/**
 * @param {string} text
 * @param {Context} context
 * @returns {Node}
 * @throws {ExpressionError}
 */
export function readCondition(text, context) {
  const cursor = createCursor(text, context, KEYWORDS);
  checkOperators(countOperators(cursor));
  const { node, hasRedundantParentheses } = readAll(cursor);
  if (hasRedundantParentheses) throw new ExpressionError("The expression has redundant parentheses;");
  return node;
}

/** @param {Cursor} cursor */
function countOperators({ tokens, isKeyword }) {
  return tokens.filter((token, index) => {
    if (isKeyword(token)) return token.text.toUpperCase() !== "BETWEEN"; // its AND counts
    return COMPARATORS.includes(token.text) || (token.kind === "name" && tokens[index + 1]?.text === "(");
  }).length;
}

/**
 * Reads an expression by precedence. Only operators and functions recurse, and there are at most
 * 300 of them. Consecutive parentheses are read in a loop.
 *
 * @param {Cursor} cursor
 */
function readAll(cursor) {
  let hasRedundantParentheses = false;
  const node = condition(read(OR));
  if (cursor.peek().kind !== "end") cursor.fail();
  return { node, hasRedundantParentheses };

  /** @param {number} power @returns {Node} */
  function read(power) {
    return readOn(readPrimary(), power);
  }

  /** @param {Node} left @param {number} power @returns {Node} */
  function readOn(left, power) {
    for (let node = left; ; ) {
      const token = cursor.peek();
      const word = cursor.isKeyword(token) ? token.text.toUpperCase() : "";
      if (word === "OR" && power <= OR) node = readLogical(node, "or", OR);
      else if (word === "AND" && power <= AND) node = readLogical(node, "and", AND);
      else if (word === "BETWEEN" && power <= COMPARISON) node = readBetween(node);
      else if (word === "IN" && power <= COMPARISON) node = readIn(node);
      else if (token.kind === "symbol" && COMPARATORS.includes(token.text) && power <= COMPARISON) {
        node = readComparison(node, token.text);
      } else return node;
    }
  }

  /** @param {Node} left @param {"and" | "or"} type @param {number} power */
  function readLogical(left, type, power) {
    condition(left);
    cursor.next();
    return { type, args: [left, condition(read(power))] };
  }

  /** @param {Node} left @param {string} type */
  function readComparison(left, type) {
    operand(left);
    cursor.next();
    return { type, args: [left, operand(readPrimary())] };
  }

  /** @param {Node} left */
  function readBetween(left) {
    operand(left);
    cursor.next();
    const low = operand(readPrimary());
    if (!cursor.keyword("AND")) cursor.fail();
    return { type: "between", args: [left, low, operand(readPrimary())] };
  }

  /** @param {Node} left */
  function readIn(left) {
    operand(left);
    cursor.next();
    cursor.expect("(");
    return { type: "in", args: [left, ...readArguments()] };
  }

  /** Reads operands up to the closing parenthesis. */
  function readArguments() {
    const args = [operand(readPrimary())];
    while (cursor.take(",")) args.push(operand(readPrimary()));
    cursor.expect(")");
    return args;
  }

  /** @returns {Node} */
  function readPrimary() {
    let opened = 0;
    while (cursor.take("(")) opened++;
    if (opened > 0) return readGroups(opened);
    if (cursor.keyword("NOT")) return { type: "not", args: [condition(read(NOT))] };
    const token = cursor.peek();
    if (token.text.startsWith(":")) return { type: "value", name: cursor.next().text };
    if (token.kind !== "name" || cursor.isKeyword(token) || cursor.peek(1).text !== "(") {
      return { type: "path", parts: cursor.path() };
    }
    cursor.next();
    cursor.next();
    return { type: "function", name: token.text, args: readArguments() };
  }

  /** @param {number} opened number of parentheses before the cursor */
  function readGroups(opened) {
    let node = read(OR);
    cursor.expect(")");
    for (let level = 1; level < opened; level++) {
      const start = cursor.position();
      node = readOn(readPathOn(node), OR);
      if (cursor.position() === start) hasRedundantParentheses = true;
      cursor.expect(")");
    }
    return readPathOn(node);
  }

  /**
   * Reads the rest of a path after parentheses, as in `(a.b).c`.
   *
   * @param {Node} node
   * @returns {Node}
   */
  function readPathOn(node) {
    if (!("parts" in node)) return node;
    const [head = "", ...rest] = node.parts;
    return { type: "path", parts: [String(head), ...rest, ...cursor.path([""]).slice(1)] };
  }

  /** @param {Node} node @returns {Node} */
  function condition(node) {
    return "args" in node ? node : cursor.fail();
  }

  /** @param {Node} node @returns {Node} */
  function operand(node) {
    return "args" in node && !("name" in node) ? cursor.fail() : node;
  }
}
