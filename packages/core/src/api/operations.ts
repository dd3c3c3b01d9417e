import { ACCESS_LOG_DOCS } from "../access-log/docs";
import { AUDIT_DOCS } from "../audit/docs";
import { FUNCTION_LOG_DOCS } from "../function-log/docs";
import { GREETING_DOCS } from "../greeting/docs";
import { TRAFFIC_DOCS } from "../traffic/docs";
import { API_DOCS } from "./docs";
import type { DocumentedOperation } from "./document";

/**
 * Every operation of the API. A route of the deployment graph without an operation here, and an
 * operation without a route, fail the synthesis.
 */
const ALL = [...GREETING_DOCS, ...API_DOCS, ...AUDIT_DOCS, ...TRAFFIC_DOCS, ...ACCESS_LOG_DOCS, ...FUNCTION_LOG_DOCS];

const ids = new Set(ALL.map(({ id }) => id));
const keys = new Set(ALL.map(({ key }) => key));
if (ids.size < ALL.length || keys.size < ALL.length) throw new Error("two operations have the same id or route key");

/** By route key. */
export const OPERATIONS: Readonly<Record<string, DocumentedOperation>> = Object.fromEntries(
  ALL.map((one) => [one.key, one]),
);
