import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { begunOf } from "@backend/testing/serving";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type FixtureProject, fixtureProject } from "../test/project";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const launch = path.join(repository, "packages/launch/launch.mjs");
const main = fileURLToPath(new URL("./main.ts", import.meta.url));

let project: FixtureProject;
const children: ChildProcess[] = [];
beforeAll(() => {
  const slow = "console.log('begun'); await new Promise((r) => setTimeout(r, 400));";
  project = fixtureProject({
    "GET /quick": { source: 'export const handler = async () => "quick";' },
    "GET /slow": { source: `export const handler = async () => { ${slow} return "slow"; };` },
    "GET /endless": {
      source:
        "export const handler = async () => { console.log('begun'); await new Promise((r) => setTimeout(r, " +
        "20_000)); };",
      lambda: { timeout: 25 },
    },
  });
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});
afterAll(() => project.remove());

/** Runs `pnpm offline` as pnpm starts it: in the repository, with the user's folder in INIT_CWD. */
function run(...args: string[]) {
  const env = { ...process.env, INIT_CWD: path.dirname(project.folder) };
  const child = spawn(process.execPath, [launch, main, ...args], { cwd: repository, env });
  children.push(child);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += chunk));
  child.stderr.on("data", (chunk) => (output.stderr += chunk));
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { child, output, ended };
}
const outputsFile = () => path.join(project.folder, ".offline/dev/outputs.json");

async function serving(...args: string[]) {
  rmSync(outputsFile(), { force: true });
  const running = run("--project", project.folder, "--port", "0", ...args);
  await expect.poll(() => running.output.stdout).toContain("not simulated");
  const { url, accessLogFile } = JSON.parse(readFileSync(outputsFile(), "utf8")) as Record<string, string>;
  return { ...running, url: url ?? "", accessLogFile: accessLogFile ?? "" };
}

describe("wrong usage", () => {
  it.each([
    [
      ["--stage", "nope"],
      'no graph of stage "nope"',
      "there are graphs of dev, prod, test",
      'pnpm synth --stage nope"',
    ],
    [["--stage", "sources"], 'no graph of stage "sources"'],
    [["--stage", "../dev"], "--stage ../dev: expected letters, digits and hyphens"],
    [["--project", "/no/such/folder"], "--project /no/such/folder: no such folder"],
    [["--port", "70000"], "--port 70000: expected 0 to 65535"],
    [["--port", "http"], "--port http: expected 0 to 65535"],
    [["--prot", "3000"], "Unknown option '--prot': expected --stage, --port", 'Run "pnpm offline --help"'],
    [["dev"], "Unexpected argument 'dev'", 'Run "pnpm offline --help"'],
  ])("%j: the error names the expected value, with exit code 2", async (args, ...expected) => {
    const { ended, output } = run(...args);
    expect(await ended).toBe(2);
    for (const text of expected) expect(output.stderr).toContain(text);
    expect(output.stderr).not.toMatch(/^\s+at /m);
  });

  it("a port in use: the error names the port and the option, with exit code 2", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { ended, output } = run("--project", project.folder, "--port", String(port));
    expect(await ended).toBe(2);
    expect(output.stderr).toMatch(new RegExp(`^port ${port} .*--port\nRun "pnpm offline --help" for help.\n$`));
    server.close();
  });

  it("a graph that cannot be served: the error names the fault, with exit code 1", async () => {
    const route = { authorizationType: "CUSTOM" };
    for (const broken of [
      fixtureProject({ "GET /a": { source: "", route } }),
      fixtureProject({}, { format: "$context.status" }),
    ]) {
      const { ended, output } = run("--project", broken.folder, "--port", "0");
      expect(await ended).toBe(1);
      expect(output.stderr).toMatch(/^(route "GET \/a" requires CUSTOM|the access-log format does not contain).*\n$/);
      broken.remove();
    }
  });
});

it("--help lists the options, with exit code 0", async () => {
  const { ended, output } = run("--help");
  expect(await ended).toBe(0);
  for (const option of ["--stage NAME", "--port N", "--project DIR", "--help"]) expect(output.stdout).toContain(option);
});

describe("a running stage", () => {
  it("resolves --project from the user's current folder", async () => {
    const { url } = await serving("--project", path.basename(project.folder));
    expect((await fetch(`${url}/quick`)).status).toBe(200);
  });

  it("ends without an error when the reader of its output has ended", async () => {
    const { child, ended, output, url } = await serving();
    child.stdout.destroy();
    await fetch(`${url}/quick`).catch(() => {});
    expect([await ended, output.stderr]).toEqual([0, ""]);
  });

  it("prints its URL, one line for all first builds, and each request", async () => {
    rmSync(path.join(project.folder, ".offline"), { recursive: true, force: true });
    const { url, output } = await serving();
    expect(output.stdout).toContain("building 3 functions…");
    await expect.poll(() => output.stdout).toMatch(/^3 functions built in [\d.]+ s$/m);
    expect(output.stdout).not.toContain("F0 built");
    expect(output.stdout).toContain(`curl -i ${url}/quick`);
    expect(await (await fetch(`${url}/quick`)).text()).toBe("quick");
    await expect.poll(() => output.stdout).toMatch(/ 200 GET {5}\/dev\/quick +\d+ ms\n/);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("ends with exit code 0 on %s, after running requests", async (signal) => {
    const { child, ended, output, url } = await serving();
    await (await fetch(`${url}/slow`)).text();
    const begun = begunOf(project.folder, "F1");
    const running = fetch(`${url}/slow`);
    await expect.poll(() => begunOf(project.folder, "F1")).toBe(begun + 1);
    child.kill(signal);
    expect(await (await running).text()).toBe("slow");
    expect(await ended).toBe(0);
    expect(output.stderr).toBe("");
  });

  it("ends at once on a second Ctrl-C", async () => {
    const { child, ended, url } = await serving();
    await (await fetch(`${url}/quick`)).text();
    const running = fetch(`${url}/endless`).catch(() => "cut");
    await expect.poll(() => begunOf(project.folder, "F2")).toBe(1);
    child.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 700)); // a person is slower than a package manager
    child.kill("SIGINT");
    expect(await ended).toBe(130); // 128 + the number of the signal, as in shells
    expect(await running).toBe("cut");
  });

  it("ignores a second signal that follows at once, as a package manager's", async () => {
    const { child, ended, url } = await serving();
    await (await fetch(`${url}/slow`)).text();
    const begun = begunOf(project.folder, "F1");
    const running = fetch(`${url}/slow`);
    await expect.poll(() => begunOf(project.folder, "F1")).toBe(begun + 1);
    child.kill("SIGINT");
    child.kill("SIGTERM");
    expect(await (await running).text()).toBe("slow");
    expect(await ended).toBe(0);
  });

  it("when killed, has logged every request that got a response, and can start again", async () => {
    const { child, ended, url, accessLogFile } = await serving();
    const answered: string[] = [];
    const client = async () => {
      for (;;) answered.push((await fetch(`${url}/quick`)).headers.get("apigw-requestid") ?? "");
    };
    const clients = Array.from({ length: 8 }, () => client().catch(() => {}));
    await expect.poll(() => answered.length).toBeGreaterThan(500);
    child.kill("SIGKILL");
    await Promise.all([ended, ...clients]);
    const lines = readFileSync(accessLogFile, "utf8").split("\n").slice(0, -1);
    const logged = new Set(
      lines.map((line) => (JSON.parse(line) as { message: { requestId: string } }).message.requestId),
    );
    expect(answered.filter((id) => !logged.has(id))).toEqual([]);

    writeFileSync(accessLogFile, '{"timestamp":1,"mess', { flag: "a" });
    const again = await serving();
    expect(again.output.stdout).toContain("(20 bytes)");
    expect((await fetch(`${again.url}/quick`)).status).toBe(200);
    for (const line of readFileSync(accessLogFile, "utf8").trimEnd().split("\n")) JSON.parse(line);
  });
});
