// Runs the commands of README.md, CONTRIBUTING.md and docs/ in a clone, page by page, with the
// backend running offline. A block "console aws" needs an AWS account, and a block
// "console example" has names to replace: neither is run.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { cloneRepository } from "./clone";
import { holds, stop } from "./server";

/** Commands that take minutes: CI runs them, or they are soaks and benchmarks themselves. */
const RUN_ELSEWHERE = /^(npx --yes pnpm@12|pnpm) (test|soak|bench|screenshots)\b/;
/** The backend is already running when a page begins. */
const STARTS_BACKEND = /^(npx --yes pnpm@12|pnpm) offline( --stage dev)?$/;
const NOT_RUN = new Set(["aws", "example"]);

interface Block {
  /** The word after `console` in the fence. */
  tag: string;
  lines: string[];
}

const clone = cloneRepository();
const { scripts } = JSON.parse(readFileSync(path.join(clone.folder, "package.json"), "utf8"));
const pages = ["README.md", "CONTRIBUTING.md", ...pagesIn("docs")];
clone.pnpm("check");
const counts = { run: 0, aws: 0, example: 0, elsewhere: 0 };
for (const page of pages) await runPage(page);
const { run, aws, example, elsewhere } = counts;
console.log(`${run} commands run; not run: ${aws} need AWS, ${example} are examples, ${elsewhere} are run elsewhere`);

async function runPage(page: string): Promise<void> {
  const text = readFileSync(path.join(clone.folder, page), "utf8");
  for (const name of unknownScripts(text)) holds(`${page}: "pnpm ${name}" is a command`, false);
  const commands = blocksOf(text).flatMap(({ tag, lines }) => {
    const found = commandsOf(lines);
    if (tag === "aws" || tag === "example") counts[tag] += found.length;
    return NOT_RUN.has(tag) ? [] : found;
  });
  const here = commands.filter((command) => !RUN_ELSEWHERE.test(command) && !STARTS_BACKEND.test(command));
  counts.elsewhere += commands.length - here.length;
  if (here.length === 0) return;
  const server = await clone.serve();
  try {
    const port = Number(new URL(server.url).port);
    const used = here.map((command) =>
      command.replaceAll("127.0.0.1:3000", `127.0.0.1:${port}`).replaceAll("127.0.0.1:3001", `127.0.0.1:${port + 1}`),
    );
    for (const [index, failure] of runAll(used).entries()) {
      counts.run++;
      holds(`${page}: ${here[index]?.split("\n")[0]}${failure}`, failure === "");
    }
  } finally {
    await stop(server);
    clone.git("reset", "--hard", "--quiet");
    clone.git("clean", "-fdq");
  }
}

/** Runs the commands in one shell, as a reader would. Returns the failure of each, or "". */
function runAll(commands: string[]): string[] {
  const steps = commands.map((command, index) => `${command}\necho "exit ${index} $?" >&3`);
  const script = ['pnpm() { npx --yes pnpm@12 "$@"; }', ...steps].join("\n");
  const result = spawnSync("bash", ["-c", script], {
    cwd: clone.folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    maxBuffer: 2 ** 28,
    env: { ...process.env, AWS_ACCESS_KEY_ID: "any", AWS_SECRET_ACCESS_KEY: "any", AWS_REGION: "us-east-1" },
  });
  const codes = new Map(
    Array.from(String(result.output[3]).matchAll(/^exit (\d+) (\d+)$/gm), ([, index, code]) => [Number(index), code]),
  );
  const stderr = result.stderr.trim().split("\n").slice(-3).join(" | ");
  return commands.map((_, index) => {
    const code = codes.get(index);
    return code === "0" ? "" : ` (exit code ${code ?? "unknown"}: ${stderr})`;
  });
}

function blocksOf(text: string): Block[] {
  return Array.from(text.matchAll(/^```console *(\w*)\n([\s\S]*?)^```$/gm), ([, tag = "", content = ""]) => ({
    tag,
    lines: content.split("\n"),
  }));
}

/** Commands follow a `$`. An incomplete one continues in the next line. Other lines are output. */
function commandsOf(lines: string[]): string[] {
  const commands: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    if (!lines[at]?.startsWith("$ ")) continue;
    let command = lines[at]?.slice(2) ?? "";
    while (!isComplete(command) && at + 1 < lines.length) command += `\n${lines[++at]}`;
    commands.push(command);
  }
  return commands;
}

function isComplete(command: string): boolean {
  return !command.endsWith("\\") && spawnSync("bash", ["-n", "-c", command]).status === 0;
}

/** Returns the words after `pnpm` in code that are neither scripts nor commands of pnpm. */
function unknownScripts(text: string): string[] {
  const names = Array.from(text.matchAll(/[`$] ?(?:npx --yes pnpm@12|pnpm) (?:--silent )?(?:run )?([a-z][\w-]*)/g));
  const known = new Set([...Object.keys(scripts), "install", "exec", "add", "dlx"]);
  return [...new Set(names.flatMap(([, name = ""]) => (known.has(name) ? [] : [name])))];
}

function pagesIn(folder: string): string[] {
  const names = readdirSync(path.join(clone.folder, folder)).filter((name) => name.endsWith(".md"));
  return names.map((name) => `${folder}/${name}`);
}
