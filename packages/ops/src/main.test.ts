import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { expect, it, onTestFinished } from "vitest";

import { awsServer } from "../test/aws-server";
import { GROUP, offlineProject } from "../test/run";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const launch = path.join(repository, "packages/launch/launch.mjs");
const main = fileURLToPath(new URL("./main.ts", import.meta.url));

/** `pnpm ops`, as pnpm starts it. */
function start(argv: string[]) {
  const child = spawn(process.execPath, [launch, main, ...argv], { cwd: repository });
  onTestFinished(() => void child.kill("SIGKILL"));
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += chunk));
  child.stderr.on("data", (chunk) => (output.stderr += chunk));
  return { child, output, ended: once(child, "close").then(([code]) => code as number | null) };
}

it("runs as a program: an answer, and an exit code", async () => {
  const { child, output, ended } = start(["report", "--json"]);
  child.stdin.end("not json\n");
  expect(await ended).toBe(1);
  expect(JSON.parse(output.stdout)).toMatchObject({ lines: 1, requests: 0 });
  expect(output.stderr).toContain("--fields status=NAME");
});

it("Ctrl-C ends what follows a log", async () => {
  const { url, calls } = await awsServer({ logGroups: [{ name: GROUP }] });
  const project = offlineProject({ accessLogGroup: GROUP, awsEndpointUrl: url });
  const { child, output, ended } = start(["logs", "--offline", "--follow", "--project", project]);
  await expect.poll(() => calls.length).toBeGreaterThan(1);
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(output.stderr.split("\n")).toHaveLength(2); // the stage, and its line break
});

it("Ctrl-C ends what waits for standard input", async () => {
  const { child, output, ended } = start(["report"]);
  // More than a pipe holds: when all of it is written, the report is reading.
  const written = new Promise((done) => child.stdin.write(" ".repeat(1_000_000), done));
  child.stdin.on("error", () => undefined); // it goes away
  await written;
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(output).toEqual({ stdout: "", stderr: "" });
});
