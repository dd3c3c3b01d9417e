import { contract, type Permissions } from "@backend/platform/api/contract";
import { PLATFORM_PERMISSIONS } from "@backend/platform/permissions";

export type { Permission } from "@backend/platform/api/contract";

/**
 * All permissions of this app. Cognito's scopes and groups, the check in each function, and the
 * OpenAPI document are derived from them.
 */
export const PERMISSIONS = {
  // #region audit
  "audit/write": { description: "Record audit events", group: "writers", perTenant: true },
  "audit/read": { description: "Read audit events", perTenant: true },
  // #endregion audit
  ...PLATFORM_PERMISSIONS,
} as const satisfies Permissions;

export type PermissionName = keyof typeof PERMISSIONS;

/** Defines an operation that needs one of these permissions, or is public. */
export const operation = contract(PERMISSIONS);
