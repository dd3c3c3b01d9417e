import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminResetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
  paginateAdminListGroupsForUser,
  paginateListUsers,
  type UserType,
} from "@aws-sdk/client-cognito-identity-provider";

import { type Access, accessOf } from "./access";
import type { Pool } from "./pool";

export interface Person {
  email: string;
  /** Claim `sub` of their tokens, and `user` in the access log. */
  id: string;
  enabled: boolean;
  /** Cognito's `UserStatus`. */
  status: string;
}

const INVITED = "FORCE_CHANGE_PASSWORD";

/**
 * What a status means.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserType.html
 */
const STATES: Readonly<Partial<Record<string, string>>> = {
  [INVITED]: "invited, has not signed in yet",
  CONFIRMED: "active",
  RESET_REQUIRED: "must choose a new password",
};

export function stateOf({ enabled, status }: Person): string {
  return enabled ? (STATES[status] ?? status.toLowerCase()) : "disabled";
}

/** Adds a person, whom Cognito sends an invitation with a temporary password. */
export async function addPerson({ client, id, options }: Pool, email: string): Promise<void> {
  const command = new AdminCreateUserCommand({
    UserPoolId: id,
    Username: email,
    // Without a verified address, Cognito could not send a code to reset the password.
    UserAttributes: [
      { Name: "email", Value: email },
      { Name: "email_verified", Value: "true" },
    ],
    DesiredDeliveryMediums: ["EMAIL"],
  });
  await client.send(command, options);
}

export async function listPeople({ client, id, options }: Pool): Promise<Person[]> {
  const people: Person[] = [];
  for await (const { Users = [] } of paginateListUsers({ client }, { UserPoolId: id }, options))
    people.push(...Users.map(personFrom));
  return people.sort((a, b) => (a.email < b.email ? -1 : 1));
}

export async function getPerson({ client, id, options }: Pool, email: string): Promise<Person & Access> {
  const user = { UserPoolId: id, Username: email };
  const { UserAttributes, ...found } = await client.send(new AdminGetUserCommand(user), options);
  const groups: string[] = [];
  for await (const { Groups = [] } of paginateAdminListGroupsForUser({ client }, user, options))
    groups.push(...Groups.map(({ GroupName = "" }) => GroupName));
  return { ...personFrom({ ...found, ...(UserAttributes && { Attributes: UserAttributes }) }), ...accessOf(groups) };
}

/**
 * Disables a person and voids their refresh tokens. An access token that exists stays valid until
 * it expires.
 */
export async function disablePerson({ client, id, options }: Pool, email: string): Promise<void> {
  const user = { UserPoolId: id, Username: email };
  await client.send(new AdminDisableUserCommand(user), options);
  await client.send(new AdminUserGlobalSignOutCommand(user), options);
}

export async function enablePerson({ client, id, options }: Pool, email: string): Promise<void> {
  await client.send(new AdminEnableUserCommand({ UserPoolId: id, Username: email }), options);
}

/**
 * Lets a person choose a new password. Who was invited and has not signed in gets a new temporary
 * password, since Cognito resets no password that nobody has chosen.
 *
 * @returns what Cognito mails
 */
export async function resetPerson(pool: Pool, email: string): Promise<"invitation" | "code"> {
  const { client, id, options } = pool;
  const user = { UserPoolId: id, Username: email };
  const { UserStatus } = await client.send(new AdminGetUserCommand(user), options);
  if (UserStatus === INVITED) {
    const command = new AdminCreateUserCommand({ ...user, MessageAction: "RESEND", DesiredDeliveryMediums: ["EMAIL"] });
    await client.send(command, options);
    return "invitation";
  }
  await client.send(new AdminResetUserPasswordCommand(user), options);
  return "code";
}

export async function joinGroups({ client, id, options }: Pool, email: string, groups: string[]): Promise<void> {
  for (const GroupName of groups)
    await client.send(new AdminAddUserToGroupCommand({ UserPoolId: id, Username: email, GroupName }), options);
}

export async function leaveGroups({ client, id, options }: Pool, email: string, groups: string[]): Promise<void> {
  for (const GroupName of groups)
    await client.send(new AdminRemoveUserFromGroupCommand({ UserPoolId: id, Username: email, GroupName }), options);
}

export function personFrom({ Username = "", Attributes = [], Enabled = true, UserStatus }: UserType): Person {
  const attribute = (name: string) => Attributes.find(({ Name }) => Name === name)?.Value ?? Username;
  return { email: attribute("email"), id: attribute("sub"), enabled: Enabled, status: UserStatus ?? "UNKNOWN" };
}
