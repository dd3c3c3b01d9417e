import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { main } from "./cli";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "synth-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function synth(...argv: string[]) {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) });
  const code = await main(argv, { stdout: output("stdout"), stderr: output("stderr"), cwd: folder });
  return { code, ...written };
}

describe("pnpm synth", () => {
  it("prints its help", async () => {
    const { code, stdout, stderr } = await synth("--help");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("\nUsage: pnpm synth [--stage NAME]");
  });

  it.each([
    [["--stage", "../../x"], "--stage ../../x: expected letters, digits and hyphens"],
    [["--stage", "dev", "--stage", "dev/../prod"], "--stage dev/../prod: expected letters, digits and hyphens"],
    [["--stage", "a\u001b[2Jb\n"], "--stage a\\u001b[2Jb\\u000a: expected"],
    [["--stagee", "dev"], "Unknown option '--stagee': expected --stage, --project"],
    [["dev"], "Unexpected argument 'dev'"],
    [["--project", "."], ": expected a folder with sst.config.ts"],
  ])("exits with 2 for %j, and writes nothing", async (argv, message) => {
    const { code, stdout, stderr } = await synth(...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(readdirSync(folder)).toEqual([]);
  });
});
