import type { Judged } from "./judge";
import { createFingerprinter, createLocator, type Judgement } from "./report";

/**
 * Returns a JSON document with the findings of each stage, and its waived findings with their
 * waivers.
 */
export function reportJson(judgements: Judgement[]): string {
  const stages = judgements.map(({ graph, file, verdict }) => {
    const locate = createLocator(graph);
    const fingerprint = createFingerprinter();
    const entry = (finding: Judged) => {
      const { rule, urn, path, message, unknown = false, fix = rule.fix } = finding;
      const { id, severity, mapping = [] } = rule;
      const { line, name } = locate(finding);
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
