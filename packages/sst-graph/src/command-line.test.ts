import { describe, expect, it } from "vitest";

import { type Command, type CommandValues, runCommand, UsageError } from "./command-line";

const COMMAND = {
  name: "pnpm command",
  about: "Does something.",
  usage: ["[--stage NAME]... [--port N]", "--help"],
  details: "It takes a while.",
  options: {
    stage: { type: "string", multiple: true, default: ["dev"], value: "NAME", about: "a stage; may be repeated" },
    port: { type: "string", value: "N", about: `a port${", or another one".repeat(6)}` },
  },
  exitCodes: { 1: "something does not work" },
} as const satisfies Command;
const FILES = { ...COMMAND, arguments: {} };
const NAMES = { ...COMMAND, arguments: { title: "Names", choices: { http: "requests", log: "lines" } } };

async function run(argv: string[], command: Command = COMMAND, work: () => number = () => 0) {
  const result = { stdout: "", stderr: "", values: {}, positionals: [] as string[] };
  const streams = {
    stdout: { write: (text: string) => (result.stdout += text) },
    stderr: { write: (text: string) => (result.stderr += text) },
  };
  const code = await runCommand(command, argv, streams, (values, positionals) => {
    Object.assign(result, { values, positionals });
    return work();
  });
  return { code, ...result };
}

describe("the arguments", () => {
  it("are the options with their defaults, and positional arguments if the command accepts them", async () => {
    const values: Partial<CommandValues<typeof COMMAND>> = { stage: ["dev"], port: "3000" };
    expect(await run(["--port", "3000"])).toMatchObject({ code: 0, values, positionals: [] });
    expect((await run(["--stage", "a-1", "--stage=B2"])).values).toMatchObject({ stage: ["a-1", "B2"] });
    expect((await run(["a.log", "-"], FILES)).positionals).toEqual(["a.log", "-"]);
    expect((await run(["log"], NAMES)).positionals).toEqual(["log"]);
  });

  it.each<[string[], Command, string]>([
    [["--sicne", "1h"], COMMAND, "Unknown option '--sicne': expected --stage, --port, --help"],
    [["--port"], COMMAND, "Option '--port <value>' argument missing"],
    [["--help=no"], COMMAND, "Option '--help' does not take an argument"],
    [["extra"], COMMAND, "Unexpected argument 'extra': expected --stage, --port, --help"],
    [["htpp"], NAMES, "Unexpected argument 'htpp': expected http, log"],
    [["toString"], NAMES, "Unexpected argument 'toString': expected http, log"],
  ])(
    "%j gives an error with the found and the expected arguments, and a hint at the help",
    async (argv, command, message) => {
      const { code, stdout, stderr } = await run(argv, command);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toBe(`${message}\nRun "pnpm command --help" for help.\n`);
    },
  );

  // Names of stages: https://sst.dev/docs/reference/cli/ ("letters, numbers and hyphens").
  it.each([
    ...["../x", "dev/../prod", "..", ".", "", "/etc/passwd", "dev.json", "de v", "dev\n", "dev\0", "dév", "a\\b"],
    "x".repeat(65),
  ])("do not accept %j as a stage", async (stage) => {
    const { code, stderr } = await run(["--stage", "dev", `--stage=${stage}`]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/expected letters, digits and hyphens/);
  });

  // Clear screen, C1 control, right-to-left override, new line.
  it.each(["\u001b[2J", "\u009b31m", "\u202e", "\nError: no", "\u0007", "\r"])(
    "print %j only escaped",
    async (attack) => {
      for (const argv of [[`--stage=a${attack}b`], [`--unknown${attack}`], [`extra${attack}`]]) {
        const { stderr } = await run(argv);
        expect(stderr).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
        expect(stderr.split("\n")).toHaveLength(3);
      }
    },
  );
});

it("--help only prints a sentence, the usage, the options and the exit codes", async () => {
  const { code, stdout, stderr, values } = await run(["--help"]);
  expect({ code, stderr, values }).toEqual({ code: 0, stderr: "", values: {} });
  expect(stdout).toBe(`Does something.

Usage: pnpm command [--stage NAME]... [--port N]
       pnpm command --help

It takes a while.

Options:
  --stage NAME  a stage; may be repeated
  --port N      a port, or another one, or another one, or another one, or another one, or another
                one, or another one
  --help        shows this text

Exit codes:
  0  success
  1  something does not work
  2  wrong usage
`);
  expect((await run(["--help"], NAMES)).stdout).toContain("\n\nNames:\n  http  requests\n  log   lines\n\nOptions:\n");
});

it.each<[unknown, number, string]>([
  [new UsageError("--x: expected y"), 2, '--x: expected y\nRun "pnpm command --help" for help.\n'],
  [new Error("broken\u001b[2J"), 1, "broken\\u001b[2J\n"],
  ["a text", 1, "a text\n"],
])("an error prints only its message, without a stack trace: %j", async (error, code, text) => {
  const failing = () => {
    throw error;
  };
  expect(await run([], COMMAND, failing)).toMatchObject({ code, stdout: "", stderr: text });
});
