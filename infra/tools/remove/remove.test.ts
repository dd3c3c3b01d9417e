import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { REPOSITORY } from "@backend/sst-graph/repository";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { main } from "./cli";
import { cutNoun } from "./marks";
import { planOf, removableNouns } from "./plan";

const FILES: Record<string, string> = {
  "packages/core/src/orders/order.ts": "export const order = 1;\n",
  "packages/core/src/greeting/greeting.ts": "export const greeting = 1;\n",
  "packages/functions/src/orders/handler.ts": "export const handler = 1;\n",
  "packages/console/src/nouns/orders/page.tsx": "export default 1;\n",
  "packages/tool/src/orders/other.ts": "export const theirs = 1;\n",
  "infra/orders.ts": "export const table = 1;\n",
  "infra/orders.test.ts": "export const test = 1;\n",
  "infra/orders-of-others.ts": "export const other = 1;\n",
  "docs/orders.md": "# Orders\n",
  "docs/orders-of-a-day.md": "# Of a day\n",
  "docs/reorders.md": "# Other\n",
  "README.md": "# App\n\nIt takes orders. <!-- #line orders -->\nIt runs.\n",
  "sst.config.ts": "// #region orders\nconst orders = 1;\n// #endregion orders\nconst rest = 1; // #line greetings\n",
};

let project: string;
beforeEach(() => {
  project = mkdtempSync(path.join(os.tmpdir(), "remove-"));
  for (const [file, text] of Object.entries(FILES)) write(file, text);
  git("init", "-q");
  git("add", "-A");
  git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "fixture");
});
afterEach(() => rmSync(project, { recursive: true }));

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: project, encoding: "utf8" });
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
  writeFileSync(path.join(project, file), text);
}

async function remove(argv: string[], { answer, fails = "" }: { answer?: string; fails?: string } = {}) {
  const ran: string[] = [];
  let [out, err] = ["", ""];
  const code = await main(argv, {
    project,
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    ask: answer === undefined ? undefined : async () => answer,
    run(...command) {
      ran.push(command.join(" "));
      return command[0] === fails ? 1 : 0;
    },
  });
  return { code, out, err, ran, changed: git("status", "--porcelain").trimEnd() };
}

describe("pnpm run remove", () => {
  it("deletes the noun's files and empty folders, cuts marks, formats, and writes graphs and reference", async () => {
    const { code, ran, out, changed } = await remove(["orders", "--yes"]);
    expect(code).toBe(0);
    expect(changed.split("\n").map((line) => line.trim())).toEqual([
      "M README.md",
      "D docs/orders-of-a-day.md",
      "D docs/orders.md",
      "D infra/orders.test.ts",
      "D infra/orders.ts",
      "D packages/console/src/nouns/orders/page.tsx",
      "D packages/core/src/orders/order.ts",
      "D packages/functions/src/orders/handler.ts",
      "M sst.config.ts",
    ]);
    expect(readFileSync(path.join(project, "sst.config.ts"), "utf8")).toBe("const rest = 1; // #line greetings\n");
    expect(readFileSync(path.join(project, "README.md"), "utf8")).toBe("# App\n\nIt runs.\n");
    expect(readdirSync(path.join(project, "packages")).sort()).toEqual(["core", "tool"]);
    expect(ran).toEqual(["exec biome check --write sst.config.ts", "synth", "reference"]);
    expect(out).toContain("orders is removed: 7 files, and parts of 2. Next:");
  });

  it("says with --dry-run what it would delete and cut, and changes nothing", async () => {
    write("infra/stage.ts", "export const stages = 1;\n"); // an uncommitted file is no reason to refuse
    const { code, out, ran, changed } = await remove(["orders", "--dry-run"]);
    expect([code, ran, changed]).toEqual([0, [], "?? infra/stage.ts"]);
    expect(out.split("\n").slice(-4)).toEqual([
      "deleted  packages/functions/src/orders/handler.ts",
      "cut      README.md (1 lines from 3 on)",
      "cut      sst.config.ts (3 lines from 1 on)",
      "",
    ]);
  });

  it.each([
    ["a noun that nobody knows", ["invoices", "--yes"], "expected one noun: orders"],
    ["a folder of core that sst.config.ts does not mark", ["greeting", "--yes"], "expected one noun: orders"],
    ["no noun", [], "expected one noun: orders"],
    ["two nouns", ["orders", "greeting"], "expected one noun: orders"],
    ["neither --yes nor a terminal", ["orders"], "expected --yes, or a terminal to ask on"],
  ])("refuses %s", async (_title, argv, message) => {
    const { code, err, changed } = await remove(argv);
    expect([code, changed]).toEqual([2, ""]);
    expect(err.split("\n")[0]).toBe(message);
  });

  it("refuses a working tree with changes, unless it is forced to", async () => {
    write("README.md", "# Mine\n");
    const { code, err, changed } = await remove(["orders", "--yes"]);
    expect([code, changed]).toEqual([2, " M README.md".trimEnd()]);
    expect(err).toContain("README.md differs from the last commit: commit your changes, or use --force");
    expect((await remove(["orders", "--yes", "--force"])).code).toBe(0);
  });

  it("asks on a terminal, and does nothing without a yes", async () => {
    expect(await remove(["orders"], { answer: "" })).toMatchObject({ code: 1, changed: "", ran: [] });
    expect((await remove(["orders"], { answer: "y" })).code).toBe(0);
  });

  it("leaves what is generated as it is with --no-synth", async () => {
    const { code, ran } = await remove(["orders", "--yes", "--no-synth"]);
    expect(code).toBe(0);
    expect(ran.map((command) => command.split(" ")[0])).toEqual(["exec"]);
  });

  it("fails where a command does", async () => {
    const { code, err } = await remove(["orders", "--yes"], { fails: "synth" });
    expect([code, err]).toEqual([1, "pnpm synth failed: see above\n"]);
  });
});

describe("a cut", () => {
  it.each([
    ["a region", "a\n// #region x\nb\n// #endregion x\nc\n", "a\nc\n"],
    [
      "a region of Markdown, with one of the empty lines around it",
      "a\n\n<!-- #region x -->\nb\n<!-- #endregion x -->\n\nc\n",
      "a\n\nc\n",
    ],
    ["a region of YAML", "a:\n  # #region x\n  b: 1\n  # #endregion x\n", "a:\n"],
    ["lines", "a\nb, // #line x\nc <!-- #line x -->\nd\n", "a\nd\n"],
    [
      "nothing of another noun",
      "a // #line xy\n// #region y\n// #endregion y\n",
      "a // #line xy\n// #region y\n// #endregion y\n",
    ],
    ["no text that only speaks of a mark", 'say("// #line x");\n', 'say("// #line x");\n'],
  ])("takes %s", (_title, text, expected) => {
    expect(cutNoun(text, "x", "a.ts").text).toBe(expected);
  });

  it.each([
    ["// #region x\n", 'a.ts:1: "#region x" has no "#endregion x"'],
    ["a\n// #endregion x\n", 'a.ts:2: "#endregion x" without a region'],
    ["// #region x\n// #region x\n// #endregion x\n", 'a.ts:2: "#region x" within the one of line 1'],
  ])("of %j is refused", (text, message) => {
    expect(() => cutNoun(text, "x", "a.ts")).toThrow(message);
  });
});

describe("this repository's nouns", () => {
  // What is left type-checks and passes all tests: `pnpm soak remove`.
  it("have marks with counterparts, and nothing that stays imports anything of theirs", () => {
    expect(removableNouns(REPOSITORY).flatMap(strayImports)).toEqual([]);
  });
});

/** Imports of what a noun's removal deletes, in what it leaves. */
function strayImports(noun: string): string[] {
  const { deleted, edited } = planOf(REPOSITORY, noun);
  const gone = deleted.filter((file) => /\.tsx?$/.test(file)).map((file) => file.replace(/\.tsx?$/, ""));
  const left = execFileSync("git", ["ls-files", "-z", "--", "*.ts", "*.tsx"], { cwd: REPOSITORY, encoding: "utf8" })
    .split("\0")
    .filter((file) => file !== "" && !deleted.includes(file));
  const texts = new Map(edited.map(({ file, text }) => [file, text]));
  return left.flatMap((file) => {
    const text = texts.get(file) ?? readFileSync(path.join(REPOSITORY, file), "utf8");
    const imported = [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, name = ""]) => name);
    return imported.filter((name) => gone.includes(targetOf(file, name))).map((name) => `${file}: ${name}`);
  });
}

/** Path of an imported module in the repository, without its ending. */
function targetOf(file: string, name: string): string {
  if (name.startsWith(".")) return path.join(path.dirname(file), name).replace(/\.tsx?$/, "");
  return name.replace(/^@backend\/([\w-]+)\//, "packages/$1/src/");
}
