// Evaluates conditions on items.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
import db from "dynalite/db/index.js";

/** @typedef {import("./condition.mjs").Expression} Expression */
/** @typedef {import("./condition.mjs").Operand} Operand */
/** @typedef {import("../item-rules.mjs").AttributeValue} AttributeValue */
/** @typedef {import("../item-rules.mjs").Item} Item */
/**
 * @typedef {AttributeValue | undefined} Value `undefined` if the item does not have the attribute
 */

/** Operators by the sign of a comparison. @type {Record<string, (sign: number) => boolean>} */
const ORDERINGS = {
  "<": (sign) => sign < 0,
  "<=": (sign) => sign <= 0,
  ">": (sign) => sign > 0,
  ">=": (sign) => sign >= 0,
};

/**
 * @param {Item} item
 * @param {Expression} expression
 * @returns {boolean}
 */
export function meets(item, { type, name, args }) {
  const conditions = /** @type {Expression[]} */ (args);
  if (type === "and") return conditions.every((part) => meets(item, part));
  if (type === "or") return conditions.some((part) => meets(item, part));
  if (type === "not") return !conditions.some((part) => meets(item, part));
  const [left, ...right] = args.map((operand) => resolveOperand(item, operand));
  if (type === "function") return call(name ?? "", left, right[0]);
  if (type === "=") return isEqual(left, right[0]);
  if (type === "<>") return !isEqual(left, right[0]);
  if (type === "in") return right.some((value) => isEqual(left, value));
  if (type === "between") return isOrdered(">=", left, right[0]) && isOrdered("<=", left, right[1]);
  return isOrdered(type, left, right[0]);
}

/**
 * Returns the value at a document path. The empty path leads to the item as a map.
 *
 * @param {(string | number)[]} path
 * @param {Item} item
 * @returns {Value}
 */
export function attributeAt(path, item) {
  /** @type {Value} */
  let value = { M: item };
  for (const part of path) {
    /** @type {Record<string | number, Value>} */
    const parts = Object(typeof part === "number" ? value?.L : value?.M);
    value = Object.hasOwn(parts, part) ? parts[part] : undefined;
  }
  return value;
}

/** @param {Item} item @param {Operand} operand @returns {Value} */
function resolveOperand(item, operand) {
  if (Array.isArray(operand)) return attributeAt(operand, item);
  if (operand === undefined || !("args" in operand)) return operand;
  const [measured] = /** @type {Operand[]} */ (operand.args);
  const size = sizeOf(resolveOperand(item, measured));
  return size === undefined ? undefined : { N: String(size) };
}

/** @param {Value} value @returns {number | undefined} */
function sizeOf(value) {
  if (typeof value?.S === "string") return value.S.length;
  if (typeof value?.B === "string") return Buffer.byteLength(value.B, "base64");
  const elements = value?.L ?? value?.M ?? value?.SS ?? value?.NS ?? value?.BS;
  return elements === undefined ? undefined : Object.keys(Object(elements)).length;
}

/** @param {string} name @param {Value} left @param {Value} right */
function call(name, left, right) {
  if (name === "attribute_exists") return left !== undefined;
  if (name === "attribute_not_exists") return left === undefined;
  if (left === undefined || right === undefined) return false;
  if (name === "attribute_type") return typeOf(left) === right.S;
  if (name === "begins_with") return begins(left, right);
  return contains(left, right);
}

/** @param {AttributeValue} left @param {AttributeValue} right */
function begins(left, right) {
  const [whole, start] = [bytesOf(left), bytesOf(right)];
  if (typeOf(left) !== typeOf(right) || whole === undefined || start === undefined) return false;
  return whole.subarray(0, start.length).equals(start);
}

/** @param {AttributeValue} left @param {AttributeValue} right */
function contains(left, right) {
  const type = typeOf(right);
  if (Array.isArray(left.L)) return left.L.some((element) => isEqual(element, right));
  const elements = left[`${type}S`];
  if (Array.isArray(elements)) return elements.includes(right[type]);
  const [whole, part] = [bytesOf(left), bytesOf(right)];
  return typeOf(left) === type && whole !== undefined && part !== undefined && whole.includes(part);
}

/** @param {Value} left @param {Value} right @returns {boolean} */
function isEqual(left, right) {
  if (left === undefined || right === undefined) return false;
  const type = typeOf(left);
  const [one, two] = [left[type], right[type]];
  if (two === undefined) return false;
  if (Array.isArray(one) && Array.isArray(two)) {
    if (one.length !== two.length) return false;
    if (type === "L") return one.every((element, index) => isEqual(element, two[index]));
    const elements = new Set(two);
    return one.every((element) => elements.has(element));
  }
  if (type !== "M") return one === two;
  const [map, other] = /** @type {[Item, Item]} */ ([one, two]);
  const names = Object.keys(map);
  return names.length === Object.keys(other).length && names.every((name) => isEqual(map[name], other[name]));
}

/** @param {string} operator @param {Value} left @param {Value} right */
function isOrdered(operator, left, right) {
  if (left === undefined || right === undefined || typeOf(left) !== typeOf(right)) return false;
  if ("N" in left) return db.compare(operator, left, right);
  const [one, two] = [bytesOf(left), bytesOf(right)];
  return one !== undefined && two !== undefined && ORDERINGS[operator]?.(Buffer.compare(one, two)) === true;
}

/**
 * Returns bytes for comparison: strings are ordered by their UTF-8.
 *
 * @param {AttributeValue} value
 */
function bytesOf({ S, B }) {
  if (typeof S === "string") return Buffer.from(S);
  return typeof B === "string" ? Buffer.from(B, "base64") : undefined;
}

/** @param {AttributeValue} value */
function typeOf(value) {
  return Object.keys(value)[0] ?? "";
}
