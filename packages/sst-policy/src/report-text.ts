import type { Judged } from "./judge";
import { type Judgement, placesOf } from "./report";
import { SEVERITIES } from "./rule";
import { RULES } from "./rules";

/** For people: findings by severity, each with what to do about it. */
export function reportText(judgements: Judgement[]): string {
  return judgements.map(ofStage).join("\n");
}

function ofStage({ graph, file, verdict }: Judgement): string {
  const { findings, waived } = verdict;
  const place = placesOf(graph);
  const ordered = SEVERITIES.flatMap((severity) => findings.filter(({ rule }) => rule.severity === severity));
  const unclear = findings.filter(({ unknown }) => unknown).length;
  const counts = [
    findings.length === 0 ? "nothing found" : `${findings.length} found`,
    ...(unclear > 0 ? [`${unclear} of them cannot be told`] : []),
    ...(waived.length > 0 ? [`${waived.length} waived`] : []),
  ];
  const head = `${graph.app} ${graph.stage}: ${graph.resources.length} resources, ${RULES.length} rules: ${counts.join(", ")}\n`;
  return head + ordered.map((finding) => lines(finding, file, place)).join("");
}

function lines(finding: Judged, file: string, place: ReturnType<typeof placesOf>): string {
  const { rule, path, message, unknown, fix = rule.fix } = finding;
  const { line, name } = place(finding);
  return [
    `\n  ${rule.severity.padEnd(8)} ${rule.id}${unknown ? " (cannot be told)" : ""}`,
    `           ${name} ${path}: ${message}`,
    `           ${fix}`,
    `           ${file}:${line}\n`,
  ].join("\n");
}
