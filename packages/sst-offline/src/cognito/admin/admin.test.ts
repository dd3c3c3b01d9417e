import { statSync, writeFileSync } from "node:fs";
import path from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import {
  authorizeUrl,
  CALLBACK,
  claimsOf,
  type Fields,
  formToken,
  post,
  serveUserPool,
  signIn,
  type TestPool,
  userPoolGraph,
  VERIFIER,
} from "../../../test/user-pool";
import { createCognitoAdmin } from "./api";

// Names, members, errors and limits are those of
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_Operations.html

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
let pool: TestPool;
let notices: string[];
let admin: ReturnType<typeof createCognitoAdmin>;
let last = 0;

beforeAll(async () => {
  // As in the committed graph: people sign in with an email address, in upper or lower case.
  pool = await serveUserPool(
    userPoolGraph({ Users: { usernameAttributes: ["email"], usernameConfiguration: { caseSensitive: false } } }),
  );
});
afterAll(() => pool.close());
beforeEach(() => {
  notices = [];
  admin = createCognitoAdmin(pool.declared, {
    folder: path.join(pool.project, ".offline/dev"),
    location: { region: "eu-west-1", accountId: "123456789012" },
    notice: (text) => notices.push(text),
    now: () => pool.clock.now,
  });
});

async function call(operation: string, input: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const full = { UserPoolId: pool.declared[0]?.id, ...input };
  const { status, body } = await admin({ service: "cognito-idp", operation, body: JSON.stringify(full), input: full });
  expect(status).toBe(200);
  return JSON.parse(body);
}

/** Adds a user who is in these groups. Returns the email address. */
async function addUser(...groups: string[]): Promise<string> {
  last += 1;
  const Username = `user${last}@example.com`;
  await call("AdminCreateUser", { Username, UserAttributes: [{ Name: "email_verified", Value: "true" }] });
  for (const GroupName of groups) await call("AdminAddUserToGroup", { Username, GroupName });
  return Username;
}

interface TokenResponse {
  access_token?: string;
  id_token?: string;
  refresh_token?: string;
  error?: string;
}

const tokens = async (fields: Record<string, string>): Promise<TokenResponse> =>
  (await (await post(`${pool.issuer}/oauth2/token`, { client_id: pool.ids.web, ...fields })).json()) as TokenResponse;

async function tokensOf(username: string, more: Fields = []): Promise<TokenResponse> {
  const back = await signIn(pool, authorizeUrl(pool, { scope: "openid audit/read" }), [
    ["username", username],
    ...more,
  ]);
  const code = back.searchParams.get("code") ?? "";
  return await tokens({ grant_type: "authorization_code", redirect_uri: CALLBACK, code, code_verifier: VERIFIER });
}

const refresh = ({ refresh_token = "" }: TokenResponse) => tokens({ grant_type: "refresh_token", refresh_token });

/** Returns the sign-in page's response if the sign-in fails. */
async function refusal(username: string, more: Fields = []): Promise<string> {
  const token = await formToken(authorizeUrl(pool));
  const response = await post(`${pool.issuer}/login`, [["_csrf", token], ["username", username], ...more]);
  return /role="alert">([^<]*)/.exec(await response.text())?.[1] ?? "";
}

describe("a user added by an administrator", () => {
  it("has a UUID as user name and must choose a password", async () => {
    const { User } = await call("AdminCreateUser", { Username: "Ada@example.com" });
    const { Username } = User as { Username: string };
    expect(User).toEqual({
      Username: expect.stringMatching(UUID),
      Attributes: [
        { Name: "email", Value: "Ada@example.com" },
        { Name: "sub", Value: Username },
      ],
      Enabled: true,
      UserStatus: "FORCE_CHANGE_PASSWORD",
      UserCreateDate: pool.clock.now / 1000,
      UserLastModifiedDate: pool.clock.now / 1000,
    });
    expect(notices).toEqual([expect.stringContaining("Ada@example.com an invitation")]);
    expect(await call("AdminGetUser", { Username: "ada@EXAMPLE.com" })).toMatchObject({ Username });
    expect(await call("AdminGetUser", { Username })).toMatchObject({ Username });
  });

  it("signs in by email address, with the pool's groups, and is then confirmed", async () => {
    await call("CreateGroup", { GroupName: "tenant:globex", Description: "Globex" });
    const email = await addUser("writers", "tenant:globex");
    const { access_token, id_token } = await tokensOf(email);
    const user = await call("AdminGetUser", { Username: email });
    expect(claimsOf(access_token)).toMatchObject({
      sub: user.Username,
      username: user.Username,
      "cognito:groups": ["writers", "tenant:globex"],
    });
    expect(claimsOf(id_token)).toMatchObject({ email, email_verified: true, "cognito:username": user.Username });
    expect(user.UserStatus).toBe("CONFIRMED");
  });

  it("is suggested on the sign-in page", async () => {
    const email = await addUser();
    expect(await (await fetch(authorizeUrl(pool))).text()).toContain(`<option value="${email}">`);
  });

  it("cannot choose other groups when signing in", async () => {
    expect(await refusal(await addUser("writers"), [["group", "operators"]])).toContain("choose none");
  });

  it("is kept after a restart, in a file that only the current user can read", async () => {
    const email = await addUser("writers");
    pool.restart();
    expect(claimsOf((await tokensOf(email)).access_token)["cognito:groups"]).toEqual(["writers"]);
    expect(statSync(path.join(pool.kept, "users.json")).mode & 0o777).toBe(0o600);
  });

  it("gets no token while disabled", async () => {
    const email = await addUser();
    const before = await tokensOf(email);
    await call("AdminDisableUser", { Username: email });
    expect(await refusal(email)).toContain("is disabled");
    expect(await refresh(before)).toMatchObject({ error: "invalid_grant" });
    await call("AdminEnableUser", { Username: email });
    expect(await refresh(before)).toHaveProperty("access_token");
  });

  it("has no refresh token after a global sign-out; other users keep theirs", async () => {
    const [ada, bob] = [await addUser(), await addUser()];
    const [adas, bobs] = [await tokensOf(ada), await tokensOf(bob)];
    await call("AdminUserGlobalSignOut", { Username: ada });
    expect(await refresh(adas)).toMatchObject({ error: "invalid_grant" });
    expect(await refresh(bobs)).toHaveProperty("access_token");
  });

  it("has the current groups in the next token", async () => {
    const email = await addUser("writers");
    const before = await tokensOf(email);
    await call("AdminAddUserToGroup", { Username: email, GroupName: "operators" });
    await call("AdminRemoveUserFromGroup", { Username: email, GroupName: "writers" });
    expect(claimsOf((await refresh(before)).access_token)["cognito:groups"]).toEqual(["operators"]);
  });

  it("can be invited again before the first sign-in, and get a password reset after it", async () => {
    const Username = await addUser();
    await call("AdminCreateUser", { Username, MessageAction: "RESEND" });
    expect(notices).toHaveLength(2);
    await expect(call("AdminResetUserPassword", { Username })).rejects.toMatchObject({
      type: "NotAuthorizedException",
    });
    await tokensOf(Username);
    await expect(call("AdminCreateUser", { Username, MessageAction: "RESEND" })).rejects.toMatchObject({
      type: "UnsupportedUserStateException",
    });
    await call("AdminResetUserPassword", { Username });
    expect(await call("AdminGetUser", { Username })).toMatchObject({ UserStatus: "RESET_REQUIRED" });
  });
});

it("any other name is a test identity", async () => {
  const { access_token } = await tokensOf("eve", [
    ["group", "writers"],
    ["runtime-groups", "tenant:acme"],
  ]);
  expect(claimsOf(access_token)).toMatchObject({ username: "eve", "cognito:groups": ["writers", "tenant:acme"] });
});

it("a deleted group has no members", async () => {
  await call("CreateGroup", { GroupName: "tenant:gone" });
  const Username = await addUser("tenant:gone", "writers");
  expect(await call("ListUsersInGroup", { GroupName: "tenant:gone" })).toMatchObject({
    Users: [{ Attributes: expect.arrayContaining([{ Name: "email", Value: Username }]) }],
  });
  await call("DeleteGroup", { GroupName: "tenant:gone" });
  const { Groups } = await call("AdminListGroupsForUser", { Username });
  expect((Groups as { GroupName: string }[]).map(({ GroupName }) => GroupName)).toEqual(["writers"]);
  await call("CreateGroup", { GroupName: "tenant:gone" });
  expect(await call("ListUsersInGroup", { GroupName: "tenant:gone" })).toEqual({ Users: [] });
});

it("a list is returned in pages", async () => {
  for (let count = 0; count < 3; count += 1) await addUser();
  const first = await call("ListUsers", { Limit: 2 });
  const second = await call("ListUsers", { Limit: 2, PaginationToken: first.PaginationToken });
  const names = [...(first.Users as { Username: string }[]), ...(second.Users as { Username: string }[])];
  expect(new Set(names.map(({ Username }) => Username)).size).toBe(4);
  expect(await call("ListUsers", { Filter: `email = "user${last}@example.com"` })).toMatchObject({
    Users: [{ Enabled: true }],
  });
});

it.each<[string, string, Record<string, unknown>]>([
  ["ResourceNotFoundException", "AdminGetUser", { UserPoolId: "eu-west-1_none", Username: "a" }],
  ["ResourceNotFoundException", "AdminAddUserToGroup", { Username: "user1@example.com", GroupName: "none" }],
  ["ResourceNotFoundException", "DescribeUserPoolClient", { ClientId: "none" }],
  ["UserNotFoundException", "AdminGetUser", { Username: "nobody@example.com" }],
  ["UserNotFoundException", "AdminCreateUser", { Username: "nobody@example.com", MessageAction: "RESEND" }],
  ["UsernameExistsException", "AdminCreateUser", { Username: "USER1@example.com" }],
  ["GroupExistsException", "CreateGroup", { GroupName: "writers" }],
  ["InvalidParameterException", "AdminCreateUser", { Username: "ada" }],
  ["InvalidParameterException", "AdminCreateUser", {}],
  ["InvalidParameterException", "CreateGroup", { GroupName: "a b" }],
  ["InvalidParameterException", "ListUsers", { Limit: 61 }],
  ["InvalidParameterException", "ListUsers", { PaginationToken: "x" }],
  ["InvalidParameterException", "ListUsers", { Filter: 'toString = "a"' }],
  ["InvalidParameterException", "ListUserPools", {}],
  ["UnknownOperationException", "AdminDeleteUser", { Username: "user1@example.com" }],
])("%s is the error of %s %j", async (type, operation, input) => {
  if (last === 0) await addUser();
  await expect(call(operation, input)).rejects.toMatchObject({ type, status: 400 });
});

it("a damaged file is an error that names it", async () => {
  const file = path.join(pool.kept, "users.json");
  const damaged = await serveUserPool();
  const broken = createCognitoAdmin(damaged.declared, {
    folder: path.join(damaged.project, ".offline/dev"),
    location: { region: "eu-west-1", accountId: "123456789012" },
    notice: () => undefined,
  });
  const input = { UserPoolId: damaged.declared[0]?.id, Username: "ada" };
  await broken({ service: "cognito-idp", operation: "AdminCreateUser", body: "", input });
  writeFileSync(path.join(damaged.kept, path.basename(file)), '{"users":[{}],"groups":[]}');
  await expect(broken({ service: "cognito-idp", operation: "AdminGetUser", body: "", input })).rejects.toMatchObject({
    type: "InternalErrorException",
    status: 500,
    message: expect.stringContaining("users.json is damaged"),
  });
  await damaged.close();
});

describe("a client's secrets", () => {
  const client = () => ({ ClientId: pool.ids.machine });
  const works = async (client_secret: string) =>
    "access_token" in (await tokens({ grant_type: "client_credentials", client_id: pool.ids.machine, client_secret }));

  it("are at most two; both work, and a deleted one does not", async () => {
    const first = pool.secretOf(pool.ids.machine);
    const added = await call("AddUserPoolClientSecret", client());
    const { ClientSecretValue: second, ClientSecretId } = added.ClientSecretDescriptor as Record<string, string>;
    expect(ClientSecretId).toMatch(new RegExp(`^${pool.ids.machine}--\\d+$`));
    expect([await works(first), await works(second ?? ""), await works("wrong")]).toEqual([true, true, false]);
    await expect(call("AddUserPoolClientSecret", client())).rejects.toMatchObject({ type: "LimitExceededException" });
    const { ClientSecrets } = await call("ListUserPoolClientSecrets", client());
    expect(JSON.stringify(ClientSecrets)).not.toContain(second);
    const [older] = ClientSecrets as { ClientSecretId: string }[];
    await call("DeleteUserPoolClientSecret", { ...client(), ...older });
    expect([await works(first), await works(second ?? "")]).toEqual([false, true]);
    expect(await call("DescribeUserPoolClient", client())).toMatchObject({ UserPoolClient: { ClientSecret: second } });
    await expect(call("DeleteUserPoolClientSecret", { ...client(), ClientSecretId })).rejects.toMatchObject({
      type: "InvalidParameterException",
    });
  });

  it("of an older version, which stored one without an id, work", async () => {
    writeFileSync(path.join(pool.kept, "clients.json"), JSON.stringify({ [pool.ids.machine]: "s".repeat(64) }));
    expect(await works("s".repeat(64))).toBe(true);
    expect(await call("ListUserPoolClientSecrets", client())).toMatchObject({
      ClientSecrets: [{ ClientSecretCreateDate: 0 }],
    });
  });
});
