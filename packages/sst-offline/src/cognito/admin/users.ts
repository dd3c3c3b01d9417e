import { type AwsCall, AwsError } from "../../kit/aws-call";
import { isRecord } from "../../kit/json";
import { constraint, invalid, oneOf, textIn } from "../../logs/input";
import type { Alias, UserPool } from "../pool";
import { createRefreshTokens } from "../sessions";
import type { StoredUser } from "../user-store";
import { nameIn, pageOf, secondsOf } from "./input";
import type { AdminOperation, AdminPool, FindPool } from "./operation";

type Input = AwsCall["input"];

/** Returns the operations on users. A notice shows the mail that Cognito would send. */
export function userOperations(
  find: FindPool,
  { notice, now }: { notice(text: string): void; now(): number },
): Record<string, AdminOperation> {
  return {
    AdminCreateUser(input) {
      const { pool, users } = find(input);
      const name = nameIn(input, "Username");
      const action = oneOf(input, "MessageAction", ["RESEND", "SUPPRESS"] as const);
      const found = users.find(name);
      if (action === "RESEND") return { User: describeUser(invited(found)) };
      const alias = aliasOf(pool, name);
      if (found !== undefined) {
        const message =
          alias === undefined ? "User account already exists" : `An account with the given ${alias} already exists.`;
        throw new AwsError("UsernameExistsException", message);
      }
      const user = users.add(name, alias, attributesIn(input, "UserAttributes"));
      if (action !== "SUPPRESS") tell("invitation", user);
      return { User: describeUser(user) };
    },
    AdminGetUser(input) {
      const { Attributes, ...user } = describeUser(existing(find(input), input));
      return { ...user, UserAttributes: Attributes };
    },
    ListUsers(input) {
      const { users } = find(input);
      const isWanted = filterIn(input);
      const { items, next } = pageOf(input, users.users().filter(isWanted), {
        limit: "Limit",
        token: "PaginationToken",
      });
      const names = input.AttributesToGet;
      return { Users: items.map((user) => describeUser(user, Array.isArray(names) ? names : undefined)), ...next };
    },
    AdminDisableUser: (input) => change(input, { enabled: false }),
    AdminEnableUser: (input) => change(input, { enabled: true }),
    AdminResetUserPassword(input) {
      const user = existing(find(input), input);
      if (user.status === "FORCE_CHANGE_PASSWORD")
        throw new AwsError("NotAuthorizedException", "User password cannot be reset in the current state.");
      change(input, { status: "RESET_REQUIRED" });
      tell("code to reset the password", user);
      return {};
    },
    AdminUserGlobalSignOut(input) {
      const admin = find(input);
      createRefreshTokens(admin.folder, now).removeAllOf(existing(admin, input).subject);
      return {};
    },
  };

  function change(input: Input, changes: { enabled: boolean } | { status: "RESET_REQUIRED" }): object {
    const admin = find(input);
    admin.users.update(existing(admin, input).subject, changes);
    return {};
  }

  function invited(user: StoredUser | undefined): StoredUser {
    if (user === undefined) throw new AwsError("UserNotFoundException", "User does not exist.");
    const { username, status } = user;
    if (status !== "FORCE_CHANGE_PASSWORD")
      throw new AwsError(
        "UnsupportedUserStateException",
        `Resend not possible. ${username} status is not FORCE_CHANGE_PASSWORD`,
      );
    tell("invitation", user);
    return user;
  }

  function tell(mail: string, { username, attributes }: StoredUser): void {
    notice(`Cognito would mail ${attributes.email ?? username} an ${mail}. Offline has no passwords: sign in by name.`);
  }
}

/** Returns the user of a call. Throws an AwsError if the user does not exist. */
export function existing({ users }: AdminPool, input: Input): StoredUser {
  const user = users.find(nameIn(input, "Username"));
  if (user === undefined) throw new AwsError("UserNotFoundException", "User does not exist.");
  return user;
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserType.html */
export function describeUser({ username, subject, attributes, ...user }: StoredUser, names?: unknown[]) {
  const all = Object.entries({ ...attributes, sub: subject }).map(([Name, Value]) => ({ Name, Value }));
  return {
    Username: username,
    Attributes: names === undefined ? all : all.filter(({ Name }) => names.includes(Name)),
    UserCreateDate: secondsOf(user.createdAt),
    UserLastModifiedDate: secondsOf(user.modifiedAt),
    Enabled: user.enabled,
    UserStatus: user.status,
  };
}

/**
 * Returns the alias whose form a name has. Throws an AwsError if the name has the form of none of
 * the pool's aliases.
 */
function aliasOf({ aliases }: UserPool, name: string): Alias | undefined {
  if (aliases.length === 0) return undefined;
  const alias = aliases.find((candidate) => ALIASES[candidate].pattern.test(name));
  if (alias !== undefined) return alias;
  throw invalid(`Username should be ${aliases.map((candidate) => ALIASES[candidate].what).join(" or ")}.`);
}

const ALIASES: Record<Alias, { pattern: RegExp; what: string }> = {
  email: { pattern: /^[^@\s]+@[^@\s]+$/, what: "an email" },
  phone_number: { pattern: /^\+\d+$/, what: "a phone number" },
};

function attributesIn(input: Input, member: string): Record<string, string> {
  const list = input[member] ?? [];
  if (!Array.isArray(list) || !list.every((item) => isRecord(item) && typeof item.Name === "string"))
    throw constraint(member, list, "be a list of attributes with Name and Value");
  return Object.fromEntries(list.map(({ Name, Value }) => [Name, String(Value ?? "")]));
}

/**
 * `email ^= "ada"`:
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html
 */
function filterIn(input: Input): (user: StoredUser) => boolean {
  const filter = textIn(input, "Filter") ?? "";
  if (filter === "") return () => true;
  const [, name = "", operator, quoted = ""] = /^\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/.exec(filter) ?? [];
  const sought = quoted.replace(/\\(.)/g, "$1");
  const search = Object.hasOwn(SEARCHABLE, name) ? SEARCHABLE[name] : undefined;
  if (search === undefined) throw invalid(`One or more requested attributes or the filter is invalid: ${filter}`);
  return (user) => (operator === "=" ? search(user) === sought : search(user).startsWith(sought));
}

const attribute = (name: string) => (user: StoredUser) => user.attributes[name] ?? "";
const SEARCHABLE: Readonly<Partial<Record<string, (user: StoredUser) => string>>> = {
  username: ({ username }) => username,
  sub: ({ subject }) => subject,
  "cognito:user_status": ({ status }) => status,
  status: ({ enabled }) => (enabled ? "Enabled" : "Disabled"),
  ...Object.fromEntries(
    ["email", "phone_number", "name", "given_name", "family_name", "preferred_username"].map((name) => [
      name,
      attribute(name),
    ]),
  ),
};
