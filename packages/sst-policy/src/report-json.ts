import type { Judged } from "./judge";
import { fingerprints, type Judgement, placesOf } from "./report";

/** One JSON document: of each stage what was found, and what was waived with the reason. */
export function reportJson(judgements: Judgement[]): string {
  const stages = judgements.map(({ graph, file, verdict }) => {
    const place = placesOf(graph);
    const fingerprint = fingerprints();
    const entry = (finding: Judged) => {
      const { rule, urn, path, message, unknown = false, fix = rule.fix } = finding;
      const { id, severity, mapping = [] } = rule;
      const { line, name } = place(finding);
      return {
        ...{ rule: id, severity, urn, name, path, message, unknown, fix, mapping, line },
        fingerprint: fingerprint(finding),
      };
    };
    return {
      ...{ app: graph.app, stage: graph.stage, file },
      findings: verdict.findings.map(entry),
      waived: verdict.waived.map((one) => ({ ...entry(one), waiver: one.waiver })),
    };
  });
  return `${JSON.stringify({ version: 1, stages }, null, 2)}\n`;
}
