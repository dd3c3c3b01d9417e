import { writeFileSync } from "node:fs";
import path from "node:path";
import { APP, withPrefix } from "@backend/testing/recorded";
import { describe, expect, it } from "vitest";
import { awsServer } from "../test/aws-server";
import { awsProject, folder, GROUP, offlineProject, run } from "../test/run";

const COMMANDS = ["smoke", "logs", "report", "users", "tenants", "clients", "doctor", "stop", "resume", "clean"];

describe("help", () => {
  it("lists the commands", async () => {
    const { code, stdout } = await run(["--help"]);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
  });

  it.each(COMMANDS)("%s --help says how it is used, and asks nobody", async (command) => {
    const { code, stdout, stderr } = await run([command, "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`Usage: pnpm ops ${command}`);
    expect(stdout).toContain("--stage NAME");
  });
});

describe("wrong usage", () => {
  it.each([
    [[], "No command: expected smoke, logs, report, users, tenants, clients, doctor, stop, resume, clean"],
    [["toString"], "Unexpected argument 'toString': expected smoke, logs, report, users, tenants, clients, doctor"],
    [["logs", "--sicne", "10m"], "Unknown option '--sicne': expected --since", 'Run "pnpm ops logs --help"'],
    [["logs", "extra"], "Unexpected argument 'extra'"],
    [["logs"], "Which stage? Expected --stage NAME (on AWS) or --offline"],
    [["logs", "--stage", "../dev"], "--stage ../dev: expected letters, digits and hyphens"],
    ...COMMANDS.map((command): [string[], string] => [
      [command, "--stage", "dev/../prod\u001b[2J"],
      "--stage dev/../prod\\u001b[2J: expected letters, digits and hyphens",
    ]),
    [["logs", "--stage", "dev", "--since", "10"], "--since 10: expected a time span such as 90s, 10m, 24h or 7d"],
    [["logs", "--stage", "dev", "--since", "0m"], "--since 0m: expected a time span"],
    [["logs", "--stage", "dev", "--since", "99999999d"], "--since 99999999d: expected a time span of at most 18250d"],
    [["clean", "--unused-for", "999999999999d"], "--unused-for 999999999999d: expected a time span of at most"],
    [["logs", "--stage", "dev", "--from", "yesterday"], "--from yesterday: expected a moment such as 2026-11-23"],
    [["logs", "--stage", "dev", "--from", "2026-13-01"], "--from 2026-13-01: expected a moment"],
    [["logs", "--stage", "dev", "--to", "2026-11-23"], "--to needs --from"],
    [["logs", "--stage", "dev", "--since", "1h", "--from", "2026-11-23"], "--since and --from: expected one of them"],
    [["logs", "--stage", "dev", "--from", "2026-11-23", "--to", "2026-11-23"], "expected a moment after --from"],
    [["logs", "--stage", "dev", "--status", "6xx"], "--status 6xx: expected statuses such as 404, 5xx or 4xx,500"],
    [["logs", "--stage", "dev", "--follow", "--request", "x"], "--follow runs on"],
    [["smoke", "--stage", "dev", "--timeout", "soon"], "--timeout soon: expected a time span"],
    [["smoke", "--stage", "dev", "--url", "example.com"], "--url example.com: expected an http(s) URL"],
    [["report", "--format", "pdf"], "--format pdf: expected text, json, md, html"],
    [["report", "--json", "--format", "md"], "--json and --format md: expected one of them"],
    [["report", "/no/such/file"], "/no/such/file: there is no such file"],
    [["report", "--since", "1h"], "choose from a log group"],
    [["report", "--stage", "dev", "x.log"], "x.log: expected files or a stage, not both"],
    [["report", "--fields", "status"], "--fields status: expected FIELD=NAME with FIELD one of requestId"],
    [["report", "--fields", "toString=x"], "--fields toString=x: expected FIELD=NAME"],
    [["report", "--privacy-key", "k"], "--privacy-key is of use with --privacy only"],
    [
      ["report", "--privacy", "--privacy-key", "/no/key"],
      "--privacy-key /no/key: expected a file of at least 32 bytes",
    ],
    [["stop", "--stage", "dev", "A", "B"], "expected one FUNCTION, or none"],
    [["stop", "--stage", "dev", "--yes", "prod"], "--yes prod: expected the name of the stage to stop, --yes dev"],
    [["doctor", "--offline"], "doctor looks at an AWS account"],
    [["clean", "--offline"], "clean looks at an AWS account"],
  ])("%j fails with what was expected, and exit code 2", async (argv, ...expected) => {
    const { code, stdout, stderr } = await run(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    for (const text of expected) expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe("the stage that is talked to", () => {
  const range = ["--from", "2026-11-23", "--to", "2026-11-24"];

  // SST's rule: letters, digits and hyphens. A stage is part of file names and names in AWS.
  it.each(
    COMMANDS.flatMap((command) =>
      ["../dev", "dev/../prod", "", "a b", "dev\n", "\u001b[2J"].map((stage) => [command, stage]),
    ),
  )("%s refuses the stage %j", async (command, stage) => {
    const { url, calls } = await awsServer();
    const { code, stderr } = await run([command, "--stage", stage, "--project", awsProject(url)]);
    expect({ code, calls }).toEqual({ code: 2, calls: [] });
    expect(stderr).toContain("expected letters, digits and hyphens");
    expect(stderr).not.toContain("\u001b");
  });

  it("is named, with its place", async () => {
    const { url } = await awsServer({ logGroups: [{ name: GROUP }] });
    const project = awsProject(url);
    const { code, stderr } = await run(["logs", "--stage", "dev", "--project", project, ...range]);
    expect(code).toBe(0);
    expect(stderr).toBe(`Stage dev, AWS ${APP.region}, ${GROUP}\n`);
  });

  it("has the log group of the deployment graph, in a clone that never deployed", async () => {
    const { url, calls } = await awsServer();
    for (const stage of ["dev", "prod", "ada"]) {
      const { stderr } = await run(["logs", "--stage", stage, "--project", awsProject(url)]);
      expect(stderr).toContain("Is the stage deployed, in this account and region?");
      const { input } = calls.findLast(({ operation }) => operation === "FilterLogEvents") ?? {};
      expect(input?.logGroupName).toBe(`/aws/apigateway/${withPrefix("SecureBackendAPI")}/${stage}`);
    }
  });

  it("is asked for by hand in a project without graphs", async () => {
    await awsServer();
    const { code, stderr } = await run(["logs", "--stage", "dev", "--project", folder(), "--region", APP.region]);
    expect(code).toBe(1);
    expect(stderr).toContain("dev.json declares no access log; or give --log-group");
  });

  it("is looked for where its URL says that it is, and else where its graph does", async () => {
    const { url } = await awsServer({ logGroups: [{ name: GROUP }] });
    const project = awsProject(url);
    const argv = ["logs", "--stage", "ada", "--project", project, "--log-group", GROUP, ...range];
    expect((await run(argv)).stderr).toContain(`Stage ada, AWS ${APP.region}`);
    const far = [...argv, "--url", "https://a1.execute-api.us-west-2.amazonaws.com/ada"];
    expect((await run(far)).stderr).toContain("Stage ada, AWS us-west-2");
    expect((await run([...far, "--region", "eu-north-1"])).stderr).toContain("Stage ada, AWS eu-north-1");
  });

  it("is named without what would act on a terminal", async () => {
    const { url } = await awsServer();
    const argv = ["logs", "--stage", "dev", "--project", awsProject(url), "--log-group", "a\u001b[2J\u009b\nb"];
    const { stderr } = await run([...argv, "--url", "https://x\u202e.example"]);
    expect(stderr.split("\n")[0]).toBe(
      `Stage dev, AWS ${APP.region}, https://x\\u202e.example, a\\u001b[2J\\u009b\\u000ab`,
    );
  });

  it("is offline only where it was started", async () => {
    const { code, stderr } = await run(["logs", "--offline", "--stage", "test", "--project", folder()]);
    expect(code).toBe(1);
    expect(stderr).toContain(".offline/test/outputs.json is not there: start the stage with pnpm offline --stage test");
  });

  it("is not guessed from a file that is damaged", async () => {
    const project = offlineProject({});
    writeFileSync(path.join(project, ".offline/dev/outputs.json"), '{"url":');
    const { code, stderr } = await run(["logs", "--offline", "--project", project]);
    expect(code).toBe(1);
    expect(stderr).toContain("outputs.json: expected the outputs of a stage as JSON");
  });
});

describe("failures", () => {
  it("are one line: nobody answers", async () => {
    const project = offlineProject({ accessLogGroup: GROUP, awsEndpointUrl: "http://127.0.0.1:1" });
    const { code, stderr } = await run(["logs", "--offline", "--project", project]);
    expect(code).toBe(1);
    expect(stderr.split("\n").at(-2)).toBe("Nothing listens at 127.0.0.1:1 (connection refused)");
  });

  it("are one line: AWS refuses", async () => {
    const { url } = await awsServer({ denied: ["FilterLogEvents"] });
    const project = offlineProject({ accessLogGroup: GROUP, awsEndpointUrl: url });
    const { code, stderr } = await run(["logs", "--offline", "--project", project]);
    expect(code).toBe(1);
    expect(stderr).toContain("\nAccessDeniedException: not authorized to perform FilterLogEvents\n");
  });

  it("an interruption ends at once, without a word, and with exit code 130", async () => {
    const interruption = new AbortController();
    const { url } = await awsServer({ logGroups: [{ name: GROUP }], beforeFilter: () => interruption.abort() });
    const project = offlineProject({ accessLogGroup: GROUP, awsEndpointUrl: url });
    const { code, stderr } = await run(["logs", "--offline", "--follow", "--project", project], {
      signal: interruption.signal,
    });
    expect(code).toBe(130);
    expect(stderr.split("\n")).toHaveLength(2); // the stage, and its line break
  });
});
