// Turns a clone into another team's app, without the audit sample and with a new noun. It must pass
// all checks, serve requests, and merge a later version of this repository. Prints the machine time
// of each step.
import { appendFileSync } from "node:fs";
import path from "node:path";

import { APP } from "@backend/testing/app";

import { cloneRepository } from "./clone";
import { holds, stop } from "./server";

/** Files that may contain the old names, each with a reason. */
const MAY_NAME: [pattern: RegExp, reason: string][] = [
  [/^(README|CHANGELOG)\.md$|^LICENSE$|^docs\//, "prose and figures"],
  [/\.test\.tsx?$|\/(test|bench)\/|^packages\/testing\//, "tests with fixed names"],
];
/** Logical names and a route that the lab requires. */
const LAB = /SecureBackend(API|Function)\w*/g;

const { folder, git, commit, pnpm, serve, token } = cloneRepository();
git("branch", "upstream");

const names = ["--name", "acme-api", "--prefix", "Acme", "--region", "us-east-1", "--owner", "payments-team"];
pnpm("adopt", ...names, "--remove", "audit");
commit("Adopt the backend");

pnpm("new", "orders", "--fields", "customer:string,total:number");
git("add", "-A");
countFiles(git("status", "--porcelain"));
commit("Orders");

pnpm("check");
pnpm("policy", "--stage", "prod");
pnpm("test");

const server = await serve();
try {
  await checkRequests(`${server.url}/orders`);
} finally {
  await stop(server);
}
checkOldNames();
mergeUpstream();

/** Counts the files that `pnpm new` created and changed, without generated files. */
function countFiles(status: string): void {
  const isGenerated = (file: string) => /^infra\/graph\/|openapi\.json$|^docs\/reference\//.test(file);
  const files = status
    .split("\n")
    .filter((line) => line !== "")
    .map((line): [kind: string, file: string] => [line.slice(0, 2).trim(), line.slice(3)])
    .filter(([, file]) => !isGenerated(file));
  const made = files.filter(([kind]) => kind === "A").length;
  const changed = files.length - made;
  holds(`pnpm new made ${made} files and changed ${changed}`, made <= 12 && changed <= 4);
}

/** Sends requests of callers of each kind to the new noun, and checks the status. */
async function checkRequests(url: string): Promise<void> {
  const body = JSON.stringify({ customer: "Ada", total: 12.5 });
  const send = (bearer: string | undefined, init: RequestInit = {}, id = "") =>
    fetch(`${url}${id}`, {
      ...init,
      headers: { "content-type": "application/json", ...(bearer && { authorization: `Bearer ${bearer}` }) },
    });
  const create = (bearer?: string) => send(bearer, { method: "POST", body });
  const member = token("--user", "ada", "--group", "orders", "--group", "tenant:acme");
  const created = await create(member);
  const { id } = (await created.json()) as { id: string };
  const statuses: [who: string, expected: number, found: number][] = [
    ["POST without a token", 401, (await create()).status],
    ["POST by a person without a group", 403, (await create(token("--user", "bob"))).status],
    ["POST by a person of the group", 201, created.status],
    ["GET of the same tenant", 200, (await send(member, {}, `/${id}`)).status],
    [
      "GET of another tenant",
      404,
      (await send(token("--user", "eve", "--group", "tenant:globex"), {}, `/${id}`)).status,
    ],
  ];
  for (const [who, expected, found] of statuses) holds(`${who} gets ${found}`, found === expected);
}

function checkOldNames(): void {
  const names = new RegExp(`${APP.name}|${APP.prefix}|${APP.region}`);
  const left = git("grep", "-nIE", names.source)
    .split("\n")
    .filter((line) => names.test(line.replaceAll(LAB, "")))
    .filter((line) => !MAY_NAME.some(([pattern]) => pattern.test(line.slice(0, line.indexOf(":")))));
  holds(`${left.length} other lines contain an old name\n${left.join("\n")}`, left.length === 0);
}

/** Merges a later version that changes every source file outside the owner's folders. */
function mergeUpstream(): void {
  git("checkout", "-q", "upstream");
  const ours =
    /^(packages\/(platform|console|ops|sst-graph|sst-policy|sst-offline)\/src|infra\/(components|tools))\/.*\.tsx?$/;
  const files = git("ls-files")
    .split("\n")
    .filter((file) => ours.test(file) && !/\baudit\b/.test(file));
  for (const file of files) appendFileSync(path.join(folder, file), "// A later version.\n");
  commit("A later version");
  git("checkout", "-q", "-");
  git("merge", "-q", "--no-edit", "upstream"); // throws on a conflict
  holds(`a later version that changes ${files.length} files merges without a conflict`, true);
}
