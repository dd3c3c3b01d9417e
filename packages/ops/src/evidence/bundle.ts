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

/**
 * Returns the files of the evidence by name. Their content does not depend on the time or the
 * machine.
 */
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
      toJson({
        judgedOn: dayOf(commit),
        rules: RULES.map(({ id, severity, title }) => ({ id, severity, title })),
        findings: findings.map(findingJson),
        waived: waived.map((one) => ({ ...findingJson(one), reason: one.waiver.reason, expires: one.waiver.expires })),
      }),
    ],
    ["tests.json", toJson(tests)],
    ["versions.json", toJson(Object.fromEntries(manifests.map((file) => [file, versionsIn(JSON.parse(read(file)))])))],
    ["sbom.cdx.json", toJson(sbomOf(read("pnpm-lock.yaml"), { name, version, commit: commit.id, time: commit.time }))],
  ]);
  const sums = [...files].map(([file, text]) => `${createHash("sha256").update(text).digest("hex")}  ${file}\n`);
  return files.set("SHA256SUMS", sums.join(""));
}

/** Packs the files into a tar archive, in one folder and with the commit's time. */
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
  const warning =
    commit.dirty.length === 0
      ? ""
      : `\n**Warning**: ${commit.dirty.length} files differ from the commit: ${commit.dirty.join(", ")}\n`;
  const counts = Object.entries(tests.counts).map(([status, count]) => `${count} ${status}`);
  return `# Evidence for stage ${stage}

Commit ${commit.id}, ${new Date(commit.time * 1000).toISOString()}.
${warning}
| file | content |
| --- | --- |
| graph.json | every resource that a deployment of this commit creates, with its inputs |
| policy.json | results of ${RULES.length} rules on the commit's day: ${findings} open findings, and the waived ones |
| tests.json | every test with its result: ${counts.join(", ")} |
| versions.json | the dependencies of each package of the repository |
| sbom.cdx.json | software bill of materials: every package of the lockfile with its hash, CycloneDX 1.6 |
| SHA256SUMS | checksums of all files; check them with \`sha256sum -c SHA256SUMS\` |

\`pnpm evidence\` creates the same archive, byte for byte, from the same commit and test results.
`;
}

function findingJson({ rule, urn, path: location, message, unknown }: Judged) {
  return {
    rule: rule.id,
    severity: rule.severity,
    resource: urn,
    path: location,
    message,
    ...(unknown && { unknown }),
  };
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

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
