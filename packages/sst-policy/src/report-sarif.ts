import type { Judged } from "./judge";
import { WAIVER_RULE } from "./judge";
import { createFingerprinter, createLocator, type Judgement } from "./report";
import type { Rule, Severity } from "./rule";
import { RULES } from "./rules";
import type { Waiver } from "./waivers";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const LEVELS: Record<Severity, "error" | "warning" | "note"> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
};
/**
 * GitHub's own scale:
 * https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 */
const SCORES: Record<Severity, string> = { critical: "9.5", high: "8.0", medium: "5.5", low: "2.0" };

/**
 * Returns the findings as SARIF 2.1.0:
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 *
 * Undetermined findings have the kind `open` (section 3.27.9). Waived findings have a suppression
 * with the reason.
 */
export function reportSarif(judgements: Judgement[]): string {
  const rules = [...RULES, WAIVER_RULE];
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  const results = judgements.flatMap((judgement) => {
    const result = resultOf(judgement, indexes);
    return [
      ...judgement.verdict.findings.map((finding) => result(finding)),
      ...judgement.verdict.waived.map((finding) => result(finding, finding.waiver)),
    ];
  });
  const driver = { name: "sst-policy", rules: rules.map(descriptor) };
  const run = { tool: { driver }, columnKind: "utf16CodeUnits", results };
  return `${JSON.stringify({ $schema: SCHEMA, version: "2.1.0", runs: [run] }, null, 2)}\n`;
}

function descriptor({ id, severity, title, reason, fix, mapping = [] }: Rule) {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: reason },
    help: { text: fix },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: ["security", ...mapping], "security-severity": SCORES[severity] },
  };
}

function resultOf({ graph, file }: Judgement, indexes: Map<string, number>) {
  const locate = createLocator(graph);
  const fingerprint = createFingerprinter();
  return (finding: Judged, waiver?: Waiver) => {
    const { rule, urn, path, message, unknown, fix = rule.fix } = finding;
    const { line, name } = locate(finding);
    return {
      ruleId: rule.id,
      ruleIndex: indexes.get(rule.id) ?? -1,
      ...(unknown ? { kind: "open", level: "none" } : { kind: "fail", level: LEVELS[rule.severity] }),
      message: { text: `${name} ${path}: ${message}. ${fix}` },
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: file }, region: { startLine: line } },
          logicalLocations: [{ name, fullyQualifiedName: `${urn}/${path}`, kind: "resource" }],
        },
      ],
      partialFingerprints: { "ruleResourceProperty/v1": fingerprint(finding) },
      ...(waiver && {
        suppressions: [
          { kind: "external", status: "accepted", justification: `${waiver.reason} Until ${waiver.expires}.` },
        ],
      }),
    };
  };
}
