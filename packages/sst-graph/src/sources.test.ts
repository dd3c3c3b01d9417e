import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { recordSources, sourcesOf } from "./sources";

describe("the sources of a graph", () => {
  let project: string;
  let files: string[];
  beforeEach(() => {
    project = mkdtempSync(path.join(os.tmpdir(), "sources-"));
    files = ["sst.config.ts", "infra/stage.ts"].map((file) => path.join(project, file));
    mkdirSync(path.join(project, "infra/graph"), { recursive: true });
    for (const file of files) writeFileSync(file, "export {};\n");
    recordSources(project, "dev", files);
  });
  afterEach(() => rmSync(project, { recursive: true }));

  it("are unchanged until one is edited", () => {
    expect(sourcesOf(project, "dev").changed).toEqual([]);
    writeFileSync(path.join(project, "infra/stage.ts"), "export const retention = 1;\n");
    expect(sourcesOf(project, "dev").changed).toEqual([path.join(project, "infra/stage.ts")]);
  });

  it("are unchanged with other line endings", () => {
    writeFileSync(path.join(project, "sst.config.ts"), "export {};\r\n");
    expect(sourcesOf(project, "dev").changed).toEqual([]);
  });

  it("are changed if one is missing", () => {
    rmSync(path.join(project, "sst.config.ts"));
    expect(sourcesOf(project, "dev").changed).toEqual([path.join(project, "sst.config.ts")]);
  });

  it("are recorded per stage", () => {
    writeFileSync(path.join(project, "sst.config.ts"), "export const edited = true;\n");
    recordSources(project, "prod", files);
    expect(sourcesOf(project, "prod").changed).toEqual([]);
    expect(sourcesOf(project, "dev").changed).toEqual([path.join(project, "sst.config.ts")]);
  });

  it("are changed if one cannot be read", () => {
    rmSync(path.join(project, "sst.config.ts"));
    mkdirSync(path.join(project, "sst.config.ts"));
    expect(sourcesOf(project, "dev").changed).toEqual([path.join(project, "sst.config.ts")]);
  });

  it("are an empty list for a stage that was never synthesised", () => {
    expect(sourcesOf(project, "test")).toEqual({ files: [], changed: [] });
  });
});
