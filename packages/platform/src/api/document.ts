import * as z from "zod/mini";

import { TENANT_HEADER } from "../access/authorize";
import type { AnyOperation } from "./contract";

/** Documentation of an operation. Functions do not bundle it. */
interface Docs {
  summary: string;
  description?: string;
  /** A description for each parameter in the path. */
  path?: Record<string, string>;
  /** A description for each header, by lower-case name. */
  headers?: Record<string, string>;
  /** A description for each response status. */
  answers: Record<number, string>;
  /** Requests that the tests send, with the expected status. */
  examples: Record<string, OperationExample>;
}

export interface OperationExample {
  summary: string;
  path?: Record<string, string>;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  status: number;
}

/** An operation with its documentation. With the graph, it makes the OpenAPI document. */
export interface DocumentedOperation extends Omit<Docs, "headers" | "answers"> {
  key: string;
  id: string;
  /** The scope that a token needs; undefined for a public operation. */
  scope: string | undefined;
  query?: z.ZodMiniObject | undefined;
  headers: Record<string, { description: string; schema: z.ZodMiniType }>;
  body?: z.ZodMiniType | undefined;
  /** By status. `problem` is `application/problem+json`, a schema is `application/json`. */
  responses: Record<number, { description: string; content: z.ZodMiniType | "problem" }>;
}

/** Throws an Error unless the texts cover exactly the operation's responses and headers. */
export function document(operation: AnyOperation, docs: Docs): DocumentedOperation {
  const { key, id, access, query, headers, body, answers } = operation;
  const { headers: headerTexts = {}, answers: answerTexts, ...texts } = docs;
  const shape = (headers?.shape ?? {}) as Record<string, z.ZodMiniType>;
  requireSame(`${key}: headers`, Object.keys(shape), Object.keys(headerTexts));
  if (access?.perTenant === true && !(400 in answers && 403 in answers))
    throw new Error(`${key}: expected the answers 400 and 403, which the choice of a tenant may have`);
  requireSame(`${key}: answers`, Object.keys(answers), Object.keys(answerTexts));
  const own: DocumentedOperation["responses"] = Object.fromEntries(
    Object.entries(answers).map(([status, content]) => [
      status,
      { description: answerTexts[Number(status)] ?? "", content },
    ]),
  );
  return {
    ...{ key, id, query, body, ...texts },
    scope: access?.name,
    headers: {
      ...Object.fromEntries(
        Object.entries(shape).map(([name, schema]) => [name, { description: headerTexts[name] ?? "", schema }]),
      ),
      ...(access?.perTenant === true && { [TENANT_HEADER]: { description: TENANT_TEXT, schema: z.string() } }),
    },
    responses: { ...(access === undefined ? {} : BY_QUOTA), ...own },
  };
}

/** Describes 403 for operations with a permission. */
export const FORBIDDEN = "Forbidden: a scope, group or tenant is missing (see `detail`)";

/** `serve` adds this response to operations with a permission, if the stage declares quotas. */
const BY_QUOTA: DocumentedOperation["responses"] = {
  429: {
    description: "A quota of the caller is used up. `Retry-After` has the seconds until its window ends",
    content: "problem",
  },
};

const TENANT_TEXT = "Tenant id. Required if you belong to several tenants.";

function requireSame(what: string, defined: string[], described: string[]): void {
  const [expected, found] = [defined, described].map((names) => [...names].sort().join(", "));
  if (expected !== found) throw new Error(`${what}: expected texts for ${expected}, found texts for ${found}`);
}
