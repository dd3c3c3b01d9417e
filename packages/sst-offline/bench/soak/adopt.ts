// A clone becomes another team's app: it is adopted without the audit sample, gets a noun, passes everything, answers
// requests, and takes a later version of this repository. Prints the machine time of each step.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { APP } from "@backend/testing/app";

const REPOSITORY = fileURLToPath(new URL("../../../..", import.meta.url));

/** Files that may hold the old names, each with the reason. */
const MAY_NAME: [pattern: RegExp, reason: string][] = [
  [/^(README|CHANGELOG)\.md$|^LICENSE$|^docs\//, "prose and figures"],
  [/\.test\.tsx?$|\/(test|bench)\/|^packages\/testing\//, "tests with names of their own"],
];
/** Logical names and a route that the lab asks for. */
const LAB = /SecureBackend(API|Function)\w*/g;

const folder = mkdtempSync(path.join(os.tmpdir(), "adopt-"));
const clone = path.join(folder, "acme-api");
let server: ChildProcess | undefined;
process.on("exit", () => {
  server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

const git = (...args: string[]) => execFileSync("git", args, { cwd: clone, encoding: "utf8" });
const AUTHOR = ["-c", "user.name=soak", "-c", "user.email=soak@example.com"];
const commit = (message: string) => git(...AUTHOR, "commit", "-qam", message);

execFileSync("git", ["clone", "-q", REPOSITORY, clone]);
git("branch", "upstream");

step("adopt", [
  ...["adopt", "--name", "acme-api", "--prefix", "Acme", "--region", "us-east-1"],
  ...["--owner", "payments-team", "--remove", "audit"],
]);
git("add", "-A");
commit("Adopt the backend");

step("new", ["new", "orders", "--fields", "customer:string,total:number"]);
git("add", "-A");
countFiles(git("status", "--porcelain"));
commit("Orders");

step("check", ["check"]);
step("policy", ["policy", "--stage", "prod"]);
step("test", ["test"]);

await requests();
leftNames();
mergeUpstream();

function step(name: string, args: string[]): void {
  const begin = performance.now();
  execFileSync("npx", ["--yes", "pnpm@12", ...args], { cwd: clone, stdio: ["ignore", "inherit", "inherit"] });
  console.log(`${name}: passes, ${((performance.now() - begin) / 1000).toFixed(0)} s`);
}

/** Counts what `pnpm new` made and changed; what other commands write is not counted. */
function countFiles(status: string): void {
  const isGenerated = (file: string) => /^infra\/graph\/|openapi\.json$|^docs\/reference\//.test(file);
  const files = status
    .split("\n")
    .filter((line) => line !== "")
    .map((line): [kind: string, file: string] => [line.slice(0, 2).trim(), line.slice(3)])
    .filter(([, file]) => !isGenerated(file));
  const made = files.filter(([kind]) => kind === "A").length;
  const changed = files.length - made;
  expectThat(made <= 12 && changed <= 4, `pnpm new made ${made} files and changed ${changed}`);
}

/** What callers of every kind get of the new noun. */
async function requests(): Promise<void> {
  const launch = ["packages/launch/launch.mjs", "infra/tools/offline.ts"];
  server = spawn(process.execPath, [...launch, "--port", "0"], { cwd: clone, stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise<string>((resolve) => {
    let text = "";
    server?.stdout?.on("data", (chunk) => {
      text += chunk;
      const [, found] = /(http:\/\/127\.0\.0\.1:\d+\/dev)\/orders\s/.exec(text) ?? [];
      if (found !== undefined) resolve(`${found}/orders`);
    });
  });
  const token = (...options: string[]) =>
    execFileSync(process.execPath, [...launch, "token", ...options], { cwd: clone, encoding: "utf8" }).trim();
  const body = JSON.stringify({ customer: "Ada", total: 12.5 });
  const send = (bearer: string | undefined, init: RequestInit = {}, id = "") =>
    fetch(`${url}${id}`, {
      ...init,
      headers: { "content-type": "application/json", ...(bearer && { authorization: `Bearer ${bearer}` }) },
    });
  const create = (bearer?: string) => send(bearer, { method: "POST", body });
  const member = token("--user", "ada", "--group", "orders", "--group", "tenant:acme");
  const answer = await create(member);
  const { id } = (await answer.json()) as { id: string };
  const statuses: [who: string, expected: number, found: number][] = [
    ["POST by nobody", 401, (await create()).status],
    ["POST by a person without a group", 403, (await create(token("--user", "bob"))).status],
    ["POST by a person of the group", 201, answer.status],
    ["GET of the same tenant", 200, (await send(member, {}, `/${id}`)).status],
    [
      "GET of another tenant",
      404,
      (await send(token("--user", "eve", "--group", "tenant:globex"), {}, `/${id}`)).status,
    ],
  ];
  for (const [who, expected, found] of statuses) expectThat(found === expected, `${who} is ${found}`);
  server.kill();
}

function leftNames(): void {
  const names = new RegExp(`${APP.name}|${APP.prefix}|${APP.region}`);
  const left = git("grep", "-nIE", names.source)
    .split("\n")
    .filter((line) => names.test(line.replaceAll(LAB, "")))
    .filter((line) => !MAY_NAME.some(([pattern]) => pattern.test(line.slice(0, line.indexOf(":")))));
  expectThat(left.length === 0, `${left.length} lines elsewhere hold an old name\n${left.join("\n")}`);
}

/** A later version that changes a file in each folder that is not the owner's. */
function mergeUpstream(): void {
  git("checkout", "-q", "upstream");
  const ours =
    /^(packages\/(platform|console|ops|sst-graph|sst-policy|sst-offline)\/src|infra\/(components|tools))\/.*\.tsx?$/;
  const files = git("ls-files")
    .split("\n")
    .filter((file) => ours.test(file) && !/\baudit\b/.test(file));
  for (const file of files) appendFileSync(path.join(clone, file), "// A later version.\n");
  commit("A later version");
  git("checkout", "-q", "-");
  git(...AUTHOR, "merge", "-q", "--no-edit", "upstream"); // throws where there is a conflict
  expectThat(true, `a later version that changes ${files.length} files merges without a conflict`);
}

function expectThat(holds: boolean, what: string): void {
  console.log(`${holds ? "holds" : "DOES NOT HOLD"}: ${what}`);
  if (!holds) process.exitCode = 1;
}
