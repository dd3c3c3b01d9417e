import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { fixtureConfig } from "../../test/function-config";
import { createFunction, type LambdaFunction } from "./function";

let folder: string;
let lambda: LambdaFunction;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "process-")));
  const bundle = path.join(folder, "task/bundle.mjs");
  mkdirSync(path.join(folder, "task/sub"), { recursive: true });
  mkdirSync(path.join(folder, "other"));
  writeFileSync(path.join(folder, "task/a.txt"), "a");
  writeFileSync(
    bundle,
    `import cp from "node:child_process";
     import fs, { readFileSync } from "node:fs";
     import { readFile } from "node:fs/promises";
     import path from "node:path";
     import { promisify } from "node:util";
     const other = ${JSON.stringify(path.join(folder, "other"))};
     const AsyncFunction = (async () => {}).constructor;
     export const handler = async ({ code }) => {
       process.chdir(process.env.LAMBDA_TASK_ROOT);
       return await new AsyncFunction("cp", "fs", "path", "promisify", "readFile", "readFileSync", "other", code)(
         cp, fs, path, promisify, readFile, readFileSync, other);
     };`,
  );
  const stream = { name: "stream", file: path.join(folder, "stream.ndjson") };
  lambda = createFunction(
    { ...fixtureConfig, timeoutMs: 20_000 },
    () => stream,
    () => {},
  );
  lambda.replaceBundle(bundle);
});
afterAll(async () => {
  await lambda.stop();
  rmSync(folder, { recursive: true });
});

async function run(code: string): Promise<unknown> {
  const result = await lambda.invoke(JSON.stringify({ code }), "").result;
  return result.ok ? JSON.parse(result.json) : result;
}

// On Lambda, the runtime is a process whose current folder is the folder of the function's code.
it.each<[string, string, (folder: string) => unknown]>([
  ["process.cwd", "return process.cwd();", (at) => `${at}/task`],
  ["process.chdir", "process.chdir(other); process.chdir('..'); return process.cwd();", (at) => at],
  [
    "path.resolve",
    "process.chdir(other); return [path.resolve('x'), path.relative('.', '../y')];",
    (at) => [`${at}/other/x`, "../y"],
  ],
  [
    "readFileSync",
    "return [readFileSync('a.txt', 'utf8'), fs.existsSync('sub'), fs.readdirSync('.').length];",
    () => ["a", true, 3],
  ],
  [
    "readFile",
    "return [await readFile('a.txt', 'utf8'), await promisify(fs.readFile)('./a.txt', 'utf8')];",
    () => ["a", "a"],
  ],
  ["buffers", "return readFileSync(Buffer.from('a.txt'), 'utf8');", () => "a"],
  [
    "absolute paths and URLs",
    "return [readFileSync(other + '/../task/a.txt', 'utf8'), readFileSync(new URL('file://' + other + " +
      "'/../task/a.txt'), 'utf8')];",
    () => ["a", "a"],
  ],
  [
    "descriptors",
    "const d = fs.openSync('a.txt'); const text = readFileSync(d, 'utf8'); fs.closeSync(d); return text;",
    () => "a",
  ],
  [
    "streams",
    "process.chdir(other); await new Promise((done) => fs.createWriteStream('s.txt').end('s', done)); return " +
      "readFileSync(other + '/s.txt', 'utf8');",
    () => "s",
  ],
  [
    "two paths",
    "fs.copyFileSync('a.txt', '../other/c.txt'); process.chdir(other); fs.renameSync('c.txt', 'd.txt'); await " +
      "fs.promises.cp('d.txt', 'e.txt'); return fs.existsSync('e.txt');",
    () => true,
  ],
  [
    "symbolic links",
    "process.chdir(other); fs.symlinkSync('../task/a.txt', 'link'); return readFileSync('link', 'utf8');",
    () => "a",
  ],
  [
    "realpath.native",
    "return [fs.realpathSync.native('sub'), fs.realpathSync('sub')];",
    (at) => [`${at}/task/sub`, `${at}/task/sub`],
  ],
  [
    "child processes",
    "process.chdir(other); return [cp.execSync('pwd'), cp.spawnSync('pwd').stdout, cp.execFileSync('pwd', " +
      "['-P']), (await promisify(cp.exec)('pwd')).stdout, (await " +
      "promisify(cp.execFile)('pwd')).stdout].map((text) => String(text).trim());",
    (at) => Array(5).fill(`${at}/other`),
  ],
  [
    "child processes with an explicit folder",
    "return [cp.execSync('pwd', { cwd: 'sub' }), cp.spawnSync('pwd', [], { cwd: '/' }).stdout].map((text) => " +
      "String(text).trim());",
    (at) => [`${at}/task/sub`, "/"],
  ],
])("works in the function's folder: %s", async (_title, code, expected) => {
  expect(await run(code)).toEqual(expected(folder));
});

it.each([
  ["nothing", "process.chdir('none');", "ENOENT"],
  ["a file", "process.chdir('a.txt');", "ENOTDIR"],
  ["no text", "process.chdir(1);", "ERR_INVALID_ARG_TYPE"],
])("cannot change to %s", async (_title, code, expected) => {
  expect(await run(`try { ${code} } catch (error) { return [error.code, process.cwd()]; }`)).toEqual([
    expected,
    `${folder}/task`,
  ]);
});

it("does not change the server's current folder", () => {
  expect([process.cwd() === path.join(folder, "other"), existsSync("a.txt")]).toEqual([false, false]);
  expect(readdirSync(folder)).toContain("other");
  expect(readFileSync(path.join(folder, "task/a.txt"), "utf8")).toBe("a");
});
