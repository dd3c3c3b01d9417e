import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";

import { REPOSITORY } from "@backend/sst-graph/repository";
import { seeded } from "@backend/testing/random";
import { SEED, sampled } from "@backend/testing/sampling";
import { afterAll, expect, it } from "vitest";

const GRAPHS = path.join(REPOSITORY, "infra/graph");

/** A project whose graph is broken, and an access log. */
const folder = mkdtempSync(path.join(os.tmpdir(), "commands-"));
mkdirSync(path.join(folder, "infra/graph"), { recursive: true });
writeFileSync(path.join(folder, "infra/graph/dev.json"), "{");
writeFileSync(path.join(folder, "access.log"), '{"status":200,"requestTimeEpoch":1764324000000}\n');
afterAll(() => rmSync(folder, { recursive: true }));

const { scripts } = JSON.parse(readFileSync(path.join(REPOSITORY, "package.json"), "utf8"));
/** Entry points of this repository's commands, by the script's name. */
const ENTRIES = new Map<string, string>(
  Object.entries<string>(scripts).flatMap(([name, script]) => {
    const [, entry] = /^node packages\/launch\/launch\.mjs (\S+)$/.exec(script) ?? [];
    return entry === undefined ? [] : [[name, entry]];
  }),
);
const SUBCOMMANDS = [
  "offline token",
  ...["smoke", "logs", "report", "users", "tenants", "clients", "doctor", "stop", "resume", "clean"].map(
    (name) => `ops ${name}`,
  ),
];
const COMMANDS = [...ENTRIES.keys(), ...SUBCOMMANDS];
/** Each command takes two processes: the suite tries some, others in each run. */
const TRIED = draw(COMMANDS, sampled({ suite: 3, soak: COMMANDS.length }).numRuns);
/** What follows `pnpm`, which has a command `remove` of its own. */
const calledAs = (command: string) => (command === "remove" ? "run remove" : command);

/** Draws `count` items without repetition. */
function draw<T>(items: readonly T[], count: number): T[] {
  const random = seeded(SEED);
  const left = [...items];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random(left.length), 1)).flat();
}

/** Runs a command as pnpm does, in the folder above. */
async function run(command: string, ...argv: string[]) {
  const [script = "", ...subcommand] = command.split(" ");
  const launch = ["packages/launch/launch.mjs", ENTRIES.get(script) ?? ""];
  const env = { ...process.env, INIT_CWD: folder };
  const options = { cwd: REPOSITORY, env, stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"] };
  const child = spawn(process.execPath, [...launch, ...subcommand, ...argv], options);
  const written = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (written.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (written.stderr += text));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, ...written };
}

it("every command of package.json is tried", () => {
  const expected = [
    "adopt",
    "bench",
    "evidence",
    "graph-diff",
    "new",
    "offline",
    "openapi",
    "ops",
    "policy",
    "reference",
    "remove",
  ];
  expect([...ENTRIES.keys()].sort()).toEqual([...expected, "screenshots", "soak", "synth", "text"]);
});

it.each(TRIED)(
  "pnpm %s has a help, and refuses an unknown option with what is expected instead",
  { tags: ["sampled"] },
  async (command) => {
    const [help, wrong] = await Promise.all([run(command, "--help"), run(command, "--no-such-option")]);

    expect(help).toMatchObject({ code: 0, stderr: "" });
    const [about = "", usage = ""] = help.stdout.split("\n\n");
    expect(about).toMatch(/^[A-Z][^\n]*\.$/);
    expect(usage).toMatch(new RegExp(`^Usage: pnpm ${calledAs(command)}(?= |$)`, "m"));
    expect(help.stdout).toMatch(/\n\nOptions:\n(?: {2}.*\n)* {2}--help .*\n\nExit codes:\n {2}0 .*\n {2}1 .*\n {2}2 /);
    expect(help.stdout.split("\n").filter((line) => line.length > 110)).toEqual([]);

    const { code, stdout, stderr } = wrong;
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^Unknown option '--no-such-option': expected .*--help\n/);
    expect(stderr.split("\n").slice(1)).toEqual([`Run "pnpm ${calledAs(command)} --help" for help.`, ""]);
  },
);

it.each<[string, string[], RegExp]>([
  ["offline", ["--project", folder], /expected a deployment graph/],
  ["policy", ["--stage", "dev", "--project", folder], /expected a deployment graph/],
  [
    "evidence",
    ["--stage", "dev", "--project", REPOSITORY, "--test-results", "nowhere.json"],
    /uncommitted changes|has no test results/,
  ],
  ["graph-diff", [folder, folder], /found no <stage>\.json/],
  ["ops logs", ["--offline", "--project", folder], /outputs\.json is not there/],
])("pnpm %s %j fails with one line and exit code 1", async (command, argv, message) => {
  const { code, stdout, stderr } = await run(command, ...argv);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(message);
  expect(stderr.split("\n")).toHaveLength(2);
});

// ops logs, smoke, doctor and clean ask a running API or AWS: their own tests have --json.
it.each<[string, string[]]>([
  ["policy", ["--json", "--stage", "prod"]],
  ["graph-diff", ["--json", GRAPHS, GRAPHS]],
  ["ops report", ["--json", path.join(folder, "access.log")]],
])("pnpm %s %j prints JSON alone", async (command, argv) => {
  const { code, stdout } = await run(command, ...argv);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toBeTypeOf("object");
});
