import { SCHEMAS } from "@backend/platform/api/schemas";
import * as z from "zod/mini";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

const COMPONENTS = "#/components/schemas/";

/**
 * Returns the named schemas that parts of a document refer to, and those that these refer to, by
 * name.
 */
export function namedSchemas(parts: Json): JsonObject {
  const { schemas } = z.toJSONSchema(SCHEMAS, { io: "input", uri: (id) => `${COMPONENTS}${id}` });
  const found = new Map<string, JsonObject>();
  const visit = (part: Json | undefined): void => {
    for (const [, name = ""] of JSON.stringify(part ?? null).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      const schema = schemas[name];
      if (schema === undefined || found.has(name)) continue;
      found.set(name, withoutIds(schema as JsonObject));
      visit(found.get(name));
    }
  };
  visit(parts);
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A reference to a named schema, or the schema itself. */
export function schemaOf(schema: z.ZodMiniType): Json {
  const id = SCHEMAS.get(schema)?.id;
  if (id !== undefined) return { $ref: `${COMPONENTS}${id}` };
  const { $defs, ...own } = z.toJSONSchema(schema, { io: "input", metadata: SCHEMAS }) as JsonObject;
  return withoutIds(JSON.parse(JSON.stringify(own).replaceAll("#/$defs/", COMPONENTS)));
}

/**
 * `$id` and `$schema` are the document's, not those of its parts; a name is no keyword of JSON
 * Schema.
 */
function withoutIds({ $schema, $id, id, ...schema }: JsonObject): JsonObject {
  return schema;
}
