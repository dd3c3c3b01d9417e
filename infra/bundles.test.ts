import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, describe, expect, it } from "vitest";

import { OPERATIONS } from "../packages/core/src/operations";
import { loadGraph } from "../packages/sst-graph/src/load";
import { resolve } from "../packages/sst-graph/src/resolve";
import { type BundleRequest, createBundler } from "../packages/sst-offline/src/lambda/bundle";

const repository = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(path.join(os.tmpdir(), "bundles-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const graph = loadGraph(path.join(repository, "infra/graph/dev.json"));
const { resources } = resolve(graph);
const ids = Object.values(OPERATIONS).map(({ id }) => id);

describe.each(graph.functions as BundleRequest[])("the bundle of $name", (request) => {
  const { name } = request;
  // An argument with side effects keeps an operation that nothing uses, in spite of its PURE
  // comment.
  it("holds the operations of its own routes, and no other", async () => {
    const bundler = createBundler(repository, request, path.join(folder, name));
    const text = readFileSync((await bundler.build()).file, "utf8");
    await bundler.close();
    const bundled = ids.filter((id) => new RegExp(`[{,]id:"${id}"`).test(text));
    expect(bundled.sort()).toEqual(operationsOf(name).sort());
  });
});

// TypeScript cannot tell that the module of the type is the one of the handler.
it("each function of sst.config.ts has the handler of the module that its type names", () => {
  const text = readFileSync(path.join(repository, "sst.config.ts"), "utf8");
  const declared = [
    ...text.matchAll(/secureFunction<typeof import\("\.\/(.+?)"\)>\([\s\S]*?handler: "(.+?)\.handler"/g),
  ].map(([, module, handler]) => [module, handler]);
  expect(declared.length).toBe(text.match(/secureFunction</g)?.length);
  expect(declared.filter(([module, handler]) => module !== handler)).toEqual([]);
});

/** Ids of the operations whose routes lead to a function. */
function operationsOf(name: string): string[] {
  const arn = resources.find((one) => one.urn.endsWith(`::${name}Function`))?.outputs.arn;
  if (arn === undefined) throw new Error(`the graph has no function ${name}`);
  const integrations = resources.filter(({ inputs }) => inputs.integrationUri === arn).map(({ outputs }) => outputs.id);
  return resources
    .filter(({ inputs }) => integrations.some((id) => inputs.target === `integrations/${id}`))
    .flatMap(({ inputs }) => {
      const [method = "", route = ""] = String(inputs.routeKey).split(" ");
      return Object.values(OPERATIONS).filter(({ key }) =>
        method === "ANY" ? key.endsWith(` ${route}`) : key === inputs.routeKey,
      );
    })
    .map(({ id }) => id);
}
