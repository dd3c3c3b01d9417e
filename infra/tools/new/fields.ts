import { UsageError } from "@backend/sst-graph/usage-error";

import { withArticle } from "./names";

interface FieldType {
  /** Its schema in packages/platform/src/fields.ts, or of zod. */
  schema: string;
  /** Two values for examples and tests. */
  example(name: string): unknown;
  other(name: string): unknown;
  /** Values that the schema refuses. */
  wrong: unknown[];
}

const TYPES: Record<string, FieldType> = {
  string: {
    schema: "Text",
    example: (name) => withArticle("A", name),
    other: (name) => `Another ${name}`,
    wrong: ["", 7],
  },
  number: { schema: "Amount", example: () => 12.5, other: () => 0.75, wrong: ["12.5", 1e300] },
  integer: { schema: "Integer", example: () => 3, other: () => 4, wrong: ["3", 1.5] },
  boolean: { schema: "z.boolean()", example: () => true, other: () => false, wrong: ["true"] },
  timestamp: {
    schema: "Timestamp",
    example: () => "2026-11-23T09:30:00Z",
    other: () => "2026-11-24T18:00:00+01:00",
    wrong: ["tomorrow", "2026-11-23"],
  },
};

export const TYPE_NAMES = Object.keys(TYPES).join(", ");

export interface Field {
  name: string;
  type: string;
  optional: boolean;
}

/** Names that every noun has, and those of the table's keys. */
const RESERVED = ["id", "tenant", "createdAt", "updatedAt", "pk", "sk"];
const MAX_FIELDS = 50;

/** Reads `name:string,note:string?`. Throws a UsageError that names the field. */
export function parseFields(text: string): Field[] {
  const fields = text.split(",").map(parseField);
  const names = fields.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new UsageError(`--fields: "${twice}" is there twice; expected each name once`);
  if (fields.length > MAX_FIELDS)
    throw new UsageError(`--fields: ${fields.length} fields, expected at most ${MAX_FIELDS}`);
  return fields;
}

function parseField(text: string): Field {
  const [, name = "", type = "", optional] = /^([^:]*):([^:?]*)(\?)?$/.exec(text.trim()) ?? [];
  const where = `--fields: field "${text.trim()}"`;
  if (!/^[a-z][A-Za-z0-9]{0,39}$/.test(name) || name in {})
    throw new UsageError(`${where}: expected name:type, with a name such as dueDate`);
  if (RESERVED.includes(name))
    throw new UsageError(`${where}: the name is reserved; choose another than ${RESERVED.join(", ")}`);
  if (!Object.hasOwn(TYPES, type)) throw new UsageError(`${where}: expected one of the types ${TYPE_NAMES}`);
  return { name, type, optional: optional !== undefined };
}

/** Throws a UsageError unless the key is a required string, and one of several fields. */
export function requireKey(key: string, fields: Field[]): void {
  const found = fields.find(({ name }) => name === key);
  const expected = `expected a required field of type string, such as --fields ${key}:string,name:string`;
  if (found === undefined) throw new UsageError(`--key ${key}: --fields has no such field; ${expected}`);
  if (found.type !== "string" || found.optional)
    throw new UsageError(`--key ${key}: the field is "${found.type}${found.optional ? "?" : ""}"; ${expected}`);
  if (fields.length === 1) throw new UsageError(`--key ${key}: it is the only field; ${expected}`);
}

/** Lines of the template's regions, by name. */
export function regionsOf(fields: Field[]): Record<string, string> {
  const lines = (line: (field: Field, type: FieldType) => string) =>
    fields.map((field) => line(field, TYPES[field.type] as FieldType)).join("\n");
  return {
    fields: lines(({ name, optional }, { schema }) => `${name}: ${optional ? `z.optional(${schema})` : schema},`),
    example: lines(({ name }, { example }) => `${name}: ${JSON.stringify(example(words(name)))},`),
    other: lines(({ name }, { other }) => `${name}: ${JSON.stringify(other(words(name)))},`),
    wrong: lines(({ name }, { wrong }) =>
      wrong.map((value) => `[${JSON.stringify(name)}, ${JSON.stringify(value)}],`).join("\n"),
    ),
  };
}

/** `due date` for `dueDate`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
