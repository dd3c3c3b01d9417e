// Projection expressions.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ProjectionExpressions.html
import { createCursor, ExpressionError } from "./cursor.mjs";
import { checkPaths, Errors, nestedHeads, resolvePath } from "./rules.mjs";

/** @typedef {import("./cursor.mjs").Context} Context */

/**
 * @param {string} text
 * @param {Context} context
 * @returns the same as dynalite's parser
 * @throws {ExpressionError}
 */
export function parseProjection(text, context) {
  const cursor = createCursor(text, context, []);
  const read = [cursor.path()];
  while (cursor.take(",")) read.push(cursor.path());
  if (cursor.peek().kind !== "end") cursor.fail();
  /** @type {Errors<"reserved" | "name" | "overlap" | "conflict">} */
  const errors = new Errors();
  const paths = read.map((parts) => resolvePath(parts, context, (kind, message) => errors.add(kind, message)));
  checkPaths(paths, (kind, message) => errors.add(kind, message));
  const message = errors.first(["reserved", "name", "overlap", "conflict"]);
  if (message !== undefined) throw new ExpressionError(message);
  return { paths, nestedPaths: nestedHeads(paths) };
}
