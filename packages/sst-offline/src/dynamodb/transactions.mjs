// Transactions compute all changes first, and write them only if none is rejected.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
import { act, check, createKey, itemSize, validationError } from "./dynalite.mjs";
import { writeChanges } from "./tables.mjs";

/** @typedef {import("./dynalite.mjs").Change} Change */
/** @typedef {import("./dynalite.mjs").Data} Data */
/** @typedef {import("./dynalite.mjs").Refusal} Refusal */
/** @typedef {Awaited<ReturnType<typeof import("./tables.mjs").openStore>>} Tables */
/** @typedef {Record<string, unknown>} Input */
/** @typedef {{ Code: string, Message?: unknown, Item?: unknown }} Reason */

const MAX_ACTIONS = 100;
const MAX_TOKEN_LENGTH = 36;
const MAX_BYTES = 4 * 1024 * 1024;
/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html, ClientRequestToken */
const TOKEN_LIFETIME_MS = 10 * 60 * 1000;
const PREFIX = "com.amazonaws.dynamodb.v20120810#";

/** A ConditionCheck runs as a deletion with a condition, but writes nothing. */
const WRITES = { Put: "PutItem", Update: "UpdateItem", Delete: "DeleteItem", ConditionCheck: "DeleteItem" };
const READS = { Get: "GetItem" };

/** A transaction consumes twice the capacity units of the plain operations. */
const CAPACITY_FACTOR = 2;

/**
 * Writes of the last ten minutes, by token.
 *
 * @type {Map<string, { request: string, time: number }>}
 */
const tokens = new Map();

/**
 * @param {Input} input
 * @param {Tables} store
 * @param {number} now epoch milliseconds
 * @returns {Promise<Input>} rejects with a Refusal
 */
export async function transactWrite(input, store, now) {
  const actions = readActions(input, WRITES, store);
  const { ClientRequestToken: token, ...request } = input;
  const isRepeated = typeof token === "string" && checkToken(token, JSON.stringify(request), now);
  await checkTargets(actions, store);
  if (isRepeated)
    return consumedCapacityOf(
      input,
      actions.map(({ data }) => ({ TableName: data.TableName, CapacityUnits: 1 })),
    );
  /** @type {Change[]} */
  const changes = [];
  const results = [];
  for (const { kind, operation, data } of actions) {
    const collecting = { ...store, write: collect(kind === "ConditionCheck" ? [] : changes) };
    results.push(await act(operation, data, collecting).then(accept, rejectOrThrow));
  }
  const reasons = results.map(({ reason }) => reason);
  if (reasons.some(({ Code }) => Code !== "None")) throw cancellation(reasons);
  if (changes.reduce((sum, { after }) => sum + (after ? itemSize(after) : 0), 0) > MAX_BYTES) {
    throw validationError("Transaction request cannot exceed 4MB"); // AWS's limit, but not AWS's message
  }
  await writeChanges(store.stores, changes);
  if (typeof token === "string") tokens.set(token, { request: JSON.stringify(request), time: now });
  return consumedCapacityOf(
    input,
    results.map(({ output }) => output?.ConsumedCapacity),
  );
}

/**
 * @param {Input} input
 * @param {Tables} store
 * @returns {Promise<Input>} rejects with a Refusal
 */
export async function transactGet(input, store) {
  const actions = readActions(input, READS, store);
  await checkTargets(actions, store);
  const results = [];
  for (const { operation, data } of actions)
    results.push(await act(operation, data, store).then(accept, rejectOrThrow));
  const reasons = results.map(({ reason }) => reason);
  if (reasons.some(({ Code }) => Code !== "None")) throw cancellation(reasons);
  return {
    Responses: results.map(({ output }) => ({ ...(output?.Item !== undefined && { Item: output.Item }) })),
    ...consumedCapacityOf(
      input,
      results.map(({ output }) => output?.ConsumedCapacity),
    ),
  };
}

/** @param {Change[]} changes */
function collect(changes) {
  return (/** @type {Change} */ change, /** @type {(error: unknown) => void} */ done) => {
    changes.push(change);
    done(undefined);
  };
}

/**
 * @param {Input} input
 * @param {Record<string, string>} operations by name of the action
 * @param {Tables} store
 */
function readActions(input, operations, store) {
  const { ClientRequestToken: token, TransactItems: items } = input;
  checkMembers(input);
  if (token !== undefined && (typeof token !== "string" || token.length > MAX_TOKEN_LENGTH)) {
    throw constraint("ClientRequestToken", `Member must have length less than or equal to ${MAX_TOKEN_LENGTH}`);
  }
  if (!Array.isArray(items)) throw constraint("TransactItems", "Member must not be null");
  if (items.length === 0) throw constraint("TransactItems", "Member must have length greater than or equal to 1");
  if (items.length > MAX_ACTIONS) {
    throw constraint("TransactItems", `Member must have length less than or equal to ${MAX_ACTIONS}`);
  }
  return items.map((item) => {
    const [[kind, action] = ["", undefined], ...more] = Object.entries(Object(item)).filter(
      ([, value]) => value != null,
    );
    const operation = Object.hasOwn(operations, kind) ? operations[kind] : undefined;
    if (operation === undefined || more.length > 0) {
      throw validationError("TransactItems can only contain one of Check, Put, Update or Delete");
    }
    const { ReturnConsumedCapacity } = input;
    const given = { ...Object(action), ...(ReturnConsumedCapacity !== undefined && { ReturnConsumedCapacity }) };
    if (kind === "ConditionCheck" && given.ConditionExpression == null) {
      throw constraint("ConditionExpression", "Member must not be null");
    }
    if (kind === "Update" && given.UpdateExpression == null) {
      throw constraint("UpdateExpression", "Member must not be null");
    }
    return { kind, operation, data: check(operation, given, store) };
  });
}

/** @param {Input} input */
function checkMembers({ ReturnConsumedCapacity: capacity, ReturnItemCollectionMetrics: metrics }) {
  const given = [
    { member: "returnConsumedCapacity", value: capacity, values: ["INDEXES", "TOTAL", "NONE"] },
    { member: "returnItemCollectionMetrics", value: metrics, values: ["SIZE", "NONE"] },
  ];
  const wrong = given.filter(({ value, values }) => value != null && !values.includes(String(value)));
  if (wrong.length === 0) return;
  const problems = wrong.map(
    ({ member, value, values }) =>
      `Value '${value}' at '${member}' failed to satisfy constraint: ` +
      `Member must satisfy enum value set: [${values.join(", ")}]`,
  );
  throw validationError(
    `${wrong.length} validation error${wrong.length > 1 ? "s" : ""} detected: ${problems.join("; ")}`,
  );
}

/**
 * @param {string} token
 * @param {string} request
 * @param {number} now
 * @returns {boolean} true if the same request was already written
 */
function checkToken(token, request, now) {
  for (const [old, { time }] of tokens) if (now - time > TOKEN_LIFETIME_MS) tokens.delete(old);
  const earlier = tokens.get(token);
  if (earlier !== undefined && earlier.request !== request) {
    throw refusal("IdempotentParameterMismatchException", "Request was already made with a different payload");
  }
  return earlier !== undefined;
}

/**
 * Throws unless all tables exist, no key is empty, and no item occurs twice.
 *
 * @param {{ data: Data }[]} actions
 * @param {Tables} store
 */
async function checkTargets(actions, store) {
  const seen = new Set();
  for (const { data } of actions) {
    const name = String(data.TableName);
    /** @type {import("./item-rules.mjs").Table} */
    const table = await new Promise((resolve, reject) =>
      store.getTable(name, (/** @type {unknown} */ error, /** @type {any} */ found) =>
        error ? reject(error) : resolve(found),
      ),
    );
    const target = keyOf(/** @type {Record<string, any>} */ (data.Key ?? data.Item), table);
    if (target === undefined) continue; // not a key of this table, which later cancels the transaction
    if (seen.has(`${name}/${target}`)) {
      throw validationError("Transaction request cannot include multiple operations on one item");
    }
    seen.add(`${name}/${target}`);
  }
}

/**
 * @param {Record<string, any>} item
 * @param {import("./item-rules.mjs").Table} table
 * @returns {string | undefined}
 */
function keyOf(item, table) {
  try {
    return createKey(item, table);
  } catch {
    return undefined;
  }
}

/**
 * @param {Record<string, unknown>} output
 * @returns {{ reason: Reason, output?: Record<string, unknown> }}
 */
function accept(output) {
  return { reason: { Code: "None" }, output };
}

/**
 * @param {Partial<Refusal>} error
 * @returns {{ reason: Reason, output?: Record<string, unknown> }}
 */
function rejectOrThrow(error) {
  const { __type: type, message, Item } = error.body ?? {};
  if (String(type).endsWith("ConditionalCheckFailedException")) {
    return { reason: { Code: "ConditionalCheckFailed", Message: message, ...(Item !== undefined && { Item }) } };
  }
  const isInput = String(message).includes("cannot contain an empty") || String(message).startsWith("Nesting Levels");
  if (!String(type).endsWith("ValidationException") || isInput) throw error;
  return { reason: { Code: "ValidationError", Message: message } };
}

/** @param {Reason[]} reasons */
function cancellation(reasons) {
  const codes = reasons.map(({ Code }) => Code).join(", ");
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return refusal("TransactionCanceledException", message, { CancellationReasons: reasons });
}

/** @param {string} type @param {string} message @param {object} [more] */
function refusal(type, message, more) {
  return Object.assign(new Error(message), { statusCode: 400, body: { __type: `${PREFIX}${type}`, message, ...more } });
}

/** @param {string} member @param {string} rule */
function constraint(member, rule) {
  return validationError(`1 validation error detected: Value at '${member}' failed to satisfy constraint: ${rule}`);
}

/** @param {Input} input @param {unknown[]} units of the actions */
function consumedCapacityOf({ ReturnConsumedCapacity: wanted }, units) {
  if (wanted !== "TOTAL" && wanted !== "INDEXES") return {};
  /** @type {Map<unknown, number>} */
  const byTable = new Map();
  for (const { TableName, CapacityUnits } of /** @type {{ TableName: string, CapacityUnits: number }[]} */ (units)) {
    byTable.set(TableName, (byTable.get(TableName) ?? 0) + CAPACITY_FACTOR * CapacityUnits);
  }
  const ConsumedCapacity = [...byTable].map(([TableName, CapacityUnits]) => ({
    TableName,
    CapacityUnits,
    ...(wanted === "INDEXES" && { Table: { CapacityUnits } }),
  }));
  return { ConsumedCapacity };
}
