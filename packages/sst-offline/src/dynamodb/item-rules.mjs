// Rules for items that dynalite lacks, with DynamoDB's messages.

/** @typedef {Record<string, unknown>} AttributeValue `{ S: "text" }` */
/** @typedef {Record<string, AttributeValue>} Item */
/** @typedef {{ AttributeName: string }[]} KeySchema */
/** @typedef {{ IndexName: string, KeySchema: KeySchema }} Index */
/**
 * @typedef {object} Table
 * @property {string} TableName
 * @property {KeySchema} KeySchema
 * @property {{ AttributeName: string, AttributeType: string }[]} AttributeDefinitions
 * @property {Index[]} [GlobalSecondaryIndexes]
 * @property {Index[]} [LocalSecondaryIndexes]
 */

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-attributes
const MAX_NESTING = 32;
const MAX_HASH_KEY_BYTES = 2048;
const MAX_RANGE_KEY_BYTES = 1024;

const INVALID = "One or more parameter values are not valid.";
const TOO_DEEP =
  "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit";

/**
 * @param {Item} item to put
 * @param {Table} table
 * @returns {string | undefined} message of the first violated rule
 */
export function checkItem(item, table) {
  if (isTooDeep(Object.values(item))) return TOO_DEEP;
  for (const { index, key } of indexKeys(table)) {
    const empty = emptyKind(item[key]);
    if (empty === undefined) continue;
    return (
      `${INVALID} A value specified for a secondary index key is not supported. ` +
      `The AttributeValue for a key attribute cannot contain an empty ${empty} value. ` +
      `IndexName: ${index}, IndexKey: ${key}`
    );
  }
  return undefined;
}

/**
 * Checks only the changed attributes: an item older than an index may keep its values.
 *
 * @param {Item | undefined} before
 * @param {Item} after
 * @param {Table} table
 * @param {(value: AttributeValue) => string | undefined} validate
 * @returns {string | undefined} message of the first violated rule
 */
export function checkUpdate(before, after, table, validate) {
  const changed = Object.keys(after).filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after[name]));
  const values = changed.map((name) => /** @type {AttributeValue} */ (after[name]));
  if (isTooDeep(values)) return TOO_DEEP;
  const invalid = values.map(validate).find((message) => message);
  if (invalid !== undefined) return invalid;
  const attempt = "The update expression attempted to update";
  for (const { key, isHash } of indexKeys(table)) {
    if (!changed.includes(key)) continue;
    const type = table.AttributeDefinitions.find(({ AttributeName }) => AttributeName === key)?.AttributeType ?? "";
    const value = after[key]?.[type];
    if (typeof value !== "string") return `${attempt} the secondary index key to unsupported type`;
    const empty = emptyKind(after[key]);
    if (empty !== undefined) {
      return (
        `${INVALID} ${attempt} a secondary index key to a value that is not supported. ` +
        `The AttributeValue for a key attribute cannot contain an empty ${empty} value.`
      );
    }
    const limit = isHash ? MAX_HASH_KEY_BYTES : MAX_RANGE_KEY_BYTES;
    if (type !== "N" && Buffer.byteLength(value, type === "B" ? "base64" : "utf8") > limit) {
      return `One or more parameter values were invalid: ${attempt} the secondary index key beyond allowed size limits`;
    }
  }
  return undefined;
}

/**
 * @param {unknown} conditions of a query, by attribute
 * @param {Table} table
 * @returns {string | undefined} message if the value of the partition key is invalid
 */
export function checkQuery(conditions, { KeySchema: [partition] }) {
  const key = partition?.AttributeName ?? "";
  const { AttributeValueList: values = [] } = Object(Object(conditions)[key]);
  const empty = emptyKind(values[0]);
  if (empty === undefined) return undefined;
  return `${INVALID} The AttributeValue for a key attribute cannot contain an empty ${empty} value. Key: ${key}`;
}

/** @param {Table} table */
function indexKeys({ GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] }) {
  return [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes].flatMap(({ IndexName, KeySchema }) =>
    KeySchema.map(({ AttributeName }, position) => ({ index: IndexName, key: AttributeName, isHash: position === 0 })),
  );
}

/** @param {AttributeValue | undefined} value */
function emptyKind(value) {
  if (value?.S === "") return "string";
  return value?.B === "" ? "binary" : undefined;
}

/** @param {AttributeValue[]} values @param {number} [level] of these values @returns {boolean} */
function isTooDeep(values, level = 1) {
  if (level > MAX_NESTING) return values.length > 0;
  return values.some(({ L, M }) => isTooDeep(Object.values(L ?? M ?? {}), level + 1));
}

/**
 * Corrects the size of an item. Dynalite counts UTF-16 code units, and DynamoDB bytes of UTF-8.
 *
 * @param {Item} item
 * @param {number} size dynalite's
 * @returns {number} bytes
 */
export function itemBytes(item, size) {
  return size + Object.entries(item).reduce((sum, [name, value]) => sum + excess(name) + excessOf(value), 0);
}

/** @param {AttributeValue} value @returns {number} */
function excessOf({ S, SS, L, M }) {
  if (typeof S === "string") return excess(S);
  if (Array.isArray(SS)) return SS.reduce((sum, text) => sum + excess(text), 0);
  if (Array.isArray(L)) return L.reduce((sum, value) => sum + excessOf(value), 0);
  return typeof M === "object" && M !== null ? itemBytes(/** @type {Item} */ (M), 0) : 0;
}

/** @param {string} text */
function excess(text) {
  return Buffer.byteLength(text) - text.length;
}
