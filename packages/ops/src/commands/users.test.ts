import { withPrefix } from "@backend/testing/recorded";
import { describe, expect, it } from "vitest";

import { cognitoServer, POOL } from "../../test/cognito-server";
import { awsProject, run } from "../../test/run";

const JANE = "jane@example.com";

async function users(argv: string[], answers: Parameters<typeof cognitoServer>[0] = {}) {
  const { url, calls, changed } = await cognitoServer(answers);
  const result = await run(["users", ...argv, "--stage", "dev", "--project", awsProject(url)]);
  return { ...result, calls, changed: changed() };
}

const inGroups = (...names: string[]) => ({
  AdminListGroupsForUser: { Groups: names.map((GroupName) => ({ GroupName, UserPoolId: POOL })) },
});

describe("users add", () => {
  it("invites by mail, joins groups and tenants, and prints what the person may do", async () => {
    const argv = ["add", JANE, "--group", "operators", "--tenant", "globex"];
    const { code, stdout, stderr, changed } = await users(argv, inGroups("operators", "tenant:globex"));
    expect(code).toBe(0);
    // Members of
    // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html
    const attributes = [
      { Name: "email", Value: JANE },
      { Name: "email_verified", Value: "true" },
    ];
    expect(changed).toEqual([
      {
        operation: "AdminCreateUser",
        Username: JANE,
        UserAttributes: attributes,
        DesiredDeliveryMediums: ["EMAIL"],
      },
      { operation: "AdminAddUserToGroup", Username: JANE, GroupName: "operators" },
      { operation: "AdminAddUserToGroup", Username: JANE, GroupName: "tenant:globex" },
    ]);
    expect(stderr).toContain(`user pool ${POOL}`);
    expect(stdout).toContain("Cognito mails an invitation");
    expect(stdout).toMatch(/groups +operators\n +tenants +globex\n/);
    expect(stdout).toMatch(/May\n(?:.*\n)* +traffic\/read +Read the traffic and the logs\n/);
  });

  it.each([
    [["--group", "nobody"], "there is no group nobody: expected operators, writers"],
    [["--tenant", "initech"], "there is no tenant initech: add it first with pnpm ops tenants add initech"],
  ])("%j adds nobody", async (argv, message) => {
    expect(await users(["add", JANE, ...argv])).toMatchObject({
      code: 1,
      changed: [],
      stderr: expect.stringContaining(message),
    });
  });

  it("of somebody who exists says so", async () => {
    const { code, stderr } = await users(["add", JANE], { AdminCreateUser: "UsernameExistsException" });
    expect(code).toBe(1);
    expect(stderr).toContain("UsernameExistsException");
  });

  it("says that the person is there when a group could not be joined", async () => {
    const denied = { AdminAddUserToGroup: "NotAuthorizedException" };
    const { code, stderr } = await users(["add", JANE, "--group", "operators"], denied);
    expect(code).toBe(1);
    expect(stderr).toContain(`${JANE} was added, but not to all groups`);
  });
});

describe("users show", () => {
  it("lists what is missing for each permission", async () => {
    const { stdout } = await users(["show", JANE], inGroups());
    expect(stdout).toContain("state    invited, has not signed in yet");
    expect(stdout).toMatch(/May\n {2}nothing\nMay not\n/);
    expect(stdout).toMatch(/traffic\/read .*\(needs the group operators\)/);
  });

  it("is JSON on request", async () => {
    const { stdout } = await users(["show", JANE, "--json"], inGroups("operators"));
    expect(JSON.parse(stdout)).toMatchObject({
      email: JANE,
      id: "4320de44-2322-4620-999b-5e2e1c8df013",
      enabled: true,
      status: "FORCE_CHANGE_PASSWORD",
      groups: ["operators"],
      tenants: [],
      may: [{ permission: "traffic/read" }],
    });
  });

  it("of nobody is Cognito's error", async () => {
    const { code, stderr } = await users(["show", JANE], { AdminGetUser: "UserNotFoundException" });
    expect(code).toBe(1);
    expect(stderr).toContain("UserNotFoundException");
  });
});

describe("users list", () => {
  it("has all people, by address, with their state", async () => {
    const { stdout } = await users(["list"]);
    expect(stdout).toBe("testuser2@example.com  unconfirmed\ntestuser@example.com   active\n");
  });

  it("has the people of one tenant", async () => {
    const { stdout, calls } = await users(["list", "--tenant", "globex"]);
    expect(stdout).toBe("Nobody.\n");
    expect(calls.at(-1)).toMatchObject({ operation: "ListUsersInGroup", input: { GroupName: "tenant:globex" } });
  });
});

describe("a change of a user", () => {
  const user = { Username: JANE };
  it.each<[string[], object[]]>([
    [["disable"], ["AdminDisableUser", "AdminUserGlobalSignOut"].map((operation) => ({ operation, ...user }))],
    [["enable"], [{ operation: "AdminEnableUser", ...user }]],
    [["join", "--tenant", "globex"], [{ operation: "AdminAddUserToGroup", ...user, GroupName: "tenant:globex" }]],
    [["leave", "--group", "writers"], [{ operation: "AdminRemoveUserFromGroup", ...user, GroupName: "writers" }]],
  ])("%j calls what Cognito has for it", async ([action = "", ...argv], expected) => {
    expect(await users([action, JANE, ...argv])).toMatchObject({ code: 0, changed: expected });
  });

  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html,
  // MessageAction
  it("reset sends the invitation again to who has not signed in yet", async () => {
    const { stdout, changed } = await users(["reset", JANE]);
    expect(changed).toMatchObject([{ operation: "AdminCreateUser", ...user, MessageAction: "RESEND" }]);
    expect(stdout).toContain("the invitation again");
  });

  it("reset mails a code to who has", async () => {
    const { changed } = await users(["reset", JANE], { AdminGetUser: { Username: JANE, UserStatus: "CONFIRMED" } });
    expect(changed).toEqual([{ operation: "AdminResetUserPassword", ...user }]);
  });
});

describe("the user pool", () => {
  const tagged = (tags: Record<string, string>) => ({ DescribeUserPool: { UserPool: { UserPoolTags: tags } } });

  it("of another app or stage is not taken for the stage's", async () => {
    const { code, stderr, changed } = await users(
      ["disable", JANE],
      tagged({ "sst:app": "other", "sst:stage": "dev" }),
    );
    expect({ code, changed }).toEqual({ code: 1, changed: [] });
    expect(stderr).toMatch(/no user pool .*Users-dev of stage dev in .*: deploy it with sst deploy --stage dev/);
  });

  it("is not guessed where two fit", async () => {
    const Name = withPrefix("SecureBackendUsers-dev");
    const twice = { ListUserPools: { UserPools: ["us-west-2_A", "us-west-2_B"].map((Id) => ({ Id, Name })) } };
    const { code, stderr } = await users(["list"], twice);
    expect(code).toBe(1);
    expect(stderr).toContain("us-west-2_A and us-west-2_B are both called");
  });
});

describe("wrong usage", () => {
  it.each([
    [[], "No action: expected add, list, show, disable, enable, reset, join, leave"],
    [["toString"], "toString: expected add, list"],
    [["add"], "add: expected one email address"],
    [["add", "ada"], "add: expected one email address"],
    [["add", JANE, "bob@example.com"], "add: expected one email address"],
    [["list", JANE], "list: expected no address"],
    [["join", JANE], "expected --group NAME or --tenant ID"],
    [["join", JANE, "--group", "tenant:acme"], "--group tenant:acme: expected --tenant acme"],
    [["join", JANE, "--tenant", "Acme"], "--tenant Acme: expected 1 to 40 lower-case letters"],
  ])("%j changes nothing", async (argv, message) => {
    const { code, stderr, changed } = await users(argv);
    expect({ code, changed }).toEqual({ code: 2, changed: [] });
    expect(stderr).toContain(message);
  });
});
