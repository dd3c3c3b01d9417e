import { createHash } from "node:crypto";

import type { UserPool } from "./pool";
import type { StoredUser, UserStore } from "./user-store";

/** A person who signs in. */
export interface Person {
  name: string;
  /** A UUID, the same for the same name in the same pool. */
  subject: string;
  groups: string[];
  /** Claims in the ID token; absent for a test identity. */
  claims?: { email: string; email_verified: boolean };
}

/** Reports an invalid user name or group. The message has the expected values. */
export class PersonError extends Error {
  override readonly name = "PersonError";
  readonly field: "name" | "groups";
  constructor(field: PersonError["field"], message: string) {
    super(message);
    this.field = field;
  }
}

// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html
const NAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u;

/**
 * Returns the person with a name: a user of the pool with the pool's groups, or a test identity
 * with the given groups.
 *
 * @throws PersonError
 */
export function findPerson(pool: UserPool, users: UserStore, name: string, groups: string[]): Person {
  const user = users.find(name);
  if (user === undefined) return personOf(pool, name, groups);
  if (!user.enabled) throw new PersonError("name", `user "${name}" is disabled`);
  const extra = groups.find((group) => !user.groups.includes(group));
  if (extra === undefined) return personFrom(user);
  const found = user.groups.join(", ") || "no group";
  throw new PersonError("groups", `"${name}" is a user of the pool and not in "${extra}" (in: ${found}): choose none`);
}

export function personFrom({ username, subject, groups, attributes }: StoredUser): Person {
  const { email, email_verified } = attributes;
  const claims = email !== undefined && { claims: { email, email_verified: email_verified === "true" } };
  return { name: username, subject, groups, ...claims };
}

type Groups = Pick<UserPool, "id" | "groups" | "runtimeGroups">;

/** Returns a test identity. Throws a PersonError. */
export function personOf(pool: Groups, name: string, groups: string[]): Person {
  if (!NAME.test(name))
    throw new PersonError("name", `user name "${name}": expected 1 to 128 letters, digits and signs without a space`);
  const { runtimeGroups } = pool;
  const unknown = groups.find((group) => !pool.groups.includes(group) && runtimeGroups?.pattern.test(group) !== true);
  if (unknown !== undefined) {
    const known = [
      ...pool.groups,
      ...(runtimeGroups === undefined ? [] : [`a name such as ${runtimeGroups.prefix}${runtimeGroups.example}`]),
    ];
    throw new PersonError("groups", `no group "${unknown}": expected ${known.join(", ") || "none: the pool has none"}`);
  }
  return { name, subject: uuid(`${pool.id}/${name}`, URL_NAMESPACE), groups: [...new Set(groups)] };
}

const URL_NAMESPACE = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";

/** Returns the version 5 UUID of a name: https://www.rfc-editor.org/rfc/rfc9562#section-5.5 */
export function uuid(name: string, namespace: string): string {
  const space = Buffer.from(namespace.replaceAll("-", ""), "hex");
  const bytes = createHash("sha1").update(space).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
