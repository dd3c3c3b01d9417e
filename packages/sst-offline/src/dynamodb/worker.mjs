// The thread of the tables. If it fails or hangs, it can be ended without the server.
import { parentPort } from "node:worker_threads";
import { crc32 } from "node:zlib";

import { act, check } from "./dynalite.mjs";
import { closeTable, FolderError, openStore } from "./tables.mjs";
import { transactGet, transactWrite } from "./transactions.mjs";

/**
 * @typedef {object} Call
 * @property {number} id
 * @property {string} operation
 * @property {string} body JSON text
 * @property {import("./tables.mjs").TableFolder[]} tables existing tables named in the call
 * @property {string[]} names of all tables
 */

/** @typedef {{ status: number, body: object }} Result */

/** Protects this thread's stack. An item may have 32 levels, which are 64 levels of JSON. */
const MAX_JSON_DEPTH = 100;

/** Running calls. @type {Set<Promise<unknown>>} */
const running = new Set();
/** The last transaction. @type {Promise<unknown>} */
let exclusive = Promise.resolve();

parentPort?.on("message", async (/** @type {Call} */ call) => {
  const { id } = call;
  try {
    const { status, body } = await schedule(call.operation.startsWith("Transact"), () => run(call));
    const text = JSON.stringify(body);
    parentPort?.postMessage({ id, status, body: text, crc32: String(crc32(text)) });
  } catch (error) {
    const { message, folder, isLocked } = /** @type {Partial<FolderError>} */ (Object(error));
    parentPort?.postMessage({ id, failure: { message: message ?? String(error), folder, isLocked } });
  }
});

/**
 * Runs a task. A transaction runs alone, and other calls run in parallel.
 *
 * @template T
 * @param {boolean} isTransaction
 * @param {() => Promise<T>} task
 * @returns {Promise<T>}
 */
function schedule(isTransaction, task) {
  const result = (isTransaction ? Promise.allSettled([exclusive, ...running]) : exclusive).then(task);
  /** @type {Promise<unknown>} */
  const settled = result.then(
    () => running.delete(settled),
    () => running.delete(settled),
  );
  running.add(settled);
  if (isTransaction) exclusive = settled;
  return result;
}

/** @param {Call} call @returns {Promise<Result>} rejects with a FolderError */
async function run({ operation, body, tables, names }) {
  /** @type {Awaited<ReturnType<typeof openStore>> | undefined} */
  let store;
  try {
    const input = JSON.parse(body);
    if (isDeeper(input, MAX_JSON_DEPTH)) return { status: 400, body: TOO_DEEP };
    store = await openStore(tables, names);
    return { status: 200, body: await perform(operation, input, store) };
  } catch (error) {
    const { statusCode, body: refusal } = /** @type {{ statusCode?: number, body?: object }} */ (Object(error));
    if (statusCode !== undefined && refusal !== undefined) return { status: statusCode, body: refusal };
    const { code = "", message = "" } = /** @type {{ code?: string, message?: string }} */ (Object(error));
    const isDiskError = code.startsWith("LEVEL_") || message === "Database is closed";
    if (!isDiskError || tables[0] === undefined) throw error;
    // After a failed write, a LevelDB rejects all writes until it is opened again.
    for (const { name, folder } of tables) closeTable(folder, store?.stores.get(name));
    throw new FolderError(tables[0].folder, message, false);
  }
}

/**
 * @param {string} operation
 * @param {Record<string, unknown>} input
 * @param {Awaited<ReturnType<typeof openStore>>} store
 */
async function perform(operation, input, store) {
  if (operation === "TransactWriteItems") return await transactWrite(input, store, Date.now());
  if (operation === "TransactGetItems") return await transactGet(input, store);
  if (operation !== "BatchGetItem") return await act(operation, check(operation, input, store), store);
  const { RequestItems } = structuredClone(input); // the check removes unknown members
  const result = await act(operation, check(operation, input, store), store);
  return withProjections(result, /** @type {Record<string, object>} */ (RequestItems));
}

/**
 * Adds the projections to unprocessed keys, which dynalite omits.
 *
 * @param {any} result
 * @param {Record<string, object>} requested
 */
function withProjections({ UnprocessedKeys, ...rest }, requested) {
  const whole = Object.entries(UnprocessedKeys).map(([name, { Keys }]) => [name, { ...requested[name], Keys }]);
  return { ...rest, UnprocessedKeys: Object.fromEntries(whole) };
}

const TOO_DEEP = {
  __type: "com.amazon.coral.validate#ValidationException",
  message:
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit",
};

/** @param {unknown} value @param {number} levels @returns {boolean} */
function isDeeper(value, levels) {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1));
}
