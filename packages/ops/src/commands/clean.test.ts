import { describe, expect, it } from "vitest";

import { awsServer, type FakeAccount } from "../../test/aws-server";
import { awsProject, run } from "../../test/run";

const access = (stage: string) => `/aws/apigateway/SecureBackendAPI/${stage}`;
const lambda = (stage: string) => `/aws/lambda/SecureBackendFunction-${stage}`;
const tags = (stage: string, app = "secure-backend") => ({ "sst:app": app, "sst:stage": stage });
const DAY = 86_400_000;

/** What remains of stages that were removed, beside what is somebody else's. */
const leftovers = (): Partial<FakeAccount> => ({
  functions: ["SecureBackendFunction-test"],
  logGroups: [
    { name: access("ada"), tags: tags("ada") },
    { name: lambda("ada") }, // as Lambda makes it: without tags
    { name: lambda("test"), tags: tags("test") }, // its function is there
    { name: access("test"), tags: tags("test", "other-app") },
    { name: access("prod"), tags: tags("prod") },
    { name: "/aws/lambda/SomethingElse-ada" },
    { name: "/aws/lambda/SecureBackendFunctions-ada" },
    { name: access("eve"), tags: { team: "x" } },
    { name: access("zoe"), tags: tags("prod") },
  ],
});
const names = (account: FakeAccount) => account.logGroups.map(({ name }) => name);

async function clean(given: Partial<FakeAccount>, argv: string[] = []) {
  const server = await awsServer(given);
  const before = names(server.account);
  const result = await run(["clean", "--project", awsProject(server.url), ...argv]);
  const after = new Set(names(server.account));
  return { ...result, calls: server.calls, gone: before.filter((name) => !after.has(name)) };
}

describe("clean", () => {
  it("lists, and deletes nothing", async () => {
    const { code, stdout, gone, calls } = await clean(leftovers());
    expect({ code, gone }).toEqual({ code: 1, gone: [] });
    expect(calls.some(({ operation }) => operation === "DeleteLogGroup")).toBe(false);
    const [orphans = "", spared = ""] = stdout.split("Never deleted here\n");
    expect(orphans.match(/\/aws\/\S+/g)).toEqual([access("ada"), lambda("ada")]);
    expect(spared).toContain(`${access("prod")}  evidence, kept on removal`);
    expect(spared).toContain(`${access("test")}  it carries the tags of other-app, stage test`);
    expect(spared).toContain(`${access("eve")}  it carries the tags of something that SST did not deploy`);
    expect(spared).toContain(`${access("zoe")}  it carries the tags of secure-backend, stage prod`);
    expect(stdout).toContain("Nothing was deleted. --yes deletes these log groups.");
  });

  it("deletes with --yes what it lists, and nothing else", async () => {
    const { code, gone, stderr } = await clean(leftovers(), ["--yes"]);
    expect({ code, gone }).toEqual({ code: 0, gone: [access("ada"), lambda("ada")] });
    expect(stderr).toContain("Deleted 2 of 2 log groups.");
  });

  it("looks at one stage alone where it is told so", async () => {
    const { gone } = await clean(leftovers(), ["--stage", "test", "--yes"]);
    expect(gone).toEqual([]);
    expect((await clean(leftovers(), ["--stage", "ada", "--yes"])).gone).toEqual([access("ada"), lambda("ada")]);
  });

  it.each(["GET /2015-03-31/functions", "GET /v2/apis", "ListTagsForResource"])(
    "deletes nothing where %s is not allowed: it could not know",
    async (operation) => {
      const { code, gone, stderr } = await clean({ ...leftovers(), denied: [operation] }, ["--yes"]);
      expect({ code, gone }).toEqual({ code: 1, gone: [] });
      expect(stderr).toContain("AccessDenied");
    },
  );

  it("says which it could not delete", async () => {
    const { code, stderr } = await clean({ ...leftovers(), denied: ["DeleteLogGroup"] }, ["--yes"]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${access("ada")} was not deleted: AccessDeniedException`);
  });

  it("has nothing to do in an empty account", async () => {
    const { code, stdout } = await clean({});
    expect({ code, stdout }).toEqual({ code: 0, stdout: "Nothing was left behind.\n" });
  });

  it("is JSON on request, with --yes too", async () => {
    const { stdout } = await clean(leftovers(), ["--json", "--yes"]);
    expect(JSON.parse(stdout)).toMatchObject({
      stages: ["ada", "eve", "prod", "test", "zoe"],
      deleted: [access("ada"), lambda("ada")],
    });
  });
});

describe("a personal stage", () => {
  const stage = (createdAt: number, events: number[] = []): Partial<FakeAccount> => ({
    functions: ["SecureBackendFunction-ada"],
    apis: [{ id: "a1", name: "SecureBackendAPI-ada", stages: [{ stageName: "ada" }] }],
    resources: [{ arn: "arn:x", tags: tags("ada") }],
    logGroups: [
      {
        name: access("ada"),
        tags: tags("ada"),
        createdAt,
        events: events.map((timestamp) => ({ timestamp, message: "{}" })),
      },
    ],
  });
  const ago = (days: number) => Date.now() - days * DAY;

  it.each<[string, Partial<FakeAccount>, string[]]>([
    ["that nobody calls", stage(ago(60)), []],
    ["that nobody has called for a month", stage(ago(60), [ago(31)]), []],
    ["that nobody has called for a week, where that is the limit", stage(ago(60), [ago(8)]), ["--unused-for", "7d"]],
    ["without an access log", { ...stage(0), logGroups: [] }, []],
  ])("%s is unused: sst removes it, we do not", async (_title, account, argv) => {
    const { code, stdout, gone } = await clean(account, [...argv, "--yes"]);
    expect({ code, gone }).toEqual({ code: 1, gone: [] });
    expect(stdout).toContain("sst remove --stage ada\n");
  });

  it.each<[string, Partial<FakeAccount>]>([
    ["that was called within a month", stage(ago(60), [ago(29)])],
    ["that is younger than a month", stage(ago(29))],
  ])("%s is in use", async (_title, account) => {
    expect(await clean(account)).toMatchObject({ code: 0, stdout: "Nothing was left behind.\n" });
  });
});

it("dev, test and prod are never unused", async () => {
  const resources = ["dev", "test", "prod"].map((stage) => ({ arn: `arn:${stage}`, tags: tags(stage) }));
  expect(await clean({ resources })).toMatchObject({ code: 0, stdout: "Nothing was left behind.\n" });
});
