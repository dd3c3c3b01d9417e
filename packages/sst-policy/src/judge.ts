import type { Promises } from "./promises";
import type { Finding, Rule } from "./rule";
import { RULES } from "./rules";
import { type PolicyGraph, type View, viewOf } from "./view";
import type { Waiver } from "./waivers";

export interface Judged extends Finding {
  rule: Rule;
}

export interface Verdict {
  stage: string;
  findings: Judged[];
  /** Accepted findings, each with its waiver. */
  waived: (Judged & { waiver: Waiver })[];
}

/** Returns all findings of the rules in a graph, without waivers. */
export function findingsIn(graph: PolicyGraph, promises: Promises): Judged[] {
  const view = viewOf(graph, promises);
  return RULES.flatMap((rule) => findingsOf(rule, view));
}

export function findingsOf(rule: Rule, view: View): Judged[] {
  const hint = view.promises.hints?.[rule.id];
  return rule.check(view).map((finding) => ({
    ...finding,
    rule,
    ...(hint !== undefined && { fix: `${finding.fix ?? rule.fix} ${hint}` }),
  }));
}

/**
 * Checks a graph against the rules and applies waivers. A waiver that has expired or gives no
 * reason covers nothing. Such a waiver is a finding itself, and so is one without anything to
 * waive.
 *
 * @param today such as `2026-11-23`
 * @param all findings of the rules
 */
export function judge(
  graph: PolicyGraph,
  promises: Promises,
  today: string,
  all: Judged[] = findingsIn(graph, promises),
): Verdict {
  const { stages: projectStages, waivers = [] } = promises;
  const names = new Map(graph.resources.map(({ urn, name }) => [urn, name]));
  const strayed = waivers.filter((waiver) => strayStages(waiver, projectStages).length > 0);
  const ofStage = waivers.filter(({ stages }) => stages === undefined || stages.includes(graph.stage));
  const valid = ofStage.filter((waiver) => flawOf(waiver, today) === undefined);
  const used = new Set<Waiver>();
  const verdict: Verdict = { stage: graph.stage, findings: [], waived: [] };

  for (const finding of all) {
    const waiver = valid.find(
      ({ rule, resource }) => rule === finding.rule.id && matches(resource, names.get(finding.urn) ?? finding.urn),
    );
    if (waiver === undefined) {
      verdict.findings.push(finding);
      continue;
    }
    used.add(waiver);
    verdict.waived.push({ ...finding, waiver });
  }
  for (const waiver of ofStage) {
    const flaw = flawOf(waiver, today) ?? (used.has(waiver) ? undefined : UNUSED);
    if (flaw === undefined) continue;
    const message = `the waiver of ${waiver.rule} for ${waiver.resource} ${flaw}`;
    const open = flaw === UNUSED && all.some(({ rule, unknown }) => unknown && rule.id === waiver.rule);
    verdict.findings.push({
      urn: "stage",
      path: "waivers",
      message,
      rule: WAIVER_RULE,
      ...(open && { unknown: true }),
    });
  }
  for (const waiver of strayed) {
    const names = strayStages(waiver, projectStages).join(", ");
    const message = `the waiver of ${waiver.rule} for ${waiver.resource} names a stage that does not exist: ${names}`;
    verdict.findings.push({ urn: "stage", path: "waivers", message, rule: WAIVER_RULE });
  }
  return verdict;
}

/** Returns the stages of a waiver that the project does not have. */
function strayStages({ stages = [] }: Waiver, projectStages: readonly string[] | undefined): string[] {
  return projectStages === undefined ? [] : stages.filter((stage) => !projectStages.includes(stage));
}

const MIN_REASON_LENGTH = 20;
const UNUSED = "covers no finding";

/** Not one of `RULES`, because it checks the waivers and not the graph. */
export const WAIVER_RULE: Rule = {
  id: "waiver-valid",
  severity: "high",
  title: "A waiver names a rule and stages that exist, gives a reason, has not expired and covers a finding",
  reason: "An exception that nobody reviews becomes the rule.",
  fix: "Fix the finding, or give a new reason and expiry date. Delete a waiver that covers nothing.",
  check: () => [],
};

function flawOf({ rule, reason, expires }: Waiver, today: string): string | undefined {
  if (!RULES.some(({ id }) => id === rule)) return "names a rule that does not exist";
  if (reason.trim().length < MIN_REASON_LENGTH) return `needs a reason of at least ${MIN_REASON_LENGTH} characters`;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(expires) || Number.isNaN(Date.parse(expires))) return "has no valid expiry date";
  return expires <= today ? `expired on ${expires}` : undefined;
}

function matches(pattern: string, name: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(name);
}
