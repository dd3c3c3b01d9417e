import { PERMISSIONS, type Permission } from "@backend/core/permissions";
import type { TestIdentity } from "@backend/sst-offline/cognito/pool";

const GROUPS = [...new Set(Object.values<Permission>(PERMISSIONS).flatMap(({ group }) => group ?? []))];
/** The sample tenant of stage dev in infra/stage.ts. */
const TENANT = "tenant:acme";

/** People to sign in as offline. The console opens as the first one. */
export const TEST_IDENTITIES: TestIdentity[] = [
  { label: "Operator", user: "ada", groups: [...GROUPS, TENANT] },
  { label: "Member of acme", user: "grace", groups: [TENANT] },
  { label: "No access", user: "eve", groups: [] },
];
