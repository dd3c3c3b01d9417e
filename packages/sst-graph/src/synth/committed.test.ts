import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { sampled } from "@backend/testing/sampling";
import { synthesisedRepository } from "@backend/testing/synthesised";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareGraphs, formatDifference } from "../diff";
import type { Graph } from "../graph";
import { loadGraph } from "../load";
import { resolve } from "../resolve";
import { sourcesOf } from "../sources";
import { write } from "../write";
import { openSynthesiser, type Synthesiser } from "./synth";

const repository = fileURLToPath(new URL("../../../..", import.meta.url)).replace(/[/\\]$/, "");
const fileOf = (stage: string) => path.join(repository, "infra/graph", `${stage}.json`);

describe("the committed graphs", () => {
  let synthesiser: Synthesiser;
  beforeAll(async () => {
    synthesiser = await openSynthesiser(repository, path.join(repository, ".sst/platform"));
  });
  afterAll(() => synthesiser.close());

  it.each(["dev", "test", "prod"])("%s matches sst.config.ts (if not: pnpm synth)", async (stage) => {
    const fresh = await synthesisedRepository(synthesiser, stage);
    expect(compareGraphs(loadGraph(fileOf(stage)), fresh).map(formatDifference)).toEqual([]);
    expect(readFileSync(fileOf(stage), "utf8")).toBe(write(fresh));
  });

  it.each(["dev", "test", "prod"])("%s has a record of its current sources (if not: pnpm synth)", (stage) => {
    const { files, changed } = sourcesOf(repository, stage);
    expect(changed).toEqual([]);
    expect(files).toEqual([...synthesiser.sources].sort());
    expect(files).toContain(path.join(repository, "infra/stage.ts"));
  });

  it("do not depend on operations, schemas, texts or handlers", () => {
    const { files } = sourcesOf(repository, "dev");
    const names = files.map((file) => path.relative(repository, file));
    expect(names.filter((name) => /(operations|docs|schemas)\.ts$|^packages\/functions\//.test(name))).toEqual([]);
    const withSchemas = files.filter((file) => /import \* as z from "zod/.test(readFileSync(file, "utf8")));
    expect(withSchemas).toEqual([]);
  });

  it("have the same bytes after every synthesis", { tags: ["sampled"], timeout: 20 * 60_000 }, async () => {
    const committed = readFileSync(fileOf("dev"), "utf8");
    const { numRuns } = sampled({ suite: 1, soak: 20 });
    for (let done = 0; done < numRuns; done++) {
      expect(write(await synthesiser.synth("dev")) === committed).toBe(true);
    }
  });

  it.each(["dev", "test", "prod"])(
    "%s contains no text that looks like a secret or a path of this machine",
    (stage) => {
      const text = readFileSync(fileOf(stage), "utf8");
      const found = Object.entries(SECRETS).flatMap(
        ([what, pattern]) => text.match(pattern)?.map((match) => [what, match]) ?? [],
      );
      expect(found).toEqual([]);
      expect(text).not.toContain(repository);
    },
  );

  it.each(["dev", "test", "prod"])("%s contains no generated ID", (stage) => {
    const graph = loadGraph(fileOf(stage));
    const text = JSON.stringify(graph);
    const ids = resolve(graph)
      .resources.filter(
        ({ type, inputs, outputs }) => type.startsWith("aws:") && !Object.values(inputs).includes(outputs.id ?? ""),
      )
      .map(({ urn, outputs }) => [urn, outputs.id ?? ""] as const);
    expect(ids.map(([urn]) => urn)).toContainEqual(expect.stringContaining("aws:apigatewayv2/api:Api"));
    expect(ids.filter(([, id]) => text.includes(id)).map(([urn]) => urn)).toEqual([]);
  });
});

describe("a stale graph", () => {
  it("differs in a property that the comparison names", () => {
    const graph = loadGraph(fileOf("dev"));
    const edited = structuredClone(graph) as Graph;
    const stage = edited.resources.find(({ type }) => type === "aws:apigatewayv2/stage:Stage");
    (stage?.inputs.defaultRouteSettings as Record<string, number>).throttlingBurstLimit = 1;
    const [change] = compareGraphs(graph, edited).map(formatDifference);
    expect(change).toMatch(
      /^aws:apigatewayv2\/stage:Stage "\w+": inputs\.defaultRouteSettings\.throttlingBurstLimit: /,
    );
  });
});

// AWS access keys (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html),
// private keys, JSON web tokens, long base64 texts, and account IDs other than the graph's.
const BASE64 = "A-Za-z0-9+/";
const SECRETS = {
  "access key id": /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  "private key": /-----BEGIN [A-Z ]*PRIVATE KEY-----/g,
  token: /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g,
  "random bytes": new RegExp(
    `(?<![${BASE64}=_-])(?=[${BASE64}]*[0-9])(?=[${BASE64}]*[A-Z])(?=[${BASE64}]*[a-z])` +
      `[${BASE64}]{40,}={0,2}(?![${BASE64}=])`,
    "g",
  ),
  "account number": /\b(?!0{12})\d{12}\b/g,
};
