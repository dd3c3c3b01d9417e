import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { expect, it, onTestFinished } from "vitest";

import { main } from "./reference/cli";

async function reference(argv: string[], options?: Parameters<typeof main>[2]) {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) });
  const code = await main(argv, { stdout: output("stdout"), stderr: output("stderr") }, options);
  return { code, ...written };
}

it("docs/reference/ is up to date with the code and the committed graphs", async () => {
  expect(await reference(["--check"])).toEqual({ code: 0, stdout: "", stderr: "" });
});

it("--check names each page that is out of date and writes nothing; without it, the pages are written", async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "reference-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const pages = new Map(Object.entries({ "a.md": "new", "b.md": "new", "c.md": "same" }));
  const options = { folder, pagesOf: () => pages };
  for (const [name, text] of Object.entries({ "a.md": "old", "c.md": "same", "d.md": "deleted page" }))
    writeFileSync(path.join(folder, name), text);

  const { code, stdout, stderr } = await reference(["--check"], options);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr.match(/\w\.md/g)).toEqual(["a.md", "b.md", "d.md"]);
  expect(stderr).toContain('Run "pnpm reference"');
  expect(readFileSync(path.join(folder, "a.md"), "utf8")).toBe("old");

  expect((await reference([], options)).code).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(["a.md", "b.md", "c.md"]);
  expect(await reference(["--check"], options)).toEqual({ code: 0, stdout: "", stderr: "" });
});
