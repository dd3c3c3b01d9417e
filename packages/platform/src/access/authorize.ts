import type { Access, Caller, TenantCaller } from "../api/contract";
import { AppError } from "../error";

/**
 * A token's claims as API Gateway passes them to functions: every value is a string, a list is `[a
 * b]`.
 */
export type Claims = Readonly<Record<string, string>>;

/** Header in which a person who belongs to several tenants names the one they mean. */
export const TENANT_HEADER = "x-tenant";

/** Matches a person's group `tenant:<id>` and a machine client's scope `tenant/<id>`. */
export const TENANT_GROUP = /^tenant:([a-z0-9-]{1,40})$/;
export const TENANT_SCOPE = /^tenant\/([a-z0-9-]{1,40})$/;

/**
 * Returns the caller if the token has the permission.
 *
 * People need the scope and the permission's group; their tenants are their groups `tenant:<id>`.
 * A machine client needs the scope; its tenant is its scope `tenant/<id>`. Scopes of that form are
 * ignored in the tokens of people, because people may ask for every scope that their client has.
 *
 * @param requestedTenant value of the header `x-tenant`
 * @throws AppError `unauthenticated` without claims, `forbidden` with a code for each reason,
 *   `input` if a person belongs to several tenants and names none
 */
export function authorize(
  access: NonNullable<Access>,
  claims: Claims | undefined,
  requestedTenant: string | undefined,
): Caller | TenantCaller {
  if (claims === undefined) throw new AppError("unauthenticated", "access.token", "No valid token was sent.");
  const { sub = "", client_id: client = "", scope = "" } = claims;
  if (claims.token_use !== "access" || sub === "" || client === "")
    throw new AppError("forbidden", "access.token", "Send an access token, not an ID token.");
  const scopes = scope.split(" ");
  if (!scopes.includes(access.name))
    throw new AppError("forbidden", "access.scope", `Your token is missing the scope ${access.name}.`);
  const caller = isPerson(claims) ? personOf(sub, client, claims, access) : clientOf(sub, client);
  if (access.perTenant !== true) return caller;
  const tenants = caller.type === "user" ? tenantsOf(groupsOf(claims), TENANT_GROUP) : tenantsOf(scopes, TENANT_SCOPE);
  return { ...caller, tenant: chooseTenant(tenants, requestedTenant) };
}

function personOf(id: string, client: string, claims: Claims, { group }: NonNullable<Access>): Caller {
  if (group !== undefined && !groupsOf(claims).includes(group))
    throw new AppError("forbidden", "access.group", `You need to be in the group ${group}.`);
  return { type: "user", id, client };
}

/** True for the token of a machine client, whose subject is the client. */
function clientOf(id: string, client: string): Caller {
  if (id !== client)
    throw new AppError(
      "forbidden",
      "access.token",
      "The token must belong to a person, or to the machine client that sends it.",
    );
  return { type: "client", id, client };
}

function chooseTenant(tenants: string[], requested: string | undefined): string {
  const [only, ...others] = tenants;
  if (only === undefined) throw new AppError("forbidden", "access.tenant", "You aren't assigned to a tenant.");
  if (requested !== undefined) {
    if (tenants.includes(requested)) return requested;
    throw new AppError("forbidden", "access.tenant", `You don't belong to the tenant in the header ${TENANT_HEADER}.`);
  }
  if (others.length === 0) return only;
  throw new AppError(
    "input",
    "access.tenant",
    `You belong to several tenants. Name one in the header ${TENANT_HEADER}.`,
    { errors: [{ pointer: `/${TENANT_HEADER}`, detail: "is required" }] },
  );
}

// Only people have a user name:
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
function isPerson({ username }: Claims): boolean {
  return username !== undefined;
}

function tenantsOf(names: string[], pattern: RegExp): string[] {
  return [...new Set(names.flatMap((name) => pattern.exec(name)?.[1] ?? []))];
}

/** Group names of Cognito have no spaces. */
function groupsOf(claims: Claims): string[] {
  const [, list = ""] = /^\[(.*)\]$/.exec(claims["cognito:groups"] ?? "") ?? [];
  return list.split(" ").filter((group) => group !== "");
}
