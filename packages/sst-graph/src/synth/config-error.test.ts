import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { bundlingError, evaluationError } from "./config-error";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "config-error-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("evaluationError", () => {
  const messageOf = (stderr: string, failure?: { message: string; stack: string }) => {
    const task = path.join(folder, `task-${Math.random()}`);
    if (failure !== undefined) writeFileSync(`${task}.error`, JSON.stringify(failure));
    const bundle = path.join(folder, "program.mjs");
    return evaluationError({ project: "/project", bundle, task, stderr }).message;
  };

  it.each<[string, string, { message: string; stack: string } | undefined, RegExp]>([
    ["the error that was thrown", "noise", { message: "no such stage", stack: "" }, /: no such stage$/],
    ["the output of a crash", "FATAL ERROR: heap out of memory\n", undefined, /: FATAL ERROR: heap out of memory$/],
    ["an end without output", "", undefined, /: the evaluation ended before run\(\) completed\. /],
    // https://github.com/pulumi/pulumi/blob/v3.215.0/sdk/nodejs/runtime/debuggable.ts
    [
      "an end that Pulumi notices",
      "... that 4 promises were still active\n",
      undefined,
      /: the evaluation ended before run\(\)/,
    ],
  ])("reports %s", (_title, stderr, failure, message) => {
    expect(messageOf(stderr, failure)).toMatch(message);
    expect(messageOf(stderr, failure)).toMatch(/^\/project\/sst\.config\.ts cannot be evaluated: /);
  });

  it("truncates a long message", () => {
    expect(messageOf("", { message: "x\n".repeat(500), stack: "" }).split("\n")).toHaveLength(20);
  });
});

describe("bundlingError", () => {
  // The errors of esbuild: https://esbuild.github.io/api/#build-failures (columns begin at 0)
  it("names the location of each error", () => {
    const location = { file: "infra/stage.ts", line: 3, column: 4 };
    const errors = [
      { text: "Expected identifier", location },
      { text: "Out of files", location: null },
    ];
    expect(bundlingError("/project", { errors }).message).toBe(
      "/project/sst.config.ts cannot be bundled: infra/stage.ts:3:5: Expected identifier\n    Out of files",
    );
  });

  it("uses the message of an error without locations", () => {
    expect(bundlingError("/project", new Error("EMFILE")).message).toMatch(/cannot be bundled: EMFILE$/);
  });
});
