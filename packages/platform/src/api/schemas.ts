import * as z from "zod/mini";

import { Problem } from "../problem";

/** Names of schemas in the OpenAPI document, and what JSON Schema cannot tell from the code. */
export const SCHEMAS = z.registry<{ id?: string; [keyword: string]: unknown }>();

/** Gives a schema a name in the OpenAPI document. */
export function nameSchema(schema: z.ZodMiniType, id: string, description?: string): void {
  SCHEMAS.add(schema, { id, ...(description !== undefined && { description }) });
}

/** Describes all parameters of a query. */
export function describeParameters<Name extends string>(
  shape: Record<Name, z.ZodMiniType>,
  texts: Record<Name, string>,
): void {
  for (const name of Object.keys(texts) as Name[]) SCHEMAS.add(shape[name], { description: texts[name] });
}

/** Errors that API Gateway answers itself. */
export const GatewayError = z.object({ message: z.string() });

nameSchema(
  Problem,
  "Problem",
  [
    "Problem details (RFC 9457). `type` ends in the error's stable code. `instance` is the",
    "request id, which is also in the access log.",
  ].join(" "),
);
nameSchema(GatewayError, "GatewayError", "An error from API Gateway itself.");
