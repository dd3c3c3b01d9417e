import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

const repository = fileURLToPath(new URL("..", import.meta.url));

// Imports may point in one direction only: CONTRIBUTING.md has the table.
const FORBIDDEN: [folder: string, specifier: string][] = [
  ["packages/platform/src", "@backend/core/permissions"],
  ["packages/platform/src", "../../core/src/permissions"],
  ["packages/core/src", "@backend/functions/greeting"],
  ["packages/core/src", "@backend/sst-graph/load"],
  ["packages/functions/src", "@backend/ops/options"],
  ["packages/functions/src", "../../../infra/stage"],
  ["packages/console/src", "@backend/sst-offline/offline"],
  ["packages/ops/src", "@backend/functions/greeting"],
  ["packages/ops/src", "../../../infra/stage"],
  ["packages/sst-graph/src", "@backend/sst-policy/judge"],
  ["packages/sst-graph/src", "@backend/core/permissions"],
  ["packages/sst-graph/src/resources", "@backend/platform/api/document"],
  ["packages/sst-policy/src", "@backend/core/permissions"],
  ["packages/sst-policy/src", "@backend/sst-offline/offline"],
  ["packages/sst-offline/src", "@backend/core/permissions"],
  ["packages/sst-offline/src", "@backend/ops/options"],
  ["packages/sst-offline/src/cognito", "@backend/sst-policy/judge"],
  ...["platform", "core", "functions", "console", "ops", "sst-graph", "sst-policy", "sst-offline"].map(
    (name): [string, string] => [`packages/${name}/src`, "@backend/testing/cached"],
  ),
  ["infra", "@backend/testing/cached"],
  ["infra", "@backend/functions/greeting"],
  ["infra/components", "@backend/functions/greeting"],
  ["infra/components", "../tools/policy"],
  ["infra/tools", "@backend/functions/greeting"],
  ["infra/tools", "@backend/testing/cached"],
  ["packages/testing/src", "@backend/ops/options"],
  ["packages/launch", "@backend/core/permissions"],
  ["packages/core/src", "@aws-sdk/client-dynamodb"],
  ["packages/ops/src", "../../../sst.config"],
  ["infra", "@backend/sst-policy/judge"],
  ["infra/components", "@backend/console/app"],
];
const ALLOWED: [folder: string, specifier: string][] = [
  ["packages/core/src", "@backend/platform/api/contract"],
  ["packages/functions/src", "@backend/core/permissions"],
  ["packages/ops/src", "@backend/sst-graph/load"],
  ["packages/sst-policy/src", "@backend/sst-graph/load"],
  ["infra", "@backend/sst-policy/waivers"],
  ["infra/components", "@backend/core/permissions"],
  ["infra/tools", "@backend/core/operations"],
  ["infra/tools", "@backend/sst-policy/promises"],
  ["infra/tools/console", "@backend/sst-offline/app"],
];

it("the linter refuses imports against the direction of the packages, and no other", () => {
  const cases = [...FORBIDDEN, ...ALLOWED].map(([folder, specifier], index): [file: string, text: string] => [
    `${folder}/case-${index}.ts`,
    `import { a } from ${JSON.stringify(specifier)};\n\nexport const b = a;\n`,
  ]);
  const refused = refusedBy("style/noRestrictedImports", cases);
  expect(refused).toEqual(
    cases
      .slice(0, FORBIDDEN.length)
      .map(([file]) => file)
      .sort(),
  );
});

it("the linter refuses modules that import each other, types included", () => {
  const refused = refusedBy("suspicious/noImportCycles", [
    ["packages/ops/src/a.ts", 'import type { B } from "./b";\n\nexport type A = B[];\n'],
    ["packages/ops/src/b.ts", 'import type { A } from "./a";\n\nexport type B = { a: A };\n'],
    ["packages/ops/src/c.ts", 'import type { A } from "./a";\n\nexport type C = A;\n'],
  ]);
  expect(refused).toEqual(["packages/ops/src/a.ts", "packages/ops/src/b.ts"]);
});

/** Returns the files that one rule of this repository's linter refuses. */
function refusedBy(rule: string, files: [file: string, text: string][]): string[] {
  const project = mkdtempSync(path.join(os.tmpdir(), "boundaries-"));
  const config = JSON.parse(readFileSync(path.join(repository, "biome.json"), "utf8"));
  writeFileSync(path.join(project, "biome.json"), JSON.stringify({ ...config, vcs: undefined, $schema: undefined }));
  for (const [file, text] of files) {
    mkdirSync(path.join(project, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(project, file), text);
  }
  const args = ["lint", `--only=${rule}`, "--reporter=json", "--max-diagnostics=none", "."];
  const { stdout } = spawnSync(path.join(repository, "node_modules/.bin/biome"), args, {
    cwd: project,
    encoding: "utf8",
  });
  rmSync(project, { recursive: true });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { location: { path: string } }[] };
  return diagnostics.map(({ location }) => location.path.replaceAll("\\", "/")).sort();
}
