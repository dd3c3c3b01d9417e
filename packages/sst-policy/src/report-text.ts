import type { Judged } from "./judge";
import { createLocator, type Judgement, type Location } from "./report";
import { SEVERITIES } from "./rule";
import { RULES } from "./rules";

/** Returns the findings as text, ordered by severity, each with its fix. */
export function reportText(judgements: Judgement[]): string {
  return judgements.map(formatStage).join("\n");
}

function formatStage({ graph, file, verdict }: Judgement): string {
  const { findings, waived } = verdict;
  const locate = createLocator(graph);
  const ordered = SEVERITIES.flatMap((severity) => findings.filter(({ rule }) => rule.severity === severity));
  const undetermined = findings.filter(({ unknown }) => unknown).length;
  const counts = [
    findings.length === 0 ? "no findings" : `${findings.length} finding${findings.length === 1 ? "" : "s"}`,
    ...(undetermined > 0 ? [`${undetermined} of them undetermined`] : []),
    ...(waived.length > 0 ? [`${waived.length} waived`] : []),
  ];
  const scope = `${graph.resources.length} resources, ${RULES.length} rules`;
  const head = `${graph.app} ${graph.stage}: ${scope}: ${counts.join(", ")}\n`;
  return head + ordered.map((finding) => formatFinding(finding, file, locate(finding))).join("");
}

function formatFinding(finding: Judged, file: string, { line, name }: Location): string {
  const { rule, path, message, unknown, fix = rule.fix } = finding;
  return [
    `\n  ${rule.severity.padEnd(8)} ${rule.id}${unknown ? " (undetermined)" : ""}`,
    `           ${name} ${path}: ${message}`,
    `           ${fix}`,
    `           ${file}:${line}\n`,
  ].join("\n");
}
