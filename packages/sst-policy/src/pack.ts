import type { Resource } from "@backend/sst-graph/graph";
import { findingsOf, type Judged, judge } from "./judge";
import type { Promises } from "./promises";
import { type Doubt, graphOfStack, type PulumiResource, readProps } from "./pulumi";
import { RULES } from "./rules";
import { type PolicyGraph, viewOf } from "./view";

type Report = (message: string, urn?: string) => void;

/**
 * A policy for `PolicyPack` of `@pulumi/policy`. This package does not depend on `@pulumi/policy`.
 */
export interface Policy {
  name: string;
  description: string;
  enforcementLevel: "mandatory" | "advisory";
  validateResource?: (args: { urn: string; props: object }) => void;
  validateStack?: (args: { resources: PulumiResource[] }, report: Report) => void;
}

/**
 * Returns the rules as policies of a Pulumi policy pack. The engine shows the declared inputs of
 * one resource after the other. At the end it shows the whole stack with its outputs. The rules
 * need both.
 *
 * @param today such as `2026-11-23`
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
      description: "Reads the declared inputs of resources. Reports nothing itself.",
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
      name: "undetermined",
      description: "Rules that cannot be checked before the deployment.",
      enforcementLevel: "advisory",
      validateStack: ({ resources }, report) => {
        const undetermined = findings(resources).filter(({ unknown }) => unknown);
        for (const rule of new Set(undetermined.map((one) => one.rule))) {
          const ofRule = undetermined.filter((one) => one.rule === rule);
          const names = new Set(ofRule.map(({ urn }) => urn.split("::").at(-1)));
          report(`[${rule.id}, ${rule.severity}] ${[...names].join(", ")}: ${ofRule[0]?.message}`);
        }
      },
    },
  ];
}

/**
 * Returns the findings of a graph in which some values are unknown. If a rule read an unknown
 * value, both its findings and its silence are reported as unknown.
 */
function findingsInDoubt(graph: PolicyGraph, promises: Promises, doubt: Doubt): Judged[] {
  return RULES.filter(({ declaredOnly }) => !declaredOnly).flatMap((rule) => {
    // Caches are keyed by resource: with copies, each rule reads the values itself.
    const resources = graph.resources.map((one) => ({ ...one }));
    doubt.reason = undefined;
    const found = findingsOf(rule, viewOf({ ...graph, resources }, promises));
    if (doubt.reason === undefined || rule.certain) return found;
    const message = `cannot be checked before the deployment: ${doubt.reason}`;
    return found.length === 0
      ? [{ rule, urn: "stage", path: "resources", message, unknown: true }]
      : found.map((one): Judged => ({ ...one, unknown: true }));
  });
}
