// Measures cold starts: the import and first invocation of each function in a new process, compared
// with an empty handler and a typical stack. It uses the installed Node.js and Lambda's version.
// Nouns add their functions in nouns.ts.
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median } from "@backend/testing/median";
import { generate } from "selfsigned";
import { createBundler } from "../src/lambda/bundle";
import { type Case, PUT, QUERY, request } from "./cold/case";
import { COLD_NOUNS } from "./nouns";

const ROUNDS = 11;
const repository = fileURLToPath(new URL("../../..", import.meta.url));
const here = "packages/sst-offline/bench/cold";
const folder = mkdtempSync(path.join(os.tmpdir(), "cold-"));

const nouns = await Promise.all(COLD_NOUNS.map(async (load) => (await load()).COLD));

const cases: Case[] = [
  { name: "empty", handler: `${here}/empty.handler`, event: {}, status: 200 },
  { name: "typical stack, put", handler: `${here}/typical.put`, event: PUT, status: 201 },
  { name: "typical stack, query", handler: `${here}/typical.query`, event: QUERY, status: 200 },
  {
    name: "SecureBackendFunction",
    handler: "packages/functions/src/greeting.handler",
    event: request("ANY /SecureBackendFunction", {}, { method: "GET" }),
    status: 200,
  },
  ...nouns.flatMap(({ cases }) => cases),
];

interface Measured {
  importMs: number;
  invokeMs: number;
}

const warm = nouns.flatMap(({ warm }) => warm ?? []);
const table = await startTable();
const bundles = new Map<string, { file: string; event: string; bytes: number }>();
for (const [index, { name, handler, event }] of [...cases, ...warm].entries()) {
  const bundler = createBundler(
    repository,
    { name, handler, runtime: "nodejs24.x", nodejs: { minify: true } },
    path.join(folder, String(index)),
  );
  const { file } = await bundler.build();
  await bundler.close();
  const eventFile = path.join(folder, `${index}.json`);
  writeFileSync(eventFile, JSON.stringify(event));
  bundles.set(name, { file, event: eventFile, bytes: statSync(file).size });
}

for (const node of [process.execPath, node24()]) {
  const measured = new Map<string, Measured[]>(cases.map(({ name }) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const one of round % 2 === 0 ? cases : cases.toReversed()) {
      const figures = await run(node, one);
      if (round > 0) measured.get(one.name)?.push(figures);
    }
  }
  report(execFileSync(node, ["--version"]).toString().trim(), measured);
  for (const one of warm) {
    const { us, bareUs } = (await run(node, one, "run-warm.mjs")) as unknown as { us: number; bareUs: number };
    console.log(`${one.name}: ${us.toFixed(1)} us; a bare handler ${bareUs.toFixed(2)} us.\n`);
  }
}
table.close();
rmSync(folder, { recursive: true });

async function run(node: string, { name, handler, status }: Case, runner = "run.mjs"): Promise<Measured> {
  const { file = "", event = "" } = bundles.get(name) ?? {};
  const args = [path.join(repository, here, runner), file, handler.slice(handler.lastIndexOf(".") + 1), event];
  const { stdout } = await promisify(execFile)(node, args, { env: table.env });
  const lastLine = stdout.trim().split("\n").at(-1) ?? ""; // earlier lines are the handler's log
  const { statusCode, body, ...figures } = JSON.parse(lastLine);
  if (statusCode !== status) throw new Error(`${name}: expected ${status}, found ${statusCode}: ${body}`);
  return figures;
}

function report(version: string, measured: Map<string, Measured[]>): void {
  console.log(`Node.js ${version}, medians of ${ROUNDS} alternating processes each; the table is a stub with TLS.\n`);
  console.log("| handler | bundle KB | import ms | first invocation ms | sum / typical stack |");
  console.log("| --- | --: | --: | --: | --: |");
  for (const { name, against } of cases) {
    const figures = measured.get(name) ?? [];
    const peers = measured.get(against ?? "") ?? [];
    const ratios = figures.map((figure, round) => both(figure) / both(peers[round]));
    const cells = [
      name,
      Math.round((bundles.get(name)?.bytes ?? 0) / 1024),
      median(figures.map(({ importMs }) => importMs)).toFixed(1),
      median(figures.map(({ invokeMs }) => invokeMs)).toFixed(1),
      against === undefined ? "" : median(ratios).toFixed(2),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
  console.log();
}

function both(figure: Measured | undefined): number {
  return figure === undefined ? Number.NaN : figure.importMs + figure.invokeMs;
}

/** Returns the path of the newest Node.js 24 from the npm registry. */
function node24(): string {
  const args = ["--yes", "--package", "node@24", "--", "node", "--print", "process.execPath"];
  return execFileSync("npx", args, { stdio: ["ignore", "pipe", "ignore"] })
    .toString()
    .trim();
}

/** Starts a stub of DynamoDB. Every call succeeds, and queries find nothing. */
async function startTable() {
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
  });
  const server = createServer({ cert, key }, (request, response) => {
    request.resume().on("end", () => {
      response.setHeader("content-type", "application/x-amz-json-1.0");
      response.end(String(request.headers["x-amz-target"]).endsWith(".Query") ? '{"Items":[],"Count":0}' : "{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const authority = path.join(folder, "ca.pem");
  writeFileSync(authority, cert);
  const env = {
    PATH: process.env.PATH,
    NODE_EXTRA_CA_CERTS: authority,
    AWS_ENDPOINT_URL: `https://localhost:${(server.address() as AddressInfo).port}`,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "bench",
    AWS_SECRET_ACCESS_KEY: "bench",
    TABLE: "table",
    ORIGIN_SECRETS: "none",
    ...Object.assign({}, ...nouns.map(({ environment }) => environment)),
  };
  return { env, close: () => server.close() };
}
