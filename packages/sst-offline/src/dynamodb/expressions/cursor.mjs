// Reads the tokens of DynamoDB's expressions once, from left to right. Parsers built on it cannot
// backtrack.

/**
 * @typedef {object} Token
 * @property {"name" | "placeholder" | "number" | "symbol" | "end"} kind `placeholder` is `#name` or
 *   `:value`
 * @property {string} text
 * @property {number} start offset in the expression
 * @property {number} end
 */

/**
 * Dynalite's argument for its parsers.
 *
 * @typedef {object} Context
 * @property {Record<string, string>} [attrNames] ExpressionAttributeNames
 * @property {Record<string, AttributeValue>} [attrVals] ExpressionAttributeValues
 * @property {Record<string, boolean>} unusedAttrNames names that no expression has used so far
 * @property {Record<string, boolean>} unusedAttrVals
 * @property {(name: string) => boolean} isReserved
 * @property {(operator: string, left: AttributeValue, right: AttributeValue) => boolean} compare
 * @property {number} [reads] number of tokens that the parsers have read
 */

/** @typedef {Record<string, unknown>} AttributeValue `{ S: "text" }` */
/** @typedef {(string | number)[]} Path attribute names and list indexes */

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters
const MAX_EXPRESSION_BYTES = 4096;

const TOKEN = /[ \t\r\n]*(?:(?<name>[A-Za-z_]\w*)|(?<placeholder>[#:]\w*)|(?<number>\d+)|(?<symbol><>|<=|>=|.))/suy;

/** Reports an expression that DynamoDB rejects. The message is AWS's. */
export class ExpressionError extends Error {}

/**
 * Returns a cursor over the tokens of an expression.
 *
 * @param {string} text
 * @param {Context} context
 * @param {readonly string[]} keywords in upper case; before `#` or `:`, a keyword is a name
 */
export function createCursor(text, context, keywords) {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_EXPRESSION_BYTES) {
    throw new ExpressionError(`Expression size has exceeded the maximum allowed size; expression size: ${bytes}`);
  }
  const tokens = tokenize(text);
  if (tokens.length === 1) throw new ExpressionError("The expression can not be empty;");
  let index = 0;

  return { tokens, position: () => index, peek, next, take, expect, keyword, isKeyword, path, fail };

  /** @param {number} [ahead] */
  function peek(ahead = 0) {
    context.reads = (context.reads ?? 0) + 1;
    return /** @type {Token} */ (tokens[Math.min(index + ahead, tokens.length - 1)]);
  }

  function next() {
    const token = peek();
    if (token.kind !== "end") index++;
    return token;
  }

  /**
   * Skips the symbol if it comes next.
   *
   * @param {string} symbol
   * @returns {boolean} true if skipped
   */
  function take(symbol) {
    const { kind, text: found } = peek();
    if (kind !== "symbol" || found !== symbol) return false;
    index++;
    return true;
  }

  /** @param {string} symbol */
  function expect(symbol) {
    if (!take(symbol)) fail();
  }

  /** Skips the keyword if it comes next. @param {string} word @returns {boolean} true if skipped */
  function keyword(word) {
    const token = peek();
    if (!isKeyword(token) || token.text.toUpperCase() !== word) return false;
    index++;
    return true;
  }

  /** @param {Token} token */
  function isKeyword({ kind, text: word, end }) {
    return kind === "name" && keywords.includes(word.toUpperCase()) && !/[#:]/.test(text.charAt(end));
  }

  /**
   * Reads a document path, or the rest of one.
   *
   * @param {string[]} [head] the part that has been read
   * @returns {(string | number)[]} names, unresolved `#` placeholders, and indexes
   */
  function path(head = [attributeName()]) {
    /** @type {(string | number)[]} */
    const parts = [...head];
    for (;;) {
      if (take(".")) parts.push(attributeName());
      else if (take("[")) {
        if (peek().kind !== "number") fail();
        parts.push(Number(next().text));
        expect("]");
      } else return parts;
    }
  }

  function attributeName() {
    const token = peek();
    const isName = token.kind === "name" && !isKeyword(token);
    if (!isName && !token.text.startsWith("#")) fail();
    return next().text;
  }

  /**
   * Throws a syntax error. Messages observed on AWS: `token: "<EOF>", near: "("`,
   * `token: "INVALID", near: "INVALID SYNTAX"`, `token: "0", near: ", 0)"`. `near` begins with the
   * previous token and ends with the next one.
   *
   * @param {number} [at] index of the token
   * @returns {never}
   */
  function fail(at = index) {
    const token = /** @type {Token} */ (tokens[at]);
    const before = tokens[at - 1] ?? token;
    const after = tokens[at + 1];
    const last = after === undefined || after.kind === "end" ? token : after;
    const near = text.slice(before.start, token.kind === "end" ? before.end : last.end);
    throw new ExpressionError(`Syntax error; token: "${token.text}", near: "${near}"`);
  }
}

/** @typedef {ReturnType<typeof createCursor>} Cursor */

/** @param {string} text @returns {Token[]} with an `end` */
function tokenize(text) {
  /** @type {Token[]} */
  const tokens = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [kind, found] = Object.entries(match.groups ?? {}).find(([, part]) => part !== undefined) ?? ["symbol", ""];
    if (" \t\r\n".includes(found)) continue; // white space at the end
    const end = TOKEN.lastIndex;
    tokens.push({ kind: /** @type {Token["kind"]} */ (kind), text: found, start: end - found.length, end });
  }
  tokens.push({ kind: "end", text: "<EOF>", start: text.length, end: text.length });
  return tokens;
}
