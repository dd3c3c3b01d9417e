import { describe, expect, it } from "vitest";

import { CLIENT, cognitoServer, secret } from "../../test/cognito-server";
import { awsProject, run } from "../../test/run";

async function clients(argv: string[], answers: Parameters<typeof cognitoServer>[0] = {}) {
  const { url, calls, changed } = await cognitoServer(answers);
  const result = await run(["clients", ...argv, "--stage", "dev", "--project", awsProject(url)]);
  return { ...result, calls, changed: changed() };
}

const twoSecrets = { ListUserPoolClientSecrets: { ClientSecrets: [secret(1795851935), secret(1548108676)] } };

describe("clients", () => {
  it("list has the machine clients, and says which the deployment graph does not declare", async () => {
    const { stdout } = await clients(["list"]);
    expect(stdout).toMatch(/^Billing \(not in the deployment graph\)\n/);
    expect(stdout).toMatch(/tenant +globex\n +scopes +traffic\/read\n +secrets +made 2019-01-21T22:11:16Z\n$/);
  });

  it("secret is on standard output alone", async () => {
    const { code, stdout, stderr } = await clients(["secret", "Billing"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "CLIENT_SECRET\n" });
    expect(stderr).not.toContain("CLIENT_SECRET");
    expect(stderr).toContain("on standard output and nowhere else");
  });

  it("secret that Cognito does not return is an error that leads on", async () => {
    const DescribeUserPoolClient = {
      UserPoolClient: { ClientName: "Billing", AllowedOAuthFlows: ["client_credentials"] },
    };
    const { code, stderr } = await clients(["secret", "Billing"], { DescribeUserPoolClient });
    expect(code).toBe(1);
    expect(stderr).toContain("pnpm ops clients rotate Billing");
  });

  it("rotate makes a second secret and deletes none", async () => {
    const { code, stdout, stderr, changed } = await clients(["rotate", "Billing"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "NEW_SECRET\n" });
    expect(changed).toEqual([{ operation: "AddUserPoolClientSecret", ClientId: CLIENT }]);
    expect(stderr).toContain("pnpm ops clients rotate Billing --finish");
    expect(stderr).not.toContain("NEW_SECRET");
  });

  it("rotate --finish deletes the older of two", async () => {
    const { code, changed } = await clients(["rotate", "Billing", "--finish"], twoSecrets);
    expect(code).toBe(0);
    expect(changed).toEqual([
      { operation: "DeleteUserPoolClientSecret", ClientId: CLIENT, ClientSecretId: `${CLIENT}--1548108676` },
    ]);
  });

  it.each([
    ["a rotation that has not ended", ["rotate", "Billing"], twoSecrets, "end that rotation first with --finish"],
    ["the last secret", ["rotate", "Billing", "--finish"], {}, "Billing has one secret"],
    ["a client without a secret of its own", ["rotate", "Web"], {}, "there is no machine client Web: expected Billing"],
  ])("rotate leaves %s alone", async (_what, argv, answers, message) => {
    const { code, stderr, changed } = await clients(argv, answers);
    expect({ code, changed }).toEqual({ code: 1, changed: [] });
    expect(stderr).toContain(message);
  });

  it("new prints the line for infra/stage.ts, and asks AWS nothing", async () => {
    const argv = ["new", "Ledger", "--tenant", "globex", "--scope", "traffic/read"];
    const { code, stdout, calls } = await clients(argv);
    expect({ code, calls }).toEqual({ code: 0, calls: [] });
    expect(stdout).toContain('    Ledger: { tenant: "globex", scopes: ["traffic/read"] },\n');
  });

  it.each([
    [["new", "ledger", "--tenant", "a", "--scope", "traffic/read"], "ledger: expected a name such as Billing"],
    [["new", "Ledger", "--scope", "traffic/read"], "expected --tenant ID"],
    [["new", "Ledger", "--tenant", "A", "--scope", "traffic/read"], "--tenant A: expected 1 to 40 lower-case"],
    [["new", "Ledger", "--tenant", "a"], "--scope NAME: expected at least one of"],
    [["new", "Ledger", "--tenant", "a", "--scope", "all"], "--scope all: expected at least one of"],
    [["list", "Billing"], "list: expected no name"],
    [["secret"], "secret: expected the name of one client"],
    [["delete", "Billing"], "delete: expected list, secret, rotate, new"],
  ])("%j is wrong usage", async (argv, message) => {
    const { code, stderr, calls } = await clients(argv);
    expect({ code, calls }).toEqual({ code: 2, calls: [] });
    expect(stderr).toContain(message);
  });
});
