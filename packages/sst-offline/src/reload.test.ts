import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { accessLogOf, idOf, lineOf, serve } from "@backend/testing/serving";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FixtureProject, fixtureProject } from "../test/project";

const answering = (text: string) => ({ source: `export const handler = async () => ${JSON.stringify(text)};` });

const escapePattern = (text: string) => text.replaceAll(/[.+?]/g, "\\$&");

describe("while it runs", () => {
  let project: FixtureProject;
  let offline: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    project = fixtureProject({ "GET /a": answering("first") });
    offline = await serve(project.folder);
  });
  afterAll(async () => {
    await offline.stop();
    project.remove();
  });
  const answerOf = async (target: string) => (await fetch(`${offline.url()}${target}`)).text();

  it("runs a function's new code after an edit", async () => {
    expect(await answerOf("/a")).toBe("first");
    writeFileSync(path.join(project.folder, "f0.ts"), answering("second").source);
    await expect.poll(() => answerOf("/a")).toBe("second");
  });

  it("reports a broken source and keeps running the previous code", async () => {
    writeFileSync(path.join(project.folder, "f0.ts"), "export const handler = async () => {");
    await expect.poll(() => offline.news.at(-1)).toBe("F0: f0.ts:1:36: Unexpected end of file");
    expect(await answerOf("/a")).toBe("second");
    writeFileSync(path.join(project.folder, "f0.ts"), answering("third").source);
    await expect.poll(() => answerOf("/a")).toBe("third");
  });

  it("serves a graph that has changed", async () => {
    expect((await fetch(`${offline.url()}/b`)).status).toBe(404);
    project.write({ "GET /a": answering("third"), "GET /b": answering("new") });
    await expect.poll(() => answerOf("/b")).toBe("new");
    expect(await answerOf("/a")).toBe("third");
    const added = `  + GET      ${offline.url()}/b`;
    const reloaded = new RegExp(
      `^Reloaded infra/graph/dev\\.json: \\+1 route, \\+1 function.*\n${escapePattern(added)}$`,
    );
    await expect.poll(() => offline.news).toContainEqual(expect.stringMatching(reloaded));
  });

  it("reports a graph that cannot be served and keeps serving the previous one", async () => {
    writeFileSync(path.join(project.folder, "infra/graph/dev.json"), "{}");
    await expect
      .poll(() => offline.news.at(-1))
      .toMatch(/expected a deployment graph.*\nStill serving the previous graph/);
    expect(await answerOf("/b")).toBe("new");
  });

  it("keeps nothing of a rejected graph", async () => {
    for (let n = 0; n < 3; n++) {
      const before = offline.news.length;
      project.write({ "GET /a/": answering("refused") });
      await expect
        .poll(() => offline.news.slice(before))
        .toContainEqual(expect.stringContaining('"GET /a/" ends in a slash'));
      writeFileSync(path.join(project.folder, "infra/graph/dev.json"), "{}");
      await expect.poll(() => offline.news.at(-1)).toContain("expected a deployment graph");
    }
    const before = offline.news.length;
    writeFileSync(path.join(project.folder, "f0.ts"), answering("third").source);
    await expect.poll(() => answerOf("/a")).toBe("third");
    expect(offline.news.slice(before).filter((text) => text === "F0 bundled")).toHaveLength(1);
  });

  it("survives the removal of its graph, and serves the next one", async () => {
    rmSync(path.join(project.folder, "infra/graph/dev.json"));
    await expect.poll(() => offline.news.at(-1)).toMatch(/no such file.*\nStill serving the previous graph/);
    expect(await answerOf("/b")).toBe("new");
    project.write({ "GET /c": answering("third graph") });
    await expect.poll(() => answerOf("/c")).toBe("third graph");
  });

  it("sees edits in a folder that was moved away and back", async () => {
    const [folder, elsewhere] = ["src", "away"].map((name) => path.join(project.folder, name)) as [string, string];
    mkdirSync(folder);
    writeFileSync(path.join(folder, "text.ts"), 'export const text = "inside";');
    writeFileSync(
      path.join(project.folder, "f0.ts"),
      'import { text } from "./src/text"; export const handler = async () => text;',
    );
    await expect.poll(() => answerOf("/c")).toBe("inside");
    renameSync(folder, elsewhere);
    await expect.poll(() => offline.news.at(-1)).toContain('Could not resolve "./src/text"');
    expect(await answerOf("/c")).toBe("inside");
    renameSync(elsewhere, folder);
    await expect.poll(() => offline.news.at(-1)).toBe("F0 bundled");
    writeFileSync(path.join(folder, "text.ts"), 'export const text = "back";');
    await expect.poll(() => answerOf("/c")).toBe("back");
  });

  it("keeps running when the folder .offline is deleted, and logs every later request", async () => {
    rmSync(path.join(project.folder, ".offline"), { recursive: true });
    const responses = await Promise.all(Array.from({ length: 30 }, () => fetch(`${offline.url()}/c`)));
    expect(new Set(await Promise.all(responses.map((response) => response.text())))).toEqual(new Set(["back"]));
    const logged = async () => {
      await fetch(`${offline.url()}/c`); // the log notices a missing file when it writes
      const ids = new Set(accessLogOf(offline).map(({ requestId }) => requestId));
      return responses.filter((response) => !ids.has(idOf(response))).length;
    };
    await expect.poll(logged).toBe(0);
  });
});

// A file that two branches have changed, after `git merge`.
const CONFLICT = '<<<<<<< HEAD\n{ "dev": {} }\n=======\n{}\n>>>>>>> other\n';

describe("a merge conflict", () => {
  it("in the record of sources is reported, and stops nothing", async () => {
    const project = fixtureProject({ "GET /a": answering("a") });
    const record = path.join(project.folder, "infra/graph/.sources.json");
    const source = path.join(project.folder, "infra/stage.ts");
    writeFileSync(source, "export {};");
    writeFileSync(record, JSON.stringify({ dev: { "infra/stage.ts": "0000000000000000" } }));
    const offline = await serve(project.folder);
    writeFileSync(record, CONFLICT);
    writeFileSync(source, "export const changed = true;");
    await expect.poll(() => offline.news.join("\n")).toContain(".sources.json");
    expect(await (await fetch(`${offline.url()}/a`)).text()).toBe("a");
    await offline.stop();
    project.remove();
  });

  it("in the graph is reported, and the previous graph stays served", async () => {
    const project = fixtureProject({ "GET /a": answering("a") });
    const offline = await serve(project.folder);
    writeFileSync(path.join(project.folder, "infra/graph/dev.json"), CONFLICT);
    await expect.poll(() => offline.news.join("\n")).toContain("Still serving the previous graph");
    expect(await (await fetch(`${offline.url()}/a`)).text()).toBe("a");
    await offline.stop();
    project.remove();
  });
});

describe("at startup", () => {
  it("a function whose build fails is reported, responds with 500, and works after an edit", async () => {
    const project = fixtureProject({ "GET /a": { source: "export const handler = (" } });
    const offline = await serve(project.folder);
    await expect.poll(() => offline.news).toEqual(["F0: f0.ts:1:24: Unexpected end of file"]);
    const response = await fetch(`${offline.url()}/a`);
    expect([response.status, await response.json()]).toEqual([500, { message: "Internal Server Error" }]);
    expect(lineOf(offline, response).integrationError).toBe(
      "Runtime.ImportModuleError: f0.ts:1:24: Unexpected end of file",
    );
    writeFileSync(path.join(project.folder, "f0.ts"), answering("mended").source);
    await expect.poll(async () => (await fetch(`${offline.url()}/a`)).text()).toBe("mended");
    await offline.stop();
    project.remove();
  });

  it("a function with a missing handler works after its file is added", async () => {
    const project = fixtureProject({ "GET /a": answering("there") });
    rmSync(path.join(project.folder, "f0.ts"));
    const offline = await serve(project.folder);
    await expect.poll(() => offline.news[0]).toContain("f0.handler: found no file f0 with an extension of .ts");
    writeFileSync(path.join(project.folder, "f0.ts"), answering("there").source);
    await expect.poll(async () => (await fetch(`${offline.url()}/a`)).text()).toBe("there");
    await offline.stop();
    project.remove();
  });

  it("a copy of a project that has run serves its own sources", async () => {
    const original = fixtureProject({ "GET /a": answering("original") });
    const first = await serve(original.folder);
    expect(await (await fetch(`${first.url()}/a`)).text()).toBe("original");
    await first.stop();
    const copy = mkdtempSync(path.join(os.tmpdir(), "copy-"));
    cpSync(original.folder, copy, { recursive: true, preserveTimestamps: true });
    writeFileSync(path.join(copy, "f0.ts"), answering("copy").source);
    const second = await serve(copy);
    expect(await (await fetch(`${second.url()}/a`)).text()).toBe("copy");
    await second.stop();
    original.remove();
    rmSync(copy, { recursive: true });
  });

  it("a graph older than its sources is reported as stale, and served if it cannot be renewed", async () => {
    const project = fixtureProject({ "GET /a": answering("a") });
    const sources = { dev: { "infra/stage.ts": "0000000000000000" } };
    writeFileSync(path.join(project.folder, "infra/graph/.sources.json"), JSON.stringify(sources));
    writeFileSync(path.join(project.folder, "infra/stage.ts"), "export {};");
    const offline = await serve(project.folder); // there is no sst.config.ts to synthesise
    const news = offline.news.join("\n");
    expect(news).toMatch(/dev\.json is out of date\. Changed files: .*stage\.ts/);
    expect(news).toMatch(/expected a folder with sst\.config\.ts[\s\S]*Still using the previous graph/);
    expect(await (await fetch(`${offline.url()}/a`)).text()).toBe("a");
    await offline.stop();
    project.remove();
  });

  it("the error names a folder .offline that cannot be used", async () => {
    const project = fixtureProject({ "GET /a": answering("a") });
    writeFileSync(path.join(project.folder, ".offline"), "a file");
    await expect(serve(project.folder)).rejects.toThrow(/ENOTDIR.*\.offline/);
    project.remove();
  });
});
