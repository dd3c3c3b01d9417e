import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { BundleError, type Bundler, checkBundleOptions, createBundler, exportOf } from "./bundle";

let project: string;
beforeEach(() => {
  project = mkdtempSync(path.join(os.tmpdir(), "bundle-"));
  write("lib.ts", 'export const answer: string = "42";\n');
  write("main.ts", 'import { answer } from "./lib";\nexport const handler = async () => answer;\n');
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((bundler) => bundler.close()));
  rmSync(project, { recursive: true });
});

const write = (name: string, text: string) => writeFileSync(path.join(project, name), text);
const opened: Bundler[] = [];
const bundlerOf = (handler = "main.handler", nodejs = {}) => {
  const bundler = createBundler(
    project,
    { name: "Fixture", handler, runtime: "nodejs24.x", nodejs },
    path.join(project, ".offline"),
  );
  opened.push(bundler);
  return bundler;
};
const failureOf = (handler?: string) =>
  bundlerOf(handler)
    .build()
    .then(
      () => undefined,
      (error: unknown) => error as BundleError,
    );

describe("a bundle", () => {
  it("is an ES module of the handler and all it imports", async () => {
    const { file, inputs } = await bundlerOf().build();
    const module = (await import(pathToFileURL(file).href)) as { handler: () => Promise<string> };
    expect(await module.handler()).toBe("42");
    expect(inputs.map((input) => path.basename(input)).sort()).toEqual(["lib.ts", "main.ts"]);
  });

  // As in SST's bundles for nodejs24.x: CommonJS packages may `require` modules of Node.js.
  it("gives CommonJS code require, __filename and __dirname", async () => {
    write(
      "main.js",
      'export const handler = async () => [require("node:path").sep, typeof __dirname, typeof __filename];',
    );
    rmSync(path.join(project, "main.ts"));
    const { file } = await bundlerOf().build();
    const module = (await import(pathToFileURL(file).href)) as { handler: () => Promise<string[]> };
    expect(await module.handler()).toEqual([path.sep, "string", "string"]);
  });

  // As sst 4.17.1 builds it, although its documentation says that minify is the default.
  it("is minified only if the function declares it", async () => {
    const sizeOf = async (nodejs: object) =>
      readFileSync((await bundlerOf("main.handler", nodejs).build()).file).length;
    expect(await sizeOf({ minify: true })).toBeLessThan(await sizeOf({}));
    expect(await sizeOf({ minify: false })).toBe(await sizeOf({}));
  });

  it("has a source map in the same folder", async () => {
    const { file } = await bundlerOf().build();
    const map = JSON.parse(readFileSync(`${file}.map`, "utf8")) as { sources: string[] };
    expect(map.sources.map((source) => path.basename(source))).toContain("main.ts");
  });

  it("is reused in the next run if nothing has changed", async () => {
    expect(bundlerOf().cached()).toBeUndefined();
    const { file } = await bundlerOf().build();
    expect(bundlerOf().cached()?.file).toBe(file);
    expect(bundlerOf("main.handler", { minify: true }).cached()).toBeUndefined();
    utimesSync(path.join(project, "lib.ts"), 1, 1);
    expect(bundlerOf().cached()).toBeUndefined();
  });

  it("is outdated if a source is replaced during the build, even by an older file", async () => {
    write("other.ts", 'export const answer: string = "43";\n');
    utimesSync(path.join(project, "other.ts"), 1, 1);
    const bundler = bundlerOf();
    await bundler.build();
    const building = bundler.build();
    renameSync(path.join(project, "other.ts"), path.join(project, "lib.ts"));
    expect((await building).isOutdated).toBe(true);
  });

  it("stays on disk for one more build, because an environment may be loading it", async () => {
    const bundler = bundlerOf();
    const builds = [await bundler.build()];
    for (const text of ["43", "44", "45"]) {
      const building = bundler.build();
      write("lib.ts", `export const answer: string = "${text}";\n`);
      builds.push(await building);
      expect(builds.slice(-2).map(({ file }) => existsSync(file))).not.toContain(false);
    }
    expect(builds.map(({ isOutdated }) => isOutdated)).toEqual([false, true, true, true]);
  });

  it("is reused after the folder was copied, with other mtimes", async () => {
    const { file } = await bundlerOf().build();
    utimesSync(file, 1, 1);
    expect(bundlerOf().cached()?.file).toBe(file);
  });

  it("is not reused if a source or the bundle is missing", async () => {
    const { file } = await bundlerOf().build();
    rmSync(file);
    expect(bundlerOf().cached()).toBeUndefined();
    mkdirSync(file);
    expect(bundlerOf().cached()).toBeUndefined();
    rmSync(file, { recursive: true });
    writeFileSync(file, "damaged");
    expect(bundlerOf().cached()).toBeUndefined();
    await bundlerOf().build();
    rmSync(path.join(project, "lib.ts"));
    expect(bundlerOf().cached()).toBeUndefined();
  });

  it.each([
    ["half", '{ "file": '],
    ["of another shape", "[]"],
  ])("is built again if its manifest is %s", async (_title, manifest) => {
    await bundlerOf().build();
    write(".offline/manifest.json", manifest);
    expect(bundlerOf().cached()).toBeUndefined();
  });
});

describe("a build that fails", () => {
  it.each(["format", "install", "plugins", "splitting"])("names an option that is not supported: %s", (option) => {
    const request = { name: "Fixture", handler: "main.handler", runtime: "nodejs24.x", nodejs: { [option]: "x" } };
    expect(() => checkBundleOptions(request)).toThrow(`function "Fixture": nodejs.${option} is not supported offline`);
  });

  it("names file, line and reason", async () => {
    write("lib.ts", "export const answer = ;\n");
    const error = await failureOf();
    expect(error).toBeInstanceOf(BundleError);
    expect(error?.message).toBe('lib.ts:1:22: Unexpected ";"');
    expect(error?.files).toEqual([path.join(project, "main.ts"), path.join(project, "lib.ts")]);
  });

  it("names an import that leads nowhere", async () => {
    rmSync(path.join(project, "lib.ts"));
    expect((await failureOf())?.message).toBe('main.ts:1:23: Could not resolve "./lib"');
  });

  it("names a handler without a file", async () => {
    expect((await failureOf("src/none.handler"))?.message).toMatch(
      /^src\/none\.handler: found no file src\/none with an extension of \.ts /,
    );
  });
});

it.each([
  ["packages/functions/src/greeting.handler", "handler"],
  ["src/index.get", "get"],
])("the export of %s is %s", (handler, name) => {
  expect(exportOf(handler)).toBe(name);
});
