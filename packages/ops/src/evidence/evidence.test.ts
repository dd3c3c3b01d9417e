import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { main } from "./cli";
import { sbomOf } from "./sbom";
import { RESULTS_FILE, recordTestedState } from "./tested";

const REPOSITORY = fileURLToPath(new URL("../../../..", import.meta.url));
/** Epoch seconds of the fixture's commit. */
const COMMITTED = 1_795_426_200;

let project: string;
const git = (...args: string[]) => {
  const date = `${COMMITTED} +0000`;
  const env = { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: project, env });
};
const results = (changes: object = {}) => ({
  testResults: [
    {
      name: path.join(project, "b.test.ts"),
      assertionResults: [{ fullName: "b works", status: "passed", duration: Math.random() }],
    },
    {
      name: path.join(project, "a.test.ts"),
      assertionResults: [{ fullName: "a works", status: "passed", duration: 1 }],
    },
  ],
  ...changes,
});

beforeAll(() => {
  project = mkdtempSync(path.join(os.tmpdir(), "evidence-"));
  mkdirSync(path.join(project, "infra/graph"), { recursive: true });
  for (const file of ["infra/graph/prod.json", "pnpm-lock.yaml", "package.json"]) {
    copyFileSync(path.join(REPOSITORY, file), path.join(project, file));
  }
  for (const file of ["a.test.ts", "b.test.ts"]) writeFileSync(path.join(project, file), "");
  writeFileSync(path.join(project, ".gitignore"), "evidence/\nnode_modules/\n");
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "fixture");
});
beforeEach(() => {
  rmSync(path.join(project, "evidence"), { recursive: true, force: true });
});
afterAll(() => rmSync(project, { recursive: true }));

/** Simulates a run of vitest, during which `meanwhile` happens. */
function run(given: object, meanwhile = () => {}): void {
  const ended = recordTestedState(project);
  meanwhile();
  mkdirSync(path.join(project, path.dirname(RESULTS_FILE)), { recursive: true });
  writeFileSync(path.join(project, RESULTS_FILE), JSON.stringify(given));
  ended();
}

async function evidence(given: object, ...args: string[]) {
  run(given);
  return await runCli(...args);
}

async function runCli(...args: string[]) {
  let [out, err] = ["", ""];
  const code = await main(["--stage", "prod", ...args], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    cwd: project,
  });
  return { code, out: out.trim(), err };
}

/** Unpacks the archive with tar. */
function unpack(archive: string): Map<string, string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "unpacked-"));
  execFileSync("tar", ["xf", archive, "-C", folder, "--strip-components=1"]);
  const files = readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), "utf8")] as const);
  rmSync(folder, { recursive: true });
  return new Map(files);
}

describe("pnpm evidence", () => {
  it("creates the same archive for different durations of the tests", async () => {
    const first = await evidence(results());
    const bytes = readFileSync(first.out);
    const second = await evidence(results());
    expect([first.code, first.err, second.out]).toEqual([0, "", first.out]);
    expect(readFileSync(second.out).equals(bytes)).toBe(true);
  });

  it("has the committed graph, and a correct checksum of every file", async () => {
    const files = unpack((await evidence(results())).out);
    expect(files.get("graph.json")).toBe(readFileSync(path.join(project, "infra/graph/prod.json"), "utf8"));
    const sums =
      files
        .get("SHA256SUMS")
        ?.trim()
        .split("\n")
        .map((line) => line.split("  ")) ?? [];
    expect(sums.map(([, name]) => name).sort()).toEqual(
      [...files.keys()].filter((name) => name !== "SHA256SUMS").sort(),
    );
    for (const [sum, name = ""] of sums) {
      expect(
        createHash("sha256")
          .update(files.get(name) ?? "")
          .digest("hex"),
      ).toBe(sum);
    }
  });

  it("lists tests in the order of their files, with relative paths", async () => {
    const tests = unpack((await evidence(results())).out).get("tests.json") ?? "";
    expect(JSON.parse(tests)).toEqual({
      counts: { passed: 2 },
      files: [
        { file: "a.test.ts", tests: [{ name: "a works", status: "passed" }] },
        { file: "b.test.ts", tests: [{ name: "b works", status: "passed" }] },
      ],
    });
  });

  it("is created with failed tests, and exits with 1", async () => {
    const given = results();
    given.testResults[0]?.assertionResults.push({ fullName: "b breaks", status: "failed", duration: 1 });
    const { code, out, err } = await evidence(given);
    expect([code, err]).toEqual([1, "The archive was created, but 1 tests failed.\n"]);
    expect(unpack(out).get("README.md")).toContain("1 failed, 2 passed");
  });

  it.each<[string, object, string]>([
    ["without some tests", { testResults: [] }, "of 2 files are missing, such as a.test.ts"],
    ["of another format", { testResults: 7 }, "not output of vitest's json reporter"],
  ])("rejects results %s", async (_title, change, message) => {
    const { code, out, err } = await evidence(results(change));
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(message);
  });

  it("rejects uncommitted changes, except with --allow-dirty", async () => {
    writeFileSync(path.join(project, "new.txt"), "");
    try {
      expect(await evidence(results())).toMatchObject({ code: 1, err: expect.stringContaining("new.txt") });
      const { code, out } = await evidence(results(), "--allow-dirty");
      expect(code).toBe(0);
      expect(unpack(out).get("README.md")).toContain("1 files differ from the commit: new.txt");
    } finally {
      rmSync(path.join(project, "new.txt"));
    }
  });

  it("rejects results of another commit", async () => {
    git("commit", "-q", "--allow-empty", "-m", "before");
    run(results());
    git("commit", "-q", "--amend", "--allow-empty", "-m", "after");
    expect(await runCli()).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringMatching(/^the tests ran on \w{12}, /),
    });
  });

  it("rejects results of other uncommitted changes", async () => {
    const file = path.join(project, "a.test.ts");
    writeFileSync(file, "changed");
    try {
      run(results());
      writeFileSync(file, "changed again");
      expect(await runCli("--allow-dirty")).toMatchObject({ code: 1, err: expect.stringContaining("with changes") });
    } finally {
      git("checkout", "-q", "a.test.ts");
    }
    expect(await runCli()).toMatchObject({ code: 1, err: expect.stringContaining("with changes") });
  });

  it("rejects results of a run that files changed during, or that did not end", async () => {
    const file = path.join(project, "new.txt");
    run(results(), () => writeFileSync(file, ""));
    rmSync(file);
    expect(await runCli()).toMatchObject({ code: 1, err: expect.stringContaining("changed while the tests ran") });
    recordTestedState(project);
    expect(await runCli()).toMatchObject({ code: 1, err: expect.stringContaining("has no test results") });
    writeFileSync(path.join(project, RESULTS_FILE), JSON.stringify(results()));
    expect(await runCli()).toMatchObject({ code: 1, err: expect.stringContaining("has no state of a complete run") });
  });

  it.each<[string[], string]>([
    [["--stage", "nope"], "there are graphs of prod;"],
    [["--stage", "../x"], "--stage ../x: expected letters, digits and hyphens"],
    [["--stage", "../../package"], "--stage ../../package: expected letters, digits and hyphens"],
    [["--nope"], "--nope"],
  ])("%j is wrong usage", async (args, message) => {
    const { code, err } = await evidence(results(), ...args);
    expect([code, err.includes(message)]).toEqual([2, true]);
  });
});

// https://cyclonedx.org/docs/1.6/json/ and https://github.com/package-url/purl-spec.
// The digest: `printf abc | openssl dgst -sha512`.
describe("sbomOf", () => {
  const lockfile = `
importers:
  .:
    dependencies:
      core: {specifier: 'workspace:*', version: 'link:packages/core'}
    devDependencies:
      alias: {specifier: 'npm:d@3.0.0', version: d@3.0.0}
  packages/core:
    optionalDependencies:
      '@a/b': {specifier: 1.0.0, version: 1.0.0(c@2.0.0)}
packages:
  '@a/b@1.0.0':
    resolution: {integrity: sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==}
  c@2.0.0:
    resolution: {integrity: sha1-AAAA}
  d@3.0.0:
    resolution: {integrity: sha1-AAAA}
snapshots:
  '@a/b@1.0.0(c@2.0.0)':
    dependencies:
      c: 2.0.0
  c@2.0.0: {}
  d@3.0.0:
    dependencies:
      c: 2.0.0
`;
  const bom = sbomOf(lockfile, { name: "x", version: "1", commit: "abc", time: 0 }) as Record<string, unknown>;

  it("has the required fields, and is the same for the same commit", () => {
    expect(bom).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1 });
    expect(bom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(bom).toEqual(sbomOf(lockfile, { name: "x", version: "1", commit: "abc", time: 0 }));
  });

  it("has each package with its URL, hash and dependencies", () => {
    expect(bom.components).toEqual([
      {
        type: "library",
        "bom-ref": "pkg:npm/%40a/b@1.0.0",
        group: "@a",
        name: "b",
        version: "1.0.0",
        purl: "pkg:npm/%40a/b@1.0.0",
        hashes: [
          {
            alg: "SHA-512",
            content:
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
          },
        ],
      },
      expect.objectContaining({ purl: "pkg:npm/c@2.0.0", name: "c", version: "2.0.0" }),
      expect.objectContaining({ purl: "pkg:npm/d@3.0.0" }),
    ]);
    expect(bom.dependencies).toEqual([
      { ref: "pkg:npm/%40a/b@1.0.0", dependsOn: ["pkg:npm/c@2.0.0"] },
      { ref: "pkg:npm/c@2.0.0", dependsOn: [] },
      { ref: "pkg:npm/d@3.0.0", dependsOn: ["pkg:npm/c@2.0.0"] },
      { ref: "pkg:generic/x@1", dependsOn: ["pkg:npm/%40a/b@1.0.0", "pkg:npm/d@3.0.0"] },
    ]);
  });

  // https://cyclonedx.org/docs/1.6/json/#components_items_scope
  it("excludes development dependencies", () => {
    const components = bom.components as { purl: string; scope?: string }[];
    expect(components.map(({ purl, scope }) => [purl, scope])).toEqual([
      ["pkg:npm/%40a/b@1.0.0", undefined],
      ["pkg:npm/c@2.0.0", undefined],
      ["pkg:npm/d@3.0.0", "excluded"],
    ]);
  });
});
