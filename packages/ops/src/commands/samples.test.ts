import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

import { awsServer } from "../../test/aws-server";
import { accessLogLine, folder, GROUP, offlineProject, run } from "../../test/run";

const REPOSITORY = fileURLToPath(new URL("../../../..", import.meta.url));
const PAGES = ["README.md", ...readdirSync(path.join(REPOSITORY, "docs")).map((name) => path.join("docs", name))];
/**
 * `ops report` and `ops logs` with what stands behind them, up to the end of the code or of the
 * table's cell.
 */
const SAMPLE = /\bops ((?:report|logs)(?: [^`|#\n]*)?)(?=[`|#\n])/g;

const SAMPLES = PAGES.filter((page) => page.endsWith(".md")).flatMap((page) => {
  const text = readFileSync(path.join(REPOSITORY, page), "utf8");
  return Array.from(text.matchAll(SAMPLE), ([, command = ""]) => [page, command.trim()] as const);
});

it.each(SAMPLES)("%s: ops %s runs as written", async (_page, command) => {
  const dir = folder();
  const line = accessLogLine({ requestTimeEpoch: Date.now() - 1000, status: 500 });
  mkdirSync(path.join(dir, "exports"));
  for (const file of ["FILE", "exports/000000"]) writeFileSync(path.join(dir, file), `${line}\n`);
  const { url } = await awsServer({ logGroups: [{ name: GROUP, events: [{ timestamp: Date.now(), message: line }] }] });
  const project = offlineProject({ accessLogGroup: GROUP, awsEndpointUrl: url });
  const [name = "", ...options] = command
    .replace(/--stage \S+|--offline/, `--offline --project ${project}`)
    .replace("FILE...", "FILE")
    .replace("<id>", "JCJM3j95PHcEJHg=")
    .split(/ +/);
  const target = name === "logs" && !options.includes("--project") ? ["--offline", "--project", project] : [];
  expect(await run([name, ...options, ...target], { cwd: dir, stdin: line })).toMatchObject({ code: 0 });
});
