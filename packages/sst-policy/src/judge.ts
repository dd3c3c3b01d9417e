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

/** Everything that the rules find in a graph. */
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
 * Judges a graph and applies waivers. One that has expired, or gives no reason, covers nothing; it is a finding itself,
 * and so is one that there is nothing to waive for.
 *
 * @param today as `2026-11-23`
 * @param all what the rules find
 */
export function judge(
  graph: PolicyGraph,
  promises: Promises,
  today: string,
  all: Judged[] = findingsIn(graph, promises),
): Verdict {
  const { stages: known, waivers = [] } = promises;
  const names = new Map(graph.resources.map(({ urn, name }) => [urn, name]));
  const strayed = waivers.filter((waiver) => strayStages(waiver, known).length > 0);
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
    const names = strayStages(waiver, known).join(", ");
    const message = `the waiver of ${waiver.rule} for ${waiver.resource} is for ${names}, which the project does not have`;
    verdict.findings.push({ urn: "stage", path: "waivers", message, rule: WAIVER_RULE });
  }
  return verdict;
}

/** Stages of a waiver that there are none of. */
function strayStages({ stages = [] }: Waiver, known: readonly string[] | undefined): string[] {
  return known === undefined ? [] : stages.filter((stage) => !known.includes(stage));
}

const UNUSED = "covers nothing";

/** Not one of `RULES`: it judges the waivers, not the graph. */
export const WAIVER_RULE: Rule = {
  id: "waiver-valid",
  severity: "high",
  title: "A waiver names a rule and stages that exist, gives its reason, has not expired and covers something",
  reason: "An exception that nobody looks at again is the rule.",
  fix: "Solve what was waived, or give a new reason and a new day; delete a waiver that covers nothing.",
  check: () => [],
};

function flawOf({ rule, reason, expires }: Waiver, today: string): string | undefined {
  if (!RULES.some(({ id }) => id === rule)) return "names no rule";
  if (reason.trim().length < 20) return "gives no reason";
  if (!/^\d{4}-\d{2}-\d{2}$/.test(expires) || Number.isNaN(Date.parse(expires))) return "has no day of expiry";
  return expires <= today ? `has expired on ${expires}` : undefined;
}

function matches(pattern: string, name: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(name);
}
