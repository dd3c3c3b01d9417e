import { describe, expect, it } from "vitest";

import { cognitoServer, POOL } from "../../test/cognito-server";
import { awsProject, run } from "../../test/run";

type Answers = Parameters<typeof cognitoServer>[0];

async function tenants(argv: string[], answers: Answers = {}) {
  const { url, changed } = await cognitoServer(answers);
  const result = await run(["tenants", ...argv, "--stage", "dev", "--project", awsProject(url)]);
  return { ...result, changed: changed() };
}

const groups = (...names: string[]) => ({
  ListGroups: { Groups: names.map((GroupName) => ({ GroupName, UserPoolId: POOL })) },
});
const onePerson = { ListUsersInGroup: { Users: [{ Username: "4320de44-2322-4620-999b-5e2e1c8df013" }] } };
const noClients = { ListUserPoolClients: { UserPoolClients: [] } };
const deletion = [{ operation: "DeleteGroup", GroupName: "tenant:globex" }];

describe("tenants", () => {
  it("add makes the group of the tenant's people", async () => {
    const { code, changed } = await tenants(["add", "globex"]);
    expect(code).toBe(0);
    expect(changed).toEqual([
      { operation: "CreateGroup", GroupName: "tenant:globex", Description: "Belong to the tenant globex" },
    ]);
  });

  it("list counts people and machine clients, also where a tenant has machine clients only", async () => {
    const of = (tenant: string) => ({
      UserPoolClient: {
        ClientName: "Billing",
        AllowedOAuthFlows: ["client_credentials"],
        AllowedOAuthScopes: [tenant],
      },
    });
    const answers = { ...groups("operators", "tenant:globex"), ...onePerson };
    expect((await tenants(["list"], answers)).stdout).toBe("globex  1 person and 1 machine client (Billing)\n");
    const { stdout } = await tenants(["list", "--json"], {
      ...answers,
      ListUserPoolClients: { UserPoolClients: [{ ClientId: "1example23456789", ClientName: "Billing" }] },
      DescribeUserPoolClient: of("tenant/initech"),
    });
    expect(JSON.parse(stdout)).toEqual([
      { id: "globex", people: 1, clients: [] },
      { id: "initech", people: 0, clients: ["Billing"] },
    ]);
  });

  it("remove deletes the group of a tenant that nobody belongs to", async () => {
    const { code, stdout, changed } = await tenants(["remove", "globex"], noClients);
    expect({ code, changed }).toEqual({ code: 0, changed: deletion });
    expect(stdout).toContain("Its data stays.");
  });

  it.each<[string, Answers, string]>([
    ["people", { ...onePerson, ...noClients }, "1 person and 0 machine clients"],
    ["machine clients", {}, "0 people and 1 machine client (Billing)"],
  ])("remove is refused while %s belong to the tenant, unless it is forced", async (_who, answers, message) => {
    const refused = await tenants(["remove", "globex"], answers);
    expect(refused).toMatchObject({ code: 1, changed: [] });
    expect(refused.stderr).toContain(`the tenant globex has ${message}: remove them first, or give --force`);
    expect(await tenants(["remove", "globex", "--force"], answers)).toMatchObject({ code: 0, changed: deletion });
  });

  it("remove of a tenant that the stage declares is refused, even by force", async () => {
    const { code, stderr, changed } = await tenants(["remove", "acme", "--force"], groups("tenant:acme"));
    expect({ code, changed }).toEqual({ code: 1, changed: [] });
    expect(stderr).toContain("infra/stage.ts");
  });

  it.each([
    [[], "No action: expected add, list, remove"],
    [["add"], "add: expected one tenant id"],
    [["add", "a", "b"], "add: expected one tenant id"],
    [["list", "a"], "list: expected no id"],
    [["add", "Acme"], "Acme: expected 1 to 40 lower-case letters, digits and hyphens"],
  ])("%j changes nothing", async (argv, message) => {
    const { code, stderr, changed } = await tenants(argv);
    expect({ code, changed }).toEqual({ code: 2, changed: [] });
    expect(stderr).toContain(message);
  });
});
