// Condition, filter and key condition expressions.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
import { COMPARATORS, readCondition } from "./condition-syntax.mjs";
import { ExpressionError } from "./cursor.mjs";
import { constantType, Errors, pathText, resolvePath, resolveValue, typeOf } from "./rules.mjs";

/** @typedef {import("./cursor.mjs").Context} Context */
/** @typedef {import("./condition-syntax.mjs").Node} Node */
/** @typedef {import("./condition-syntax.mjs").Call} Call */
/** @typedef {import("./condition-syntax.mjs").Condition} Condition */
/** @typedef {import("./cursor.mjs").AttributeValue} AttributeValue */

/**
 * The form that dynalite evaluates.
 *
 * @typedef {{ type: string, args: Operand[], name?: string, attrType?: string | undefined }}
 *   Expression
 * @typedef {(string | number)[] | AttributeValue | Expression | undefined} Operand
 */

const ORDERED = ["S", "N", "B"];
const MAX_IN_OPERANDS = 100;

/** Number of operands of each function. */
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
 * @returns the same as dynalite's parser
 * @throws {ExpressionError}
 */
export function parseCondition(text, context) {
  return resolve(readCondition(text, context), context);
}

/**
 * @param {Node} root
 * @param {Context} context
 */
function resolve(root, context) {
  /** @type {Errors<"unknown" | "misused" | "reserved" | "condition">} */
  const errors = new Errors();
  /** Errors of the current condition. @type {Errors<"name" | "operands" | "distinct" | "type">} */
  let conditionErrors = new Errors();
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
    conditionErrors = new Errors();
    const expression = "name" in node ? toCall(node) : toComparison(node);
    if (expression.name === "size") misuse("size");
    const message = conditionErrors.first(["name", "operands", "distinct", "type"]);
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
      conditionErrors.add("operands", `${what}; number of operands: ${args.length - 1}`);
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
      conditionErrors.add("operands", `Incorrect number of operands for operator or function; ${which}`);
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
      conditionErrors.add("type", `Operator or function requires a document path; operator or function: ${name}`);
    } else if (name === "begins_with") {
      const found = types.find((type) => type !== undefined && type !== "S" && type !== "B");
      if (found !== undefined) incorrectType(name, found);
    } else if (name === "size") {
      if (["N", "BOOL", "NULL"].includes(types[0] ?? "")) incorrectType(name, types[0] ?? "");
    } else if (name === "attribute_type") {
      if (types[1] !== "S") return incorrectType(name, types[1] ?? "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
      const { S } = /** @type {{ S: string }} */ (args[1]);
      if (TYPES.includes(S)) return;
      conditionErrors.add("type", `Invalid attribute type name found; type: ${S}, valid types: {${TYPES.join(",")}}`);
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
        else conditionErrors.add(kind, message);
      });
      const head = String(path[0]);
      pathHeads[head] = true;
      if (path.length > 1) nestedPaths[head] = true;
      return path;
    }
    if ("args" in node) return toCall(/** @type {Call} */ (node));
    return resolveValue(node.name, context, (message) => conditionErrors.add("name", message));
  }

  /** @param {string} name */
  function misuse(name) {
    const what = "The function is not allowed to be used this way in an expression";
    errors.add("misused", `${what}; function: ${name}`);
  }

  /** @param {string} operator @param {string} type */
  function incorrectType(operator, type) {
    const what = "Incorrect operand type for operator or function";
    conditionErrors.add("type", `${what}; operator or function: ${operator}, operand type: ${type}`);
  }

  /** @param {string} operator @param {Operand[]} args */
  function checkDistinct(operator, [left, right, ...more]) {
    if (more.length > 0 || !Array.isArray(left) || !Array.isArray(right)) return;
    if (left.length !== right.length || left.some((part, index) => part !== right[index])) return;
    const what = "The first operand must be distinct from the remaining operands for this operator or function";
    conditionErrors.add("distinct", `${what}; operator: ${operator}, first operand: ${pathText(left)}`);
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
      conditionErrors.add("type", `The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`);
    } else if (context.compare("GT", from, to)) {
      const what = "The BETWEEN operator requires upper bound to be greater than or equal to lower bound";
      conditionErrors.add("type", `${what}; ${bounds}`);
    }
  }
}
