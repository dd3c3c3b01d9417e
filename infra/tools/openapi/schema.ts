import { SCHEMAS } from "@backend/platform/api/schemas";
import * as z from "zod/mini";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

const COMPONENTS = "#/components/schemas/";

/** The named schemas, by name. */
export function namedSchemas(): JsonObject {
  const { schemas } = z.toJSONSchema(SCHEMAS, { io: "input", uri: (id) => `${COMPONENTS}${id}` });
  return Object.fromEntries(
    Object.entries(schemas)
      .map(([name, schema]): [string, Json] => [name, withoutIds(schema as JsonObject)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** A reference to a named schema, or the schema itself. */
export function schemaOf(schema: z.ZodMiniType): Json {
  const id = SCHEMAS.get(schema)?.id;
  if (id !== undefined) return { $ref: `${COMPONENTS}${id}` };
  const { $defs, ...own } = z.toJSONSchema(schema, { io: "input", metadata: SCHEMAS }) as JsonObject;
  return withoutIds(JSON.parse(JSON.stringify(own).replaceAll("#/$defs/", COMPONENTS)));
}

/** `$id` and `$schema` are the document's, not those of its parts; a name is no keyword of JSON Schema. */
function withoutIds({ $schema, $id, id, ...schema }: JsonObject): JsonObject {
  return schema;
}
