// Dynalite's actions, with corrections.
import batchGetItem from "dynalite/actions/batchGetItem.js";
import batchWriteItem from "dynalite/actions/batchWriteItem.js";
import createTable from "dynalite/actions/createTable.js";
import deleteItem from "dynalite/actions/deleteItem.js";
import describeTable from "dynalite/actions/describeTable.js";
import getItem from "dynalite/actions/getItem.js";
import listTables from "dynalite/actions/listTables.js";
import putItem from "dynalite/actions/putItem.js";
import query from "dynalite/actions/query.js";
import scan from "dynalite/actions/scan.js";
import updateItem from "dynalite/actions/updateItem.js";
import db from "dynalite/db/index.js";
import batchGetItemValidation from "dynalite/validations/batchGetItem.js";
import batchWriteItemValidation from "dynalite/validations/batchWriteItem.js";
import createTableValidation from "dynalite/validations/createTable.js";
import deleteItemValidation from "dynalite/validations/deleteItem.js";
import describeTableValidation from "dynalite/validations/describeTable.js";
import getItemValidation from "dynalite/validations/getItem.js";
import validations from "dynalite/validations/index.js";
import listTablesValidation from "dynalite/validations/listTables.js";
import putItemValidation from "dynalite/validations/putItem.js";
import queryValidation from "dynalite/validations/query.js";
import scanValidation from "dynalite/validations/scan.js";
import updateItemValidation from "dynalite/validations/updateItem.js";

import { correctParsers, correctRules, correctValidations } from "./corrections.mjs";

/** @typedef {import("./item-rules.mjs").Item} Item */
/** @typedef {import("./item-rules.mjs").Table} Table */
/** @typedef {Record<string, unknown>} Data a checked request */
/**
 * A change of one item; `null` deletes it.
 *
 * @typedef {{ table: Table, before?: Item | undefined, after?: Item | null }} Change
 */
/** @typedef {(error: unknown, result?: unknown) => void} Done */

/**
 * The parts of dynalite's store that its actions use.
 *
 * @typedef {object} Store
 * @property {{ maxItemSize: number }} options bytes
 * @property {object} tableDb
 * @property {(name: string, ...rest: unknown[]) => void} getTable
 * @property {(name: string) => object} getItemDb
 * @property {(type: string, table: string, index: string) => object} getIndexDb
 * @property {(change: Change, done: Done) => void} write
 */

/**
 * @typedef {object} Validation
 * @property {Record<string, object>} types
 * @property {(data: Data, store: Store) => string | undefined} [custom]
 */

/**
 * An error response of DynamoDB.
 *
 * @typedef {{ statusCode: number, body: Record<string, unknown> }} Refusal
 */

/** @type {Map<string, [(store: Store, data: Data, done: Done) => void, Validation]>} */
const OPERATIONS = new Map([
  ["BatchGetItem", [batchGetItem, batchGetItemValidation]],
  ["BatchWriteItem", [batchWriteItem, batchWriteItemValidation]],
  ["CreateTable", [createTable, createTableValidation]],
  ["DeleteItem", [deleteItem, deleteItemValidation]],
  ["DescribeTable", [describeTable, describeTableValidation]],
  ["GetItem", [getItem, getItemValidation]],
  ["ListTables", [listTables, listTablesValidation]],
  ["PutItem", [putItem, putItemValidation]],
  ["Query", [query, queryValidation]],
  ["Scan", [scan, scanValidation]],
  ["UpdateItem", [updateItem, updateItemValidation]],
]);

correctParsers();
correctValidations([...OPERATIONS.values()].map(([, validation]) => validation));
correctRules();

export const { createKey, getIndexActions, itemSize, validationError } = db;

/** @param {string} path @returns dynalite's store in that folder */
export function createStore(path) {
  return db.create({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
}

/**
 * @param {string} operation
 * @param {Record<string, unknown>} input
 * @param {Store} store
 * @returns {Data}
 * @throws {Refusal}
 */
export function check(operation, input, store) {
  const [, { types, custom }] = operationOf(operation);
  const data = validations.checkTypes(input, types);
  validations.checkValidations(data, types, custom, store);
  return data;
}

/**
 * @param {string} operation
 * @param {Data} data from `check`
 * @param {Store} store
 * @returns {Promise<Record<string, unknown>>} rejects with a Refusal or another error
 */
export function act(operation, data, store) {
  const [action] = operationOf(operation);
  return new Promise((resolve, reject) =>
    action(store, data, (error, result) =>
      error ? reject(error) : resolve(/** @type {Record<string, unknown>} */ (result)),
    ),
  );
}

/** @param {string} operation */
function operationOf(operation) {
  const found = OPERATIONS.get(operation);
  if (found === undefined) throw new Error(`dynalite has no operation ${operation}`);
  return found;
}
