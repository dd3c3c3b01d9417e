import { printable } from "@backend/sst-graph/printable";
import { countOf, type Paint, wrap } from "@backend/sst-graph/screen";

import type { Judged } from "./judge";
import { createLocator, type Judgement, type Location } from "./report";
import { SEVERITIES, type Severity } from "./rule";
import { RULES } from "./rules";

export interface TextOptions {
  /** In characters. */
  width: number;
  paint: Paint;
}

const INDENT = "         ";

/** Returns the findings as text, ordered by severity. Findings of one rule share its fix. */
export function reportText(judgements: Judgement[], options: TextOptions): string {
  return judgements.map((judgement) => formatStage(judgement, options)).join("\n");
}

function formatStage({ graph, file, verdict }: Judgement, options: TextOptions): string {
  const { width, paint } = options;
  const { findings, waived } = verdict;
  const locate = createLocator(graph);
  const undetermined = findings.filter(({ unknown }) => unknown).length;
  const counts = [
    findings.length === 0 ? "no findings" : countOf(findings.length, "finding"),
    ...(undetermined > 0 ? [`${undetermined} of them undetermined`] : []),
    ...(waived.length > 0 ? [`${waived.length} waived`] : []),
  ];
  const scope = `${graph.resources.length} resources, ${RULES.length} rules`;
  const head = wrap(`${graph.app} ${graph.stage}: ${scope}: ${counts.join(", ")}`, width).join("\n  ");
  const groups = new Map<string, Judged[]>();
  for (const finding of SEVERITIES.flatMap((severity) => findings.filter(({ rule }) => rule.severity === severity))) {
    const { rule, fix = rule.fix, unknown = false } = finding;
    const key = `${rule.id}\n${fix}\n${unknown}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  const sections = [...groups.values()].map((group) => formatGroup(group, file, locate, options));
  const verdictPaint = findings.length === 0 ? paint.green : paint.bold;
  return `${verdictPaint(head)}\n${sections.join("")}`;
}

function formatGroup(
  group: Judged[],
  file: string,
  locate: (finding: Judged) => Location,
  { width, paint }: TextOptions,
): string {
  const [first] = group;
  if (first === undefined) return "";
  const { rule, unknown, fix = rule.fix } = first;
  const fill = (text: string, hang = "") => {
    return wrap(printable(text), width - INDENT.length - hang.length).join(`\n${INDENT}${hang}`);
  };
  const colour = colourOf(rule.severity, paint);
  const lines = group.flatMap((finding) => {
    const { line, name } = locate(finding);
    const where = finding.path === "@" || finding.path === "" ? name : `${name} ${finding.path}`;
    return [`- ${fill(`${where}: ${finding.message}`, "  ")}`, `  ${paint.dim(`${file}:${line}`)}`];
  });
  return [
    `\n${colour(rule.severity.padEnd(8))} ${paint.bold(rule.id)}${unknown ? " (undetermined)" : ""}`,
    ...lines.map((text) => `${INDENT}${text}`),
    `${INDENT}${fill(`Fix: ${fix}`)}\n`,
  ].join("\n");
}

function colourOf(severity: Severity, paint: Paint): (text: string) => string {
  if (severity === "critical" || severity === "high") return paint.red;
  return severity === "medium" ? paint.yellow : paint.dim;
}
