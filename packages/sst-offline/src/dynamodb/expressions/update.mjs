// Update expressions.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
import { createCursor, ExpressionError } from "./cursor.mjs";
import {
  checkOperators,
  checkPaths,
  constantType,
  Errors,
  nestedHeads,
  resolvePath,
  resolveValue,
  typeOf,
} from "./rules.mjs";

/** @typedef {import("./cursor.mjs").Context} Context */
/** @typedef {import("./cursor.mjs").Cursor} Cursor */
/** @typedef {import("./cursor.mjs").Path} Path */
/** @typedef {import("./cursor.mjs").AttributeValue} AttributeValue */

/**
 * The form after parsing.
 *
 * @typedef {{ type: "path", parts: (string | number)[] } | { type: "value", name: string } | Call}
 *   Node
 * @typedef {{ type: "function" | "add" | "subtract", name: string, args: Node[] }} Call
 */

/**
 * The form that dynalite evaluates.
 *
 * @typedef {Path | AttributeValue | Result | undefined} Operand
 * @typedef {{ type: string, name?: string, args: Operand[], attrType: string | undefined }} Result
 * @typedef {{ type: string, path: Path, val?: Operand, attrType?: string | undefined }} Action
 */

/**
 * @typedef {"reserved" | "unknown" | "section" | "name" | "value"} EarlyProblem
 * @typedef {EarlyProblem | "overlap" | "conflict" | "operand" | "function"} Problem
 */

const SECTIONS = ["SET", "REMOVE", "ADD", "DELETE"];

/** Functions and operators. Each has two operands. */
const FUNCTIONS = ["if_not_exists", "list_append", "+", "-"];

/** Higher than any index of a list: an item has at most 400 KB. */
const FAR_INDEX = 500_000;

/** Names of types in messages. */
const TYPE_NAMES = new Map([
  ["S", "STRING"],
  ["N", "NUMBER"],
  ["B", "BINARY"],
  ["NULL", "NULL"],
  ["BOOL", "BOOLEAN"],
  ["L", "LIST"],
  ["M", "MAP"],
]);

/**
 * @param {string} text
 * @param {Context} context
 * @returns the same as dynalite's parser
 * @throws {ExpressionError}
 */
export function parseUpdate(text, context) {
  const cursor = createCursor(text, context, SECTIONS);
  checkOperators(
    cursor.tokens.filter(
      ({ kind, text: found }, index) =>
        found === "+" || found === "-" || (kind === "name" && cursor.tokens[index + 1]?.text === "("),
    ).length,
  );
  /** @type {Errors<Problem>} */
  const errors = new Errors();
  /** @type {Set<string>} */
  const seen = new Set();
  /** @type {Action[]} */
  const sections = [];
  /** Paths of actions and operands. @type {Path[]} */
  const allPaths = [];
  while (cursor.peek().kind !== "end") sections.push(...readSection());
  const paths = sections.map(({ path }) => path);
  checkPaths(paths, (kind, message) => errors.add(kind, message));
  const message = errors.first([
    "reserved",
    "unknown",
    "section",
    "name",
    "value",
    "overlap",
    "conflict",
    "operand",
    "function",
  ]);
  if (message !== undefined) throw new ExpressionError(message);
  shortenIndexes(paths);
  return { sections: sortActions(sections), paths, nestedPaths: nestedHeads(allPaths) };

  function readSection() {
    const section = SECTIONS.find((word) => cursor.keyword(word)) ?? cursor.fail();
    if (seen.has(section)) {
      errors.add("section", `The "${section}" section can only be used once in an update expression;`);
    }
    seen.add(section);
    const actions = [readAction(section)];
    while (cursor.take(",")) actions.push(readAction(section));
    return actions;
  }

  /** @param {string} section @returns {Action} */
  function readAction(section) {
    const path = toPath(cursor.path());
    if (section === "REMOVE") return { type: "remove", path };
    if (section === "SET") {
      cursor.expect("=");
      const val = toOperand(readValue(cursor));
      return { type: "set", path, val, attrType: typeOf(val) };
    }
    if (!cursor.peek().text.startsWith(":")) cursor.fail();
    const val = toOperand({ type: "value", name: cursor.next().text });
    const attrType = typeOf(val);
    const found = TYPE_NAMES.get(attrType ?? "");
    if (found !== undefined && !(section === "ADD" && attrType === "N")) {
      const what = "Incorrect operand type for operator or function";
      errors.add("operand", `${what}; operator: ${section}, operand type: ${found}`);
    }
    return { type: section.toLowerCase(), path, val, attrType };
  }

  /** @param {(string | number)[]} parts */
  function toPath(parts) {
    const path = resolvePath(parts, context, (kind, message) => errors.add(kind, message));
    allPaths.push(path);
    return path;
  }

  /** @param {Node} node @returns {Operand} */
  function toOperand(node) {
    if ("parts" in node) return toPath(node.parts);
    if (!("args" in node)) return resolveValue(node.name, context, (message) => errors.add("value", message));
    const args = node.args.map(toOperand);
    const attrType = checkCall(node.name, args);
    if (node.type !== "function") return { type: node.type, args, attrType };
    return { type: "function", name: node.name, args, attrType };
  }

  /**
   * @param {string} name
   * @param {Operand[]} args
   * @returns {string | undefined} type of the result
   */
  function checkCall(name, args) {
    if (!FUNCTIONS.includes(name)) {
      errors.add("unknown", `Invalid function name; function: ${name}`);
      return undefined;
    }
    if (args.length !== 2) {
      const which = `operator or function: ${name}, number of operands: ${args.length}`;
      errors.add("function", `Incorrect number of operands for operator or function; ${which}`);
      return undefined;
    }
    if (name === "if_not_exists") {
      if (!Array.isArray(args[0])) {
        errors.add("function", `Operator or function requires a document path; operator or function: ${name}`);
      }
      return typeOf(args[1]);
    }
    const expected = name === "list_append" ? "L" : "N";
    const found = args.map(constantType).find((type) => type !== undefined && type !== expected);
    if (found !== undefined) {
      const what = "Incorrect operand type for operator or function";
      errors.add("function", `${what}; operator or function: ${name}, operand type: ${found}`);
    }
    return expected;
  }
}

/** @param {Cursor} cursor @returns {Node} an operand, or two of them with `+` or `-` */
function readValue(cursor) {
  let opened = 0;
  while (cursor.take("(")) opened++;
  let node = readSum(cursor, opened > 0 ? readPlain(cursor) : readOperand(cursor));
  for (; opened > 0; opened--) {
    cursor.expect(")");
    if (node.type === "path" || node.type === "value" || node.type === "function") node = readSum(cursor, node);
  }
  return node;
}

/** @param {Cursor} cursor @param {Node} left @returns {Node} */
function readSum(cursor, left) {
  const name = ["+", "-"].find((operator) => cursor.take(operator));
  if (name === undefined) return left;
  return { type: name === "+" ? "add" : "subtract", name, args: [left, readOperand(cursor)] };
}

/** @param {Cursor} cursor @returns {Node} with or without parentheses */
function readOperand(cursor) {
  let opened = 0;
  while (cursor.take("(")) opened++;
  const node = readPlain(cursor);
  for (; opened > 0; opened--) cursor.expect(")");
  return node;
}

/** @param {Cursor} cursor @returns {Node} */
function readPlain(cursor) {
  const token = cursor.peek();
  if (token.text.startsWith(":")) return { type: "value", name: cursor.next().text };
  if (token.kind !== "name" || cursor.isKeyword(token) || cursor.peek(1).text !== "(") {
    return { type: "path", parts: cursor.path() };
  }
  cursor.next();
  cursor.next();
  const args = [readOperand(cursor)];
  while (cursor.take(",")) args.push(readOperand(cursor));
  cursor.expect(")");
  return { type: "function", name: token.text, args };
}

/**
 * Sorts the actions, which dynalite performs one after another. Indexes refer to the list before
 * the update, so elements are removed last, starting from the end.
 *
 * @param {Action[]} sections
 */
function sortActions(sections) {
  const removals = sections
    .filter(({ type }) => type === "remove")
    .sort((one, two) => compareFromEnd(one.path, two.path));
  return [...sections.filter(({ type }) => type !== "remove"), ...removals];
}

/** @param {Path} one @param {Path} two */
function compareFromEnd(one, two) {
  const at = one.findIndex((part, index) => part !== two[index]);
  const [left, right] = [one[at], two[at]];
  return typeof left === "number" && typeof right === "number" ? right - left : 0;
}

/**
 * Replaces very high indexes by lower ones in the same order. DynamoDB appends an element set after
 * the end of a list; dynalite writes it at its index and iterates over the gap.
 *
 * @param {Path[]} paths changed in place
 */
function shortenIndexes(paths) {
  const far = [...new Set(paths.flat().filter((part) => typeof part === "number" && part > FAR_INDEX))].sort(
    (one, two) => Number(one) - Number(two),
  );
  for (const path of paths) {
    path.forEach((part, index) => {
      const rank = far.indexOf(part);
      if (rank >= 0) path[index] = FAR_INDEX + rank;
    });
  }
}
