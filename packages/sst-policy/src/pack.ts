import type { Resource } from "@backend/sst-graph/graph";
import { findingsOf, type Judged, judge } from "./judge";
import type { Promises } from "./promises";
import { type Doubt, graphOfStack, type PulumiResource, readProps } from "./pulumi";
import { RULES } from "./rules";
import { type PolicyGraph, viewOf } from "./view";

type Report = (message: string, urn?: string) => void;

/** Policies as `PolicyPack` of `@pulumi/policy` takes them, which is not needed to make them. */
export interface Policy {
  name: string;
  description: string;
  enforcementLevel: "mandatory" | "advisory";
  validateResource?: (args: { urn: string; props: object }) => void;
  validateStack?: (args: { resources: PulumiResource[] }, report: Report) => void;
}

/**
 * The rules as a Pulumi policy pack. The engine shows what a resource was declared with one by one,
 * and the whole stack, with
 * what AWS made of it, at the end: both are needed.
 *
 * @param today as `2026-11-23`
 */
export function policies(promises: Promises, today: string): Policy[] {
  const inputs = new Map<string, Resource["inputs"]>();
  const doubt: Doubt = {};
  const findings = (resources: PulumiResource[]) => {
    const graph = graphOfStack(resources, inputs, doubt);
    return judge(graph, promises, today, findingsInDoubt(graph, promises, doubt)).findings;
  };
  return [
    {
      name: "declared",
      description: "Reads what resources were declared with; finds nothing itself.",
      enforcementLevel: "advisory",
      validateResource: ({ urn, props }) => void inputs.set(urn, readProps(props, doubt)),
    },
    {
      name: "rules",
      description: "The rules that pnpm policy --rules lists.",
      enforcementLevel: "mandatory",
      validateStack: ({ resources }, report) => {
        const urns = new Set(resources.map(({ urn }) => urn));
        for (const { rule, urn, path, message, unknown, fix = rule.fix } of findings(resources))
          if (!unknown)
            report(`[${rule.id}, ${rule.severity}] ${path}: ${message}. ${fix}`, urns.has(urn) ? urn : undefined);
      },
    },
    {
      name: "cannot-be-told",
      description: "What these rules cannot tell before the deployment.",
      enforcementLevel: "advisory",
      validateStack: ({ resources }, report) => {
        const open = findings(resources).filter(({ unknown }) => unknown);
        for (const rule of new Set(open.map((one) => one.rule))) {
          const of = open.filter((one) => one.rule === rule);
          const names = new Set(of.map(({ urn }) => urn.split("::").at(-1)));
          report(`[${rule.id}, ${rule.severity}] ${[...names].join(", ")}: ${of[0]?.message}`);
        }
      },
    },
  ];
}

/**
 * What the rules find where some values cannot be told: once a rule has looked at one of them, what
 * it finds is not certain, and
 * neither is that it finds nothing.
 */
function findingsInDoubt(graph: PolicyGraph, promises: Promises, doubt: Doubt): Judged[] {
  return RULES.filter(({ declaredOnly }) => !declaredOnly).flatMap((rule) => {
    // Copies, for which nothing that another rule has read is remembered.
    const resources = graph.resources.map((one) => ({ ...one }));
    doubt.met = undefined;
    const found = findingsOf(rule, viewOf({ ...graph, resources }, promises));
    if (doubt.met === undefined || rule.certain) return found;
    const message = `cannot be told before the deployment: ${doubt.met}`;
    return found.length === 0
      ? [{ rule, urn: "stage", path: "resources", message, unknown: true }]
      : found.map((one): Judged => ({ ...one, unknown: true }));
  });
}
