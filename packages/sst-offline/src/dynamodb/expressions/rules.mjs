// Rules that all of DynamoDB's expressions share.
import { ExpressionError } from "./cursor.mjs";

/** @typedef {import("./cursor.mjs").AttributeValue} AttributeValue */
/** @typedef {import("./cursor.mjs").Context} Context */
/** @typedef {import("./cursor.mjs").Path} Path */

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters
const MAX_OPERATORS = 300;

/**
 * @param {number} count
 * @throws {ExpressionError} above DynamoDB's limit of operators and functions
 */
export function checkOperators(count) {
  if (count <= MAX_OPERATORS) return;
  throw new ExpressionError(`The expression contains too many operators; operator count: ${count}`);
}

/**
 * Collects the first error of each kind. DynamoDB reports kinds in a fixed order, independent of
 * their order in the expression.
 *
 * @template {string} Kind
 */
export class Errors {
  /** @type {Map<Kind, string>} */
  #first = new Map();

  /** @param {Kind} kind @param {string} message */
  add(kind, message) {
    if (!this.#first.has(kind)) this.#first.set(kind, message);
  }

  /** @param {Kind[]} order */
  first(order) {
    for (const kind of order) if (this.#first.has(kind)) return this.#first.get(kind);
    return undefined;
  }
}

/** @param {Path} path */
export function pathText(path) {
  return `[${path.map((part) => (typeof part === "number" ? `[${part}]` : part)).join(", ")}]`;
}

/**
 * Returns the type of a value, and `undefined` for a function's result.
 *
 * @param {unknown} operand
 * @returns {string | undefined}
 */
export function constantType(operand) {
  return "attrType" in Object(operand) ? undefined : typeOf(operand);
}

/**
 * Returns the type of a value or of a function's result, or `undefined` for a path.
 *
 * @param {unknown} operand
 * @returns {string | undefined}
 */
export function typeOf(operand) {
  if (typeof operand !== "object" || operand === null || Array.isArray(operand)) return undefined;
  const { attrType, type, ...value } = /** @type {Record<string, unknown>} */ (operand);
  if (type !== undefined) return /** @type {string | undefined} */ (attrType);
  return Object.keys(value)[0];
}

/**
 * Replaces the placeholders of a path. Reports reserved words and undefined names.
 *
 * @param {(string | number)[]} parts
 * @param {Context} context
 * @param {(kind: "reserved" | "name", message: string) => void} report
 * @returns {Path}
 */
export function resolvePath(parts, { attrNames = {}, unusedAttrNames, isReserved }, report) {
  return parts.map((part) => {
    if (typeof part === "number") return part;
    if (!part.startsWith("#")) {
      if (isReserved(part)) {
        report("reserved", `Attribute name is a reserved keyword; reserved keyword: ${part}`);
      }
      return part;
    }
    delete unusedAttrNames[part];
    const name = attrNames[part];
    if (name === undefined) {
      const what = "An expression attribute name used in the document path is not defined";
      report("name", `${what}; attribute name: ${part}`);
    }
    return name ?? part;
  });
}

/**
 * @param {string} name `:value`
 * @param {Context} context
 * @param {(message: string) => void} report
 * @returns {AttributeValue | undefined}
 */
export function resolveValue(name, { attrVals = {}, unusedAttrVals }, report) {
  delete unusedAttrVals[name];
  const value = attrVals[name];
  if (value === undefined) {
    report(`An expression attribute value used in expression is not defined; attribute value: ${name}`);
  }
  return value;
}

/**
 * Reports the first two paths that overlap, and the first two that conflict because one treats a
 * value as a list and the other treats it as a map.
 *
 * @param {Path[]} paths
 * @param {(kind: "overlap" | "conflict", message: string) => void} report
 */
export function checkPaths(paths, report) {
  /** @type {Path[]} */
  const seen = [];
  for (const path of paths) {
    for (const other of seen) {
      const relation = relationOf(other, path);
      if (relation === undefined) continue;
      const must = "must remove or rewrite one of these paths";
      const which = `path one: ${pathText(other)}, path two: ${pathText(path)}`;
      report(relation, `Two document paths ${relation} with each other; ${must}; ${which}`);
      if (relation === "overlap") return;
    }
    seen.push(path);
  }
}

/** @param {Path} one @param {Path} two @returns {"overlap" | "conflict" | undefined} */
function relationOf(one, two) {
  for (let index = 0; index < Math.min(one.length, two.length); index++) {
    if (typeof one[index] !== typeof two[index]) return "conflict";
    if (one[index] !== two[index]) return undefined;
  }
  return "overlap";
}

/**
 * Returns the attributes of which a path selects a part.
 *
 * @param {Path[]} paths
 */
export function nestedHeads(paths) {
  /** @type {Record<string, true>} */
  const nested = Object.create(null);
  for (const path of paths) if (path.length > 1) nested[String(path[0])] = true;
  return nested;
}
