import { PERMISSIONS, type Permission } from "@backend/core/permissions";
import { TENANT_GROUP } from "@backend/platform/access/authorize";

/** What a person may do, by their groups. */
export interface Access {
  /** Groups that stand for no tenant. */
  groups: string[];
  tenants: string[];
  may: { permission: string; description: string }[];
  mayNot: { permission: string; description: string; needs: string }[];
}

/** Derives permissions from groups by the rule that the functions enforce: docs/security.md. */
export function accessOf(groups: string[]): Access {
  const tenants = groups.flatMap((group) => TENANT_GROUP.exec(group)?.[1] ?? []);
  const access: Access = { groups: groups.filter((group) => !TENANT_GROUP.test(group)), tenants, may: [], mayNot: [] };
  for (const [permission, { description, group, perTenant }] of Object.entries<Permission>(PERMISSIONS)) {
    const needs = [
      ...(group === undefined || groups.includes(group) ? [] : [`the group ${group}`]),
      ...(perTenant === true && tenants.length === 0 ? ["a tenant"] : []),
    ].join(" and ");
    if (needs === "") access.may.push({ permission, description });
    else access.mayNot.push({ permission, description, needs });
  }
  return access;
}

/** Group of the people of a tenant. */
export function tenantGroup(tenant: string): string {
  return `tenant:${tenant}`;
}

/** The tenant that a group stands for. */
export function tenantOf(group: string): string | undefined {
  return TENANT_GROUP.exec(group)?.[1];
}
