// Corrects the faults of dynalite 4.0.0. Its modules call each other through their exports, so
// replacing an export is enough. service.test.ts fails for a version in which that has changed.
import conditionParser from "dynalite/db/conditionParser.js";
import db from "dynalite/db/index.js";
import projectionParser from "dynalite/db/projectionParser.js";
import updateParser from "dynalite/db/updateParser.js";
import batchWriteItemValidation from "dynalite/validations/batchWriteItem.js";
import deleteItemValidation from "dynalite/validations/deleteItem.js";
import validations from "dynalite/validations/index.js";
import putItemValidation from "dynalite/validations/putItem.js";
import queryValidation from "dynalite/validations/query.js";
import scanValidation from "dynalite/validations/scan.js";
import updateItemValidation from "dynalite/validations/updateItem.js";

import { parseCondition } from "./expressions/condition.mjs";
import { ExpressionError } from "./expressions/cursor.mjs";
import { attributeAt, meets } from "./expressions/evaluate.mjs";
import { parseProjection } from "./expressions/projection.mjs";
import { parseUpdate } from "./expressions/update.mjs";
import { checkItem, checkQuery, checkUpdate, itemBytes } from "./item-rules.mjs";

/** @typedef {import("./dynalite.mjs").Data} Data */
/** @typedef {import("./dynalite.mjs").Done} Done */
/** @typedef {import("./dynalite.mjs").Store} Store */
/** @typedef {import("./dynalite.mjs").Validation} Validation */
/** @typedef {import("./expressions/condition.mjs").Expression} Expression */
/** @typedef {import("./expressions/cursor.mjs").Context} Context */
/** @typedef {import("./item-rules.mjs").Item} Item */
/** @typedef {import("./item-rules.mjs").Table} Table */

const MAX_BATCH_WRITES = 25;

/**
 * Since AWS accepts ARNs as names, a name that is too short only means that the table is missing.
 */
const TABLE_NAME = {
  type: "String",
  notNull: true,
  regex: "[a-zA-Z0-9_.-]+",
  lengthGreaterThanOrEqual: 1,
  lengthLessThanOrEqual: 255,
};
const ON_CONDITION_FAILURE = { type: "String", enum: ["ALL_OLD", "NONE"] };

export function correctParsers() {
  conditionParser.parse = parserOf(parseCondition);
  projectionParser.parse = parserOf(parseProjection);
  updateParser.parse = parserOf(parseUpdate);
}

/**
 * Returns a parser that returns an error's message in place of a result, as dynalite expects.
 *
 * @param {(text: string, context: Context) => object} parse
 */
function parserOf(parse) {
  return (/** @type {string} */ text, /** @type {{ context: Context }} */ { context }) => {
    try {
      return parse(text, context);
    } catch (error) {
      if (error instanceof ExpressionError) return error.message;
      throw error;
    }
  };
}

/** @param {Validation[]} all */
export function correctValidations(all) {
  for (const { types } of all) {
    if ("TableName" in types) types.TableName = TABLE_NAME;
    const { RequestItems } = /** @type {{ RequestItems?: { keys: Record<string, unknown> } }} */ (types);
    if (RequestItems !== undefined) RequestItems.keys.lengthGreaterThanOrEqual = 1;
  }
  for (const { types } of [putItemValidation, updateItemValidation, deleteItemValidation]) {
    types.ReturnValuesOnConditionCheckFailure = ON_CONDITION_FAILURE;
  }
  const { convertKeyCondition } = validations;
  validations.convertKeyCondition = (/** @type {object} */ expression) => {
    const result = convertKeyCondition(expression);
    const isBare = typeof result === "string" && result.startsWith("KeyConditionExpressions must only contain");
    return isBare ? `Invalid KeyConditionExpression: ${result}` : result;
  };
  addRule(batchWriteItemValidation, ({ RequestItems }) => {
    const writes = Object.values(/** @type {Record<string, unknown[]>} */ (RequestItems)).flat();
    return writes.length > MAX_BATCH_WRITES ? "Too many items requested for the BatchWriteItem call" : undefined;
  });
  addRule(scanValidation, ({ Segment, TotalSegments }) =>
    Segment !== undefined && TotalSegments === undefined
      ? "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"
      : undefined,
  );
  for (const validation of [queryValidation, scanValidation]) {
    addRule(validation, ({ Select, ProjectionExpression, AttributesToGet }) =>
      Select === "SPECIFIC_ATTRIBUTES" && ProjectionExpression === undefined && AttributesToGet === undefined
        ? "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
        : undefined,
    );
  }
}

/**
 * @param {{ custom?: (data: Data, store: Store) => string | undefined }} validation
 * @param {(data: Data) => string | undefined} problemOf
 */
function addRule(validation, problemOf) {
  const { custom } = validation;
  validation.custom = (data, store) => problemOf(data) ?? custom?.(data, store);
}

export function correctRules() {
  const { validateItem, validateKey, checkConditional, itemSize, queryTable, mapPaths } = db;
  /** @param {string | undefined} message */
  const errorOf = (message) => (message === undefined ? undefined : db.validationError(message));

  db.validateItem = (/** @type {Item} */ item, /** @type {Table} */ table) =>
    validateItem(item, table) ?? errorOf(checkItem(item, table));

  // Dynalite also finds inherited properties, such as an attribute `toString`.
  db.mapPath = attributeAt;

  // The message is recorded in https://github.com/paritysuite/dynamodb-conformance,
  // tests/tier3/error-messages/updateItem.test.ts
  db.validateKey = (/** @type {unknown[]} */ ...given) => {
    const refusal = validateKey(...given);
    const empty = /The AttributeValue for a key attribute cannot contain an empty .*/.exec(refusal?.message ?? "");
    return empty === null ? refusal : errorOf(`One or more parameter values are not valid. ${empty[0]}`);
  };

  db.checkConditional = (/** @type {Data} */ data, /** @type {Item | undefined} */ existing) => {
    const { expression } = /** @type {{ expression?: Expression }} */ (data._condition ?? {});
    const isMet = expression === undefined || meets(existing ?? {}, expression);
    const refusal = isMet ? checkConditional({ ...data, _condition: undefined }, existing) : conditionFailure();
    if (refusal && existing && data.ReturnValuesOnConditionCheckFailure === "ALL_OLD") refusal.body.Item = existing;
    return refusal;
  };

  // Dynalite makes several writes, between which a crash may happen. This is a single write.
  db.updateIndexes = (
    /** @type {Store} */ store,
    /** @type {Table} */ table,
    /** @type {Item | undefined} */ before,
    /** @type {Item | null} */ after,
    /** @type {Done} */ done,
  ) => {
    const refusal = after && errorOf(checkUpdate(before, after, table, validations.validateAttributeValue));
    if (refusal) done(refusal);
    else store.write({ table, before, after }, done);
  };

  // Filters and projects the items like dynalite, but compares lists and maps in conditions, too.
  db.queryTable = (
    /** @type {unknown} */ store,
    /** @type {Table} */ table,
    /** @type {Data} */ data,
    /** @type {unknown[]} */ ...rest
  ) => {
    const empty = errorOf(checkQuery(data.KeyConditions, table));
    if (empty !== undefined) return /** @type {Done} */ (rest.at(-1))(empty);
    if (data._filter === undefined) return queryTable(store, table, data, ...rest);
    const { expression } = /** @type {{ expression: Expression }} */ (data._filter);
    const { paths } = /** @type {{ paths?: unknown }} */ (data._projection ?? {});
    const done = /** @type {Done} */ (rest.pop());
    const unfiltered = { ...data, _filter: undefined, _projection: undefined, Select: undefined };
    queryTable(store, table, unfiltered, ...rest, (/** @type {unknown} */ error, /** @type {any} */ result) => {
      if (error) return done(error);
      const { Items, ...counts } = result;
      const matching = Items.filter((/** @type {Item} */ item) => meets(item, expression));
      const projected =
        paths === undefined ? matching : matching.map((/** @type {Item} */ item) => mapPaths(paths, item));
      done(undefined, { ...counts, Count: matching.length, ...(data.Select !== "COUNT" && { Items: projected }) });
    });
  };

  db.itemSize = (/** @type {Item} */ item, /** @type {unknown[]} */ ...rest) =>
    rest.length > 0 ? itemSize(item, ...rest) : itemBytes(item, itemSize(item));
}

function conditionFailure() {
  const message = "The conditional request failed";
  const body = { __type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", message };
  return Object.assign(new Error(message), { statusCode: 400, body });
}
