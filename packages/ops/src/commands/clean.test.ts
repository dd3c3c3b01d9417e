import { APP, withPrefix } from "@backend/testing/recorded";
import { describe, expect, it } from "vitest";
import { ACCOUNT, awsServer, type FakeAccount } from "../../test/aws-server";
import { awsProject, run } from "../../test/run";

const access = (stage: string) => `/aws/apigateway/${withPrefix("SecureBackendAPI")}/${stage}`;
const lambda = (stage: string) => `/aws/lambda/${withPrefix("SecureBackendFunction")}-${stage}`;
const tags = (stage: string, app: string = APP.name) => ({ "sst:app": app, "sst:stage": stage });
const DAY = 86_400_000;

/** What remains of removed stages, beside what belongs to somebody else. */
const leftovers = (): Partial<FakeAccount> => ({
  functions: [`${withPrefix("SecureBackendFunction")}-test`],
  logGroups: [
    { name: access("ada"), tags: tags("ada") },
    { name: lambda("ada"), tags: tags("ada") },
    { name: lambda("test"), tags: tags("test") }, // its function exists
    { name: access("test"), tags: tags("test", "other-app") },
    { name: access("prod"), tags: tags("prod") },
    { name: "/aws/lambda/SomethingElse-ada", tags: tags("ada") },
    { name: `/aws/lambda/${withPrefix("SecureBackendFunctions")}-ada`, tags: tags("ada") },
    { name: access("eve"), tags: { team: "x" } },
    { name: access("zoe"), tags: tags("prod") },
    // As Lambda makes it for a function of any app: without tags.
    { name: `/aws/lambda/${APP.prefix}ReadEvents-legacy` },
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
    const { code, stdout, stderr, gone, calls } = await clean(leftovers());
    expect({ code, gone }).toEqual({ code: 1, gone: [] });
    expect(calls.some(({ operation }) => operation === "DeleteLogGroup")).toBe(false);
    const [orphans = "", spared = ""] = stdout.split("Not deleted by this command\n");
    expect(orphans.match(/\/aws\/\S+/g)).toEqual([access("ada"), lambda("ada")]);
    expect(spared).toContain(`${access("prod")}  evidence, kept on removal`);
    expect(spared).toContain(`${access("test")}  it carries the tags of other-app, stage test`);
    expect(spared).toContain(`${access("eve")}  it carries the tags of something that SST did not deploy`);
    expect(spared).toContain(`${access("zoe")}  it carries the tags of ${APP.name}, stage prod`);
    expect(spared).toContain(`/aws/lambda/${APP.prefix}ReadEvents-legacy  it has no tags`);
    expect(stdout).toContain("Nothing was deleted. To delete these log groups: --stage NAME --yes NAME");
    expect(stderr).toContain(`account ${ACCOUNT}\n`);
  });

  it("deletes the orphans of the stage that --stage and --yes both name, and nothing else", async () => {
    const { code, gone, stderr } = await clean(leftovers(), ["--stage", "ada", "--yes", "ada"]);
    expect({ code, gone }).toEqual({ code: 0, gone: [access("ada"), lambda("ada")] });
    expect(stderr).toContain("Deleted 2 of 2 log groups.");
  });

  it.each(["test", "prod", "eve", "zoe", "legacy"])("finds nothing to delete in stage %s", async (stage) => {
    const { code, gone } = await clean(leftovers(), ["--stage", stage, "--yes", stage]);
    expect({ code, gone }).toEqual({ code: 0, gone: [] });
  });

  it.each([
    [["--yes", "ada"], "--yes deletes in one stage only: expected --stage NAME --yes NAME"],
    [["--stage", "ada", "--yes", "dev"], "--yes dev: expected the name of the stage to clean, --yes ada"],
    [["--stage", "ada", "--yes", "ADA"], "--yes ADA: expected the name of the stage to clean, --yes ada"],
    [["--stage", "ada", "--yes", ""], "expected the name of the stage to clean, --yes ada"],
    [["--stage", "ada", "--yes"], "'--yes <value>' argument missing"],
    [["--stage", "../ada", "--yes", "../ada"], "--stage ../ada: expected letters, digits and hyphens"],
  ])("asks AWS nothing for %j", async (argv, message) => {
    const { code, stderr, calls, gone } = await clean(leftovers(), argv);
    expect({ code, calls, gone }).toEqual({ code: 2, calls: [], gone: [] });
    expect(stderr).toContain(message);
  });

  // Untagged, tagged in part, and tagged as something else: each alone under a name of the stage.
  it.each<[string, Record<string, string> | undefined]>([
    ["without tags", undefined],
    ["with empty tags", {}],
    ["with the app's tag only", { "sst:app": APP.name }],
    ["with the stage's tag only", { "sst:stage": "ada" }],
    ["of another stage", tags("adam")],
    ["of another app", tags("ada", `${APP.name}-2`)],
    ["with tags in other letters", { "sst:app": "Secure-Backend", "sst:stage": "Ada" }],
    ["with this project's own tags only", { app: APP.name, stage: "ada" }],
  ])("does not delete a log group %s", async (_which, given) => {
    const logGroups = [{ name: lambda("ada"), ...(given && { tags: given }) }];
    const { code, gone, stdout } = await clean({ logGroups }, ["--stage", "ada", "--yes", "ada"]);
    expect({ code, gone }).toEqual({ code: 0, gone: [] });
    expect(stdout).toMatch(/^Not deleted by this command\n/);
  });

  it("does not delete a log group less than an hour old: a deployment makes it before its function", async () => {
    const group = (minutes: number) => ({
      name: lambda("ada"),
      tags: tags("ada"),
      createdAt: Date.now() - minutes * 60_000,
    });
    const confirmed = ["--stage", "ada", "--yes", "ada"];
    expect((await clean({ logGroups: [group(59)] }, confirmed)).gone).toEqual([]);
    expect((await clean({ logGroups: [group(61)] }, confirmed)).gone).toEqual([lambda("ada")]);
  });

  it.each(["GET /2015-03-31/functions", "GET /v2/apis", "ListTagsForResource"])(
    "deletes nothing where %s is not allowed: it could not know",
    async (operation) => {
      const denied = { ...leftovers(), denied: [operation] };
      const { code, gone, stderr } = await clean(denied, ["--stage", "ada", "--yes", "ada"]);
      expect({ code, gone }).toEqual({ code: 1, gone: [] });
      expect(stderr).toContain("AccessDenied");
    },
  );

  it("says which it could not delete", async () => {
    const denied = { ...leftovers(), denied: ["DeleteLogGroup"] };
    const { code, stderr } = await clean(denied, ["--stage", "ada", "--yes", "ada"]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${access("ada")} was not deleted: AccessDeniedException`);
  });

  it("has nothing to do in an empty account", async () => {
    const { code, stdout } = await clean({});
    expect({ code, stdout }).toEqual({ code: 0, stdout: "Nothing was left behind.\n" });
  });

  it("is JSON on request, with --yes too", async () => {
    expect(JSON.parse((await clean(leftovers(), ["--json"])).stdout)).toMatchObject({
      stages: ["ada", "eve", "legacy", "prod", "test", "zoe"],
      deleted: [],
    });
    const { stdout } = await clean(leftovers(), ["--json", "--stage", "ada", "--yes", "ada"]);
    expect(JSON.parse(stdout)).toMatchObject({ stages: ["ada"], deleted: [access("ada"), lambda("ada")] });
  });

  it("ignores a tag that is no stage's name", async () => {
    const resources = [{ arn: "arn:x", tags: tags("../../../etc") }];
    expect(await clean({ resources })).toMatchObject({ code: 0, stdout: "Nothing was left behind.\n" });
  });
});

describe("a personal stage", () => {
  const stage = (createdAt: number, events: number[] = []): Partial<FakeAccount> => ({
    functions: [`${withPrefix("SecureBackendFunction")}-ada`],
    apis: [{ id: "a1", name: `${withPrefix("SecureBackendAPI")}-ada`, stages: [{ stageName: "ada" }] }],
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
    const { code, stdout, gone } = await clean(account, ["--stage", "ada", "--yes", "ada", ...argv]);
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
