import { contract } from "./api/contract";

export type { Permission } from "./api/contract";

/**
 * What callers may be allowed to do. Cognito's scopes and groups, the check in each function and the
 * OpenAPI document follow from this list. Defines the operations that use it.
 */
export const PERMISSIONS = {
  "audit/write": { description: "Record audit events", group: "writers", perTenant: true },
  "audit/read": { description: "Read audit events", perTenant: true },
  "traffic/read": { description: "Read the traffic and the logs", group: "operators" },
} as const;

export const operation = contract(PERMISSIONS);
