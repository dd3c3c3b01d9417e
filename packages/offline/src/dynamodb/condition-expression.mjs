// Condition, filter and key condition expressions.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
import {
  checkOperators,
  constantType,
  createCursor,
  Errors,
  ExpressionError,
  pathText,
  resolvePath,
  resolveValue,
  typeOf,
} from "./expression-cursor.mjs";

/** @typedef {import("./expression-cursor.mjs").Context} Context */
/** @typedef {import("./expression-cursor.mjs").Cursor} Cursor */
/** @typedef {import("./expression-cursor.mjs").AttributeValue} AttributeValue */

/**
 * As read.
 *
 * @typedef {{ type: "path", parts: (string | number)[] } | { type: "value", name: string } | Call | Condition} Node
 * @typedef {{ type: "function", name: string, args: Node[] }} Call a condition, or `size`
 * @typedef {{ type: string, args: Node[] }} Condition
 */

/**
 * As dynalite evaluates it.
 *
 * @typedef {{ type: string, args: Operand[], name?: string, attrType?: string | undefined }} Expression
 * @typedef {(string | number)[] | AttributeValue | Expression | undefined} Operand
 */

const KEYWORDS = ["AND", "BETWEEN", "IN", "NOT", "OR"];
const COMPARATORS = ["=", "<>", "<", "<=", ">", ">="];
const ORDERED = ["S", "N", "B"];
const MAX_IN_OPERANDS = 100;

/** Binding power. */
const OR = 1;
const AND = 2;
const NOT = 3;
const COMPARISON = 4;

/** How many operands each function has. */
const FUNCTIONS = new Map([
  ["attribute_exists", 1],
  ["attribute_not_exists", 1],
  ["attribute_type", 2],
  ["begins_with", 2],
  ["contains", 2],
  ["size", 1],
]);
const TYPES = ["B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M"];

/**
 * @param {string} text
 * @param {Context} context
 * @returns what dynalite's parser returns
 * @throws {ExpressionError}
 */
export function parseCondition(text, context) {
  const cursor = createCursor(text, context, KEYWORDS);
  checkOperators(countOperators(cursor));
  const { node, hasRedundantParentheses } = readCondition(cursor);
  if (hasRedundantParentheses) throw new ExpressionError("The expression has redundant parentheses;");
  return resolve(node, context);
}

/** @param {Cursor} cursor */
function countOperators({ tokens, isKeyword }) {
  return tokens.filter((token, index) => {
    if (isKeyword(token)) return token.text.toUpperCase() !== "BETWEEN"; // its AND counts
    return COMPARATORS.includes(token.text) || (token.kind === "name" && tokens[index + 1]?.text === "(");
  }).length;
}

/**
 * Reads by precedence. What recurses is an operator or a function, of which there are 300 at most; parentheses in a row are a loop.
 *
 * @param {Cursor} cursor
 */
function readCondition(cursor) {
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

  /** Operands up to the closing parenthesis. */
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

  /** @param {number} opened parentheses before the cursor */
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

  /** A path may go on behind the parentheses: `(a.b).c`. @param {Node} node @returns {Node} */
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

/**
 * @param {Node} root
 * @param {Context} context
 */
function resolve(root, context) {
  /** @type {Errors<"unknown" | "misused" | "reserved" | "condition">} */
  const errors = new Errors();
  /** @type {Errors<"name" | "operands" | "distinct" | "type">} of the condition that is being resolved */
  let own = new Errors();
  /** @type {Record<string, true>} */
  const nestedPaths = Object.create(null);
  /** @type {Record<string, true>} */
  const pathHeads = Object.create(null);

  const expression = toExpression(root);
  const message = errors.first(["unknown", "misused", "reserved", "condition"]);
  if (message !== undefined) throw new ExpressionError(message);
  return { expression, nestedPaths, pathHeads };

  /** @param {Node} node @returns {Expression} */
  function toExpression(node) {
    if (!("args" in node)) throw new Error("expected a condition");
    if (["and", "or", "not"].includes(node.type)) return { type: node.type, args: node.args.map(toExpression) };
    own = new Errors();
    const expression = "name" in node ? toCall(node) : toComparison(node);
    if (expression.name === "size") misuse("size");
    const message = own.first(["name", "operands", "distinct", "type"]);
    if (message !== undefined) errors.add("condition", message);
    return expression;
  }

  /** @param {Condition} node @returns {Expression} */
  function toComparison({ type, args: nodes }) {
    const args = toOperands(nodes);
    const [left, right, upper] = args;
    if (COMPARATORS.includes(type)) checkDistinct(type, args);
    if (type === "in" && args.length - 1 > MAX_IN_OPERANDS) {
      const what = "The IN operator is provided with too many operands";
      own.add("operands", `${what}; number of operands: ${args.length - 1}`);
    }
    if (["<", "<=", ">", ">=", "between"].includes(type)) {
      const [found] = args.map(typeOf).filter((given) => given !== undefined && !ORDERED.includes(given));
      if (found !== undefined) incorrectType(type.toUpperCase(), found);
    }
    if (type === "between") checkBounds(right, upper);
    return { type, args: [left, ...args.slice(1)] };
  }

  /** @param {Call} node @returns {Expression} */
  function toCall({ name, args: nodes }) {
    const args = toOperands(nodes);
    const count = FUNCTIONS.get(name);
    if (count === undefined) errors.add("unknown", `Invalid function name; function: ${name}`);
    else if (count !== args.length) {
      const which = `operator or function: ${name}, number of operands: ${args.length}`;
      own.add("operands", `Incorrect number of operands for operator or function; ${which}`);
    } else {
      checkDistinct(name, args);
      checkCall(name, args);
    }
    const attrType = name === "size" ? "N" : name.startsWith("attribute_") && count === 1 ? undefined : "BOOL";
    return { type: "function", name, args, attrType };
  }

  /** @param {string} name @param {Operand[]} args */
  function checkCall(name, args) {
    const types = args.map(typeOf);
    if (name === "attribute_exists" || name === "attribute_not_exists") {
      if (Array.isArray(args[0])) return;
      own.add("type", `Operator or function requires a document path; operator or function: ${name}`);
    } else if (name === "begins_with") {
      const found = types.find((type) => type !== undefined && type !== "S" && type !== "B");
      if (found !== undefined) incorrectType(name, found);
    } else if (name === "size") {
      if (["N", "BOOL", "NULL"].includes(types[0] ?? "")) incorrectType(name, types[0] ?? "");
    } else if (name === "attribute_type") {
      if (types[1] !== "S") return incorrectType(name, types[1] ?? "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
      const { S } = /** @type {{ S: string }} */ (args[1]);
      if (TYPES.includes(S)) return;
      own.add("type", `Invalid attribute type name found; type: ${S}, valid types: {${TYPES.join(",")}}`);
    }
  }

  /** @param {Node[]} nodes */
  function toOperands(nodes) {
    return nodes.map((node) => {
      const operand = toOperand(node);
      if ("name" in node && node.type === "function" && node.name !== "size") misuse(node.name);
      return operand;
    });
  }

  /** @param {Node} node @returns {Operand} */
  function toOperand(node) {
    if ("parts" in node) {
      const path = resolvePath(node.parts, context, (kind, message) => {
        if (kind === "reserved") errors.add(kind, message);
        else own.add(kind, message);
      });
      const head = String(path[0]);
      pathHeads[head] = true;
      if (path.length > 1) nestedPaths[head] = true;
      return path;
    }
    if ("args" in node) return toCall(/** @type {Call} */ (node));
    return resolveValue(node.name, context, (message) => own.add("name", message));
  }

  /** @param {string} name */
  function misuse(name) {
    const what = "The function is not allowed to be used this way in an expression";
    errors.add("misused", `${what}; function: ${name}`);
  }

  /** @param {string} operator @param {string} type */
  function incorrectType(operator, type) {
    const what = "Incorrect operand type for operator or function";
    own.add("type", `${what}; operator or function: ${operator}, operand type: ${type}`);
  }

  /** @param {string} operator @param {Operand[]} args */
  function checkDistinct(operator, [left, right, ...more]) {
    if (more.length > 0 || !Array.isArray(left) || !Array.isArray(right)) return;
    if (left.length !== right.length || left.some((part, index) => part !== right[index])) return;
    const what = "The first operand must be distinct from the remaining operands for this operator or function";
    own.add("distinct", `${what}; operator: ${operator}, first operand: ${pathText(left)}`);
  }

  /** @param {Operand} low @param {Operand} high */
  function checkBounds(low, high) {
    const [lowType, highType] = [constantType(low), constantType(high)];
    if (lowType === undefined || highType === undefined) return;
    const [from, to] = /** @type {[AttributeValue, AttributeValue]} */ ([low, high]);
    const bounds =
      `lower bound operand: AttributeValue: {${lowType}:${from[lowType]}}, ` +
      `upper bound operand: AttributeValue: {${highType}:${to[highType]}}`;
    if (lowType !== highType) {
      own.add("type", `The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`);
    } else if (context.compare("GT", from, to)) {
      const what = "The BETWEEN operator requires upper bound to be greater than or equal to lower bound";
      own.add("type", `${what}; ${bounds}`);
    }
  }
}
