import { AppError } from "../error";

/** A token's claims as API Gateway hands them over: every value a text, a list as `[a b]`. */
export type Claims = Readonly<Record<string, string>>;

/** What can be allowed; each has the name of the scope that a client must have been given for it. */
export type Permission = "audit/write" | "audit/read" | "traffic/read";

/** What a machine client may do, and for whom: declared with the client, in `infra/auth.ts`. */
export interface MachineGrant {
  tenant: string;
  scopes: string[];
}

/** By client id. */
export type MachineGrants = Readonly<Record<string, MachineGrant>>;

export interface Caller {
  type: "person" | "machine";
  /** The token's `sub`. */
  id: string;
}

export interface TenantCaller extends Caller {
  tenant: string;
}

/** A scope says what a client may ask for; a group says what a person may do. */
const GROUP: Record<Permission, string | undefined> = {
  "audit/write": "writers",
  "audit/read": undefined,
  "traffic/read": "operators",
};

const TENANT = /^[a-z0-9-]{1,40}$/;

/**
 * Who calls, if they may do that. What is not known is refused.
 *
 * @throws AppError `unauthenticated` without claims, `forbidden` with a code for each reason
 */
export function authorize(permission: Permission, claims: Claims | undefined, grants: MachineGrants): Caller {
  if (claims === undefined) {
    throw new AppError("unauthenticated", "access.token", "The request carries no token that has been checked.");
  }
  const { sub, scope = "" } = claims;
  if (claims.token_use !== "access" || sub === undefined || sub === "") {
    throw new AppError("forbidden", "access.token", "An access token is needed: no other token says what it is for.");
  }
  if (!scope.split(" ").includes(permission)) {
    throw new AppError("forbidden", "access.scope", `The token does not have the scope ${permission}.`);
  }
  return isPerson(claims) ? person(permission, sub, claims) : machine(permission, sub, claims, grants);
}

/** As `authorize`, of those who act for a tenant: exactly one. */
export function authorizeInTenant(
  permission: Permission,
  claims: Claims | undefined,
  grants: MachineGrants,
): TenantCaller {
  const caller = authorize(permission, claims, grants);
  const tenants = caller.type === "person" ? tenantsOf(claims) : [grantOf(claims, grants)?.tenant ?? ""];
  const [tenant = "", ...more] = tenants;
  if (more.length > 0) {
    throw new AppError("forbidden", "access.tenant", "The caller is in several tenants: exactly one is needed.");
  }
  if (!TENANT.test(tenant)) {
    throw new AppError("forbidden", "access.tenant", "The caller is in no tenant: exactly one is needed.");
  }
  return { ...caller, tenant };
}

function person(permission: Permission, id: string, claims: Claims): Caller {
  const group = GROUP[permission];
  if (group !== undefined && !groupsOf(claims).includes(group)) {
    throw new AppError("forbidden", "access.group", `The caller is not in the group ${group}.`);
  }
  return { type: "person", id };
}

function machine(permission: Permission, id: string, claims: Claims, grants: MachineGrants): Caller {
  if (grantOf(claims, grants)?.scopes.includes(permission) !== true) {
    throw new AppError("forbidden", "access.grant", `The client has no grant of ${permission}.`);
  }
  return { type: "machine", id };
}

// Only people have a user name: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
function isPerson({ username }: Claims): boolean {
  return username !== undefined;
}

/** A client's own token has the client for a subject. */
function grantOf(claims: Claims | undefined, grants: MachineGrants): MachineGrant | undefined {
  const { client_id: client = "", sub } = claims ?? {};
  return client === sub && Object.hasOwn(grants, client) ? grants[client] : undefined;
}

function tenantsOf(claims: Claims | undefined): string[] {
  const prefix = "tenant:";
  return groupsOf(claims)
    .filter((group) => group.startsWith(prefix))
    .map((group) => group.slice(prefix.length));
}

/** No group of Cognito has a space in its name. */
function groupsOf(claims: Claims | undefined): string[] {
  const [, list = ""] = /^\[(.*)\]$/.exec(claims?.["cognito:groups"] ?? "") ?? [];
  return list.split(" ").filter((group) => group !== "");
}
