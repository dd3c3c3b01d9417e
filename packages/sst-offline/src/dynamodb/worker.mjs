// The thread that tables are served in: what fails or hangs here can be ended without the server,
// and keeps no request waiting.
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
 * @property {import("./tables.mjs").TableFolder[]} tables that the call names and that exist
 * @property {string[]} names of all tables
 */

/** @typedef {{ status: number, body: object }} Answer */

/**
 * Below the depth of the stack of this thread. An item may be 32 levels deep, each of them two of
 * JSON.
 */
const MAX_JSON_DEPTH = 100;

/** Calls that run. @type {Set<Promise<unknown>>} */
const running = new Set();
/** The last transaction. @type {Promise<unknown>} */
let exclusive = Promise.resolve();

parentPort?.on("message", async (/** @type {Call} */ call) => {
  const { id } = call;
  try {
    const { status, body } = await schedule(call.operation.startsWith("Transact"), () => answer(call));
    const text = JSON.stringify(body);
    parentPort?.postMessage({ id, status, body: text, crc32: String(crc32(text)) });
  } catch (error) {
    const { message, folder, isLocked } = /** @type {Partial<FolderError>} */ (Object(error));
    parentPort?.postMessage({ id, failure: { message: message ?? String(error), folder, isLocked } });
  }
});

/**
 * A transaction runs when nothing else does, other calls side by side.
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

/** @param {Call} call @returns {Promise<Answer>} rejects with a FolderError */
async function answer({ operation, body, tables, names }) {
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
    const isOfDisk = code.startsWith("LEVEL_") || message === "Database is closed";
    if (!isOfDisk || tables[0] === undefined) throw error;
    // A LevelDB refuses all writes after one has failed, until it is opened again.
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
  const { RequestItems } = structuredClone(input); // the check removes what it does not know
  const result = await act(operation, check(operation, input, store), store);
  return withWholeKeys(result, /** @type {Record<string, object>} */ (RequestItems));
}

/**
 * Dynalite leaves out how the items were to be projected.
 *
 * @param {any} result
 * @param {Record<string, object>} requested
 */
function withWholeKeys({ UnprocessedKeys, ...rest }, requested) {
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
