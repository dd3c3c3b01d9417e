import { ACCESS_LOG_DOCS } from "@backend/platform/access-log/docs";
import { API_DOCS } from "@backend/platform/api/docs";
import type { DocumentedOperation } from "@backend/platform/api/document";
import { FUNCTION_LOG_DOCS } from "@backend/platform/function-log/docs";
import { TRAFFIC_DOCS } from "@backend/platform/traffic/docs";
import { AUDIT_DOCS } from "./audit/docs"; // #line audit
import { GREETING_DOCS } from "./greeting/docs";

/**
 * All operations of the API. Synthesis fails for a route without an operation here, and for an
 * operation without a route.
 */
const ALL = [
  ...GREETING_DOCS,
  ...API_DOCS,
  ...AUDIT_DOCS, // #line audit
  ...TRAFFIC_DOCS,
  ...ACCESS_LOG_DOCS,
  ...FUNCTION_LOG_DOCS,
];

const ids = new Set(ALL.map(({ id }) => id));
const keys = new Set(ALL.map(({ key }) => key));
if (ids.size < ALL.length || keys.size < ALL.length) throw new Error("two operations have the same id or route key");

/** All operations, by route key. */
export const OPERATIONS: Readonly<Record<string, DocumentedOperation>> = Object.fromEntries(
  ALL.map((one) => [one.key, one]),
);
