// Tables on disk. Each table is a LevelDB; together they form one store for dynalite's actions.
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";

import { act, check, createKey, createStore, getIndexActions } from "./dynalite.mjs";

/** @typedef {import("./dynalite.mjs").Change} Change */
/** @typedef {import("./dynalite.mjs").Store} Store */
/** @typedef {{ name: string, folder: string, create: Record<string, unknown> }} TableFolder */

/** Reports a LevelDB that cannot be used. */
export class FolderError extends Error {
  /** @param {string} folder @param {string} reason @param {boolean} isLocked */
  constructor(folder, reason, isLocked) {
    super(reason);
    this.folder = folder;
    this.isLocked = isLocked;
  }
}

const MAX_ITEM_BYTES = 400 * 1024;

/** Stores that are open or opening, by folder. @type {Map<string, Promise<any>>} */
const opened = new Map();
/** Stores that are open, by folder. @type {Map<string, any>} */
const ready = new Map();
/**
 * The last closing of each folder, after which LevelDB's lock is free.
 *
 * @type {Map<string, Promise<void>>}
 */
const closing = new Map();

/**
 * @param {TableFolder[]} tables named in the call
 * @param {string[]} names of all tables
 * @returns {Promise<Store & { stores: Map<string, any> }>} rejects with a FolderError
 */
export async function openStore(tables, names) {
  const stores = new Map(
    await Promise.all(tables.map(async (table) => /** @type {const} */ ([table.name, await openTable(table)]))),
  );
  const { options, tableDb } = stores.values().next().value ?? {
    options: { maxItemSize: MAX_ITEM_BYTES },
    tableDb: {},
  };
  return {
    stores,
    options,
    tableDb: { ...tableDb, createKeyStream: () => Readable.from([...names].sort()) },
    getTable: (name, ...rest) => (stores.get(name) ?? NO_STORE).getTable(name, ...rest),
    // `write` writes items together with their index entries.
    getItemDb: (name) => ({ ...stores.get(name).getItemDb(name), put: skip, del: skip }),
    getIndexDb: (type, name, index) => stores.get(name).getIndexDb(type, name, index),
    write: (change, done) => {
      writeChanges(stores, [change]).then(
        () => done(undefined),
        (error) => done(error),
      );
    },
  };
}

/** @param {string} _key @param {unknown[]} rest the last argument is the callback */
function skip(_key, ...rest) {
  const done = rest.at(-1);
  if (typeof done === "function") done();
}

const NO_STORE = {
  getTable(/** @type {string} */ name, /** @type {unknown[]} */ ...rest) {
    const message = `Requested resource not found${rest[0] === false ? `: Table: ${name} not found` : ""}`;
    const body = { __type: "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", message };
    const done = rest.at(-1);
    if (typeof done === "function") done(Object.assign(new Error(message), { statusCode: 400, body }));
  },
};

/**
 * Writes items together with their index entries, in one atomic batch for each table.
 *
 * @param {Map<string, any>} stores by the table's name
 * @param {Change[]} changes
 */
export async function writeChanges(stores, changes) {
  for (const [name, { db }] of stores) {
    const batch = changes.filter(({ table }) => table.TableName === name).flatMap(batchOf);
    if (batch.length > 0) await db.batch(batch);
  }
}

/** @param {Change} change */
function batchOf({ table, before, after }) {
  const { TableName, GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] } = table;
  const entries = [
    /** @type {const} */ (["global", GlobalSecondaryIndexes]),
    /** @type {const} */ (["local", LocalSecondaryIndexes]),
  ].flatMap(([type, indexes]) => {
    const { puts, deletes } = getIndexActions(indexes, before, after, table);
    /** @param {{ index: string, key: string }} entry */
    const keyOf = ({ index, key }) => `index-${type}~${TableName}~${index}~${key}`;
    return [
      ...deletes.map((/** @type {{ index: string, key: string }} */ entry) => ({ type: "del", key: keyOf(entry) })),
      ...puts.map((/** @type {{ index: string, key: string, item: object }} */ entry) => ({
        type: "put",
        key: keyOf(entry),
        value: entry.item,
      })),
    ];
  });
  const item = after ?? before;
  if (item === undefined || item === null) return entries;
  const key = `item-${TableName}~${createKey(item, table)}`;
  return [...entries, after ? { type: "put", key, value: after } : { type: "del", key }];
}

/**
 * Returns the store of a table. If its folder was deleted, creates the table again.
 *
 * @param {TableFolder} table
 */
async function openTable({ name, folder, create }) {
  const store = ready.get(folder);
  if (store !== undefined && !existsSync(path.join(folder, "CURRENT"))) closeTable(folder, store);
  const opening = opened.get(folder) ?? openAfterClosing(folder, name, create);
  opened.set(folder, opening);
  return await opening;
}

/** @param {string} folder @param {string} name @param {Record<string, unknown>} create */
async function openAfterClosing(folder, name, create) {
  await closing.get(folder);
  try {
    const store = await open(folder, name, create);
    ready.set(folder, store);
    return store;
  } catch (error) {
    opened.delete(folder);
    throw error;
  }
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {Record<string, unknown>} create
 */
async function open(folder, name, create) {
  let store;
  try {
    mkdirSync(folder, { recursive: true });
    store = createStore(folder);
    await store.db.open();
    await createIn(store, name, create);
    return store;
  } catch (error) {
    await close(store);
    const { cause = error } = /** @type {{ cause?: unknown }} */ (error);
    const { code, message } = /** @type {{ code?: string, message: string }} */ (cause);
    throw new FolderError(folder, message, code === "LEVEL_LOCKED");
  }
}

/** @param {any} store @param {string} name @param {Record<string, unknown>} create */
async function createIn(store, name, create) {
  const getTable = promisify(store.getTable);
  const missing = await getTable(name, false).then(
    () => false,
    (/** @type {Error} */ error) => error.name === "NotFoundError" || Promise.reject(error),
  );
  if (missing) await act("CreateTable", check("CreateTable", create, store), store);
  while ((await getTable(name, false)).TableStatus !== "ACTIVE") await new Promise(setImmediate);
}

/**
 * Closes a store that may be broken. The next call opens its folder again.
 *
 * @param {string} folder
 * @param {any} store
 */
export function closeTable(folder, store) {
  if (ready.get(folder) !== store) return; // another call has closed it
  ready.delete(folder);
  opened.delete(folder);
  closing.set(folder, close(store));
}

/** @param {any} store */
async function close(store) {
  await store?.db.close._original().catch(() => undefined); // the store is broken or closed
}
