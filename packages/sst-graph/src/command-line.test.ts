import { describe, expect, it } from "vitest";

import { parseCommandLine, reportError, UsageError } from "./command-line";

const HELP = "Usage: pnpm command\n";
const DEFAULT = ["dev"];
const OPTIONS = {
  stage: { type: "string", multiple: true, default: DEFAULT },
  port: { type: "string" },
} as const;
const parse = (...argv: string[]) => parseCommandLine(argv, OPTIONS, HELP).values;

describe("parseCommandLine", () => {
  it("returns the options, with their defaults, and help", () => {
    expect(parse("--port", "3000")).toEqual({ stage: ["dev"], port: "3000", help: false });
    expect(parse("--help", "--stage", "a-1", "--stage=B2")).toEqual({ stage: ["a-1", "B2"], help: true });
  });

  it("returns files where the command takes them", () => {
    const { positionals } = parseCommandLine(["a.log", "-"], {}, HELP, { files: true });
    expect(positionals).toEqual(["a.log", "-"]);
  });

  it.each([
    [["--sicne", "1h"], "Unknown option '--sicne'"],
    [["--port"], "Option '--port <value>' argument missing"],
    [["--help=no"], "Option '--help' does not take an argument"],
    [["extra"], "Unexpected argument 'extra'. This command does not take positional arguments"],
  ])("says in one line what is wrong about %j, with the help", (argv, message) => {
    expect(() => parse(...argv)).toThrow(new UsageError(`${message}\n\n${HELP}`));
  });

  // Names of stages: https://sst.dev/docs/reference/cli/ ("letters, numbers and hyphens").
  it.each([
    ...["../x", "dev/../prod", "..", ".", "", "/etc/passwd", "dev.json", "de v", "dev\n", "dev\0", "dév", "a\\b"],
    "x".repeat(65),
  ])("takes no stage %j", (stage) => {
    expect(() => parse("--stage", "dev", `--stage=${stage}`)).toThrow(/expected letters, digits and hyphens/);
  });

  // Clear the screen; a C1 control; right-to-left override; a line of its own.
  it.each(["\u001b[2J", "\u009b31m", "\u202e", "\nError: no", "\u0007", "\r"])("echoes %j escaped", (attack) => {
    for (const argv of [[`--stage=a${attack}b`], [`--unknown${attack}`], [`extra${attack}`]]) {
      const message = messageOf(() => parse(...argv)).replace(HELP, "");
      expect(message.trimEnd()).not.toMatch(/\p{Cc}|\u202e/u);
    }
  });
});

describe("reportError", () => {
  it.each<[unknown, number, string]>([
    [new UsageError("--x: expected y"), 2, "--x: expected y\n"],
    [new Error("broken\u001b[2J"), 1, "broken\\u001b[2J\n"],
    ["a text", 1, "a text\n"],
  ])("of %j is %d and the message alone", (error, code, text) => {
    let stderr = "";
    expect(reportError(error, { stderr: { write: (part) => (stderr += part) } })).toBe(code);
    expect(stderr).toBe(text);
  });
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}
