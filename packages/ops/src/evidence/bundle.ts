import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";

import { loadGraph } from "@backend/sst-graph/load";
import { graphFile } from "@backend/sst-graph/stages";
import { type Judged, judge } from "@backend/sst-policy/judge";
import { loadPromises } from "@backend/sst-policy/load-promises";
import { RULES } from "@backend/sst-policy/rules";
import { pack } from "tar-stream";

import { type Commit, dayOf } from "./repository";
import { sbomOf } from "./sbom";
import type { TestResults } from "./test-results";

export interface Subject {
  project: string;
  stage: string;
  commit: Commit;
  tests: TestResults;
}

/** What an auditor gets, by name: nothing in it depends on when and where it was made. */
export async function evidenceOf({ project, stage, commit, tests }: Subject): Promise<Map<string, string>> {
  const read = (file: string) => readFileSync(path.join(project, file), "utf8");
  const graph = loadGraph(graphFile(project, stage));
  const manifests = commit.files.filter((file) => /^(packages\/[^/]+\/)?package\.json$/.test(file));
  const { name, version } = JSON.parse(read("package.json")) as { name: string; version: string };
  const { findings, waived } = judge(graph, await loadPromises(project), dayOf(commit));
  const files = new Map([
    ["README.md", readmeOf({ project, stage, commit, tests }, findings.length)],
    ["graph.json", readFileSync(graphFile(project, stage), "utf8")],
    [
      "policy.json",
      json({
        judgedOn: dayOf(commit),
        rules: RULES.map(({ id, severity, title }) => ({ id, severity, title })),
        findings: findings.map(shown),
        waived: waived.map((one) => ({ ...shown(one), reason: one.waiver.reason, expires: one.waiver.expires })),
      }),
    ],
    ["tests.json", json(tests)],
    ["versions.json", json(Object.fromEntries(manifests.map((file) => [file, versionsIn(JSON.parse(read(file)))])))],
    ["sbom.cdx.json", json(sbomOf(read("pnpm-lock.yaml"), { name, version, commit: commit.id, time: commit.time }))],
  ]);
  const sums = [...files].map(([file, text]) => `${createHash("sha256").update(text).digest("hex")}  ${file}\n`);
  return files.set("SHA256SUMS", sums.join(""));
}

/** A tar archive with everything in one folder, dated as the commit. */
export async function archiveOf(files: Map<string, string>, folder: string, { time }: Commit): Promise<Buffer> {
  const archive = pack();
  for (const [name, text] of files) {
    archive.entry({ name: `${folder}/${name}`, mode: 0o644, mtime: new Date(time * 1000), uid: 0, gid: 0 }, text);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function readmeOf({ stage, commit, tests }: Subject, findings: number): string {
  const dirty =
    commit.dirty.length === 0
      ? ""
      : `\n**Not of the commit alone**: ${commit.dirty.length} files differ from it: ${commit.dirty.join(", ")}\n`;
  const counts = Object.entries(tests.counts).map(([status, count]) => `${count} ${status}`);
  return `# Evidence of stage ${stage}

Commit ${commit.id} of ${new Date(commit.time * 1000).toISOString()}.
${dirty}
| file | what it is |
| --- | --- |
| graph.json | every resource that a deployment of the commit creates, with its inputs |
| policy.json | what ${RULES.length} rules find in it, judged on the commit's day: ${findings} open, and what is waived, with reason and expiry |
| tests.json | every test by name: ${counts.join(", ")} |
| versions.json | what each package of the repository depends on |
| sbom.cdx.json | every package of the lockfile with its hash, CycloneDX 1.6 |
| SHA256SUMS | \`sha256sum -c SHA256SUMS\` |

Made again from the same commit, it is the same byte for byte.
`;
}

function shown({ rule, urn, path: place, message, unknown }: Judged) {
  return { rule: rule.id, severity: rule.severity, resource: urn, path: place, message, ...(unknown && { unknown }) };
}

function versionsIn({
  engines,
  dependencies,
  devDependencies,
  optionalDependencies,
}: Record<string, object | undefined>) {
  return {
    ...(engines && { engines }),
    dependencies: { ...dependencies, ...devDependencies, ...optionalDependencies },
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
