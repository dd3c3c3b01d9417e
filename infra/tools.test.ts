import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { RULES } from "@backend/sst-policy/rules";
import { describe, expect, it } from "vitest";

import { HINTS } from "./tools/hints";

const repository = fileURLToPath(new URL("..", import.meta.url));

/** Packages that serve any SST app. */
const TOOLS = ["sst-graph", "sst-policy", "sst-offline"];

/** What would tie a tool to this repository. Each pattern is tried on each line. */
const WORDS_OF_THIS_APP: Record<string, RegExp> = {
  "the app's name": /secure[-_ ]?backend/i,
  "a noun of the app": /\b(audit[-_ ](trail|events?|log)|greeting|hello|tenants?)\b|x-tenant/i,
  "a package of the app":
    /@backend\/(core|platform|functions|console|ops)\b|packages\/(core|platform|functions|console|ops)\b/,
  "a header or a variable of the app": /x-origin-secret|x-viewer-address|ORIGIN_SECRETS/,
  "a route of the app": /(GET|POST) \/(traffic|events|access-log|function-log)/,
  "a component of the app": /\b(secureFunction|secureTable|httpApi|api\.(serve|watch|publish))\b/,
  // Where graphs and promises are kept, and the entry points that replace a tool's own, are
  // conventions of the tools.
  "a file of this repository": /\binfra\/(?!graph\b|tools\/(policy|synth)\.ts)/,
};

/**
 * Property names of AWS's API that contain such a word:
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 */
const NAMES_OF_AWS = /\btenantId\b/g;

function shippedFiles(tool: string): string[] {
  const folder = path.join(repository, "packages", tool);
  const sources = readdirSync(path.join(folder, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|mjs)$/.test(file) && !file.endsWith(".test.ts"))
    .map((file) => path.join("src", file));
  return ["README.md", ...sources].map((file) => path.join(folder, file));
}

describe.each(TOOLS)("%s", (tool) => {
  it("depends on no package of the app", () => {
    const { dependencies } = JSON.parse(readFileSync(path.join(repository, "packages", tool, "package.json"), "utf8"));
    expect(Object.keys(dependencies).filter((name) => WORDS_OF_THIS_APP["a package of the app"]?.test(name))).toEqual(
      [],
    );
  });

  it.each(Object.entries(WORDS_OF_THIS_APP))("does not mention %s", (_what, pattern) => {
    const found = shippedFiles(tool).flatMap((file) =>
      readFileSync(file, "utf8")
        .split("\n")
        .flatMap((line, index) => {
          const match = pattern.exec(line.replaceAll(NAMES_OF_AWS, ""));
          return match === null ? [] : [`${path.relative(repository, file)}:${index + 1}: ${match[0]}`];
        }),
    );
    expect(found).toEqual([]);
  });
});

describe("hints for the policy", () => {
  it("are for rules that exist", () => {
    const ids = RULES.map(({ id }) => id);
    expect(Object.keys(HINTS).filter((id) => !ids.includes(id))).toEqual([]);
  });

  it("name files that exist", () => {
    const named = Object.values(HINTS).flatMap((hint) => hint.match(/\b(infra|packages)\/[\w/-]+(\.ts)?/g) ?? []);
    expect(named).not.toEqual([]);
    expect(named.filter((file) => !existsSync(path.join(repository, file)))).toEqual([]);
  });
});
