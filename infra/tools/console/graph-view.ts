import type { Graph, Resource } from "@backend/sst-graph/graph";
import { referencesIn } from "@backend/sst-graph/reference";
import type { ResolvedResource } from "@backend/sst-graph/resolve";
import { gapsOf } from "@backend/sst-offline/deployment/coverage";
import type { Deployment } from "@backend/sst-offline/deployment/deployment";
import type { Gap } from "@backend/sst-offline/deployment/resources/reasons";
import { type Judged, judge } from "@backend/sst-policy/judge";
import type { Promises } from "@backend/sst-policy/promises";

/**
 * Returns the deployment graph as the console shows it: resources, which of them are simulated, and
 * the findings of the policy.
 *
 * @param today on which waivers are judged, such as `2026-11-23`
 */
export function graphView(
  { graph, declared, edge }: Pick<Deployment, "graph" | "declared" | "edge">,
  promises: Promises,
  today: string,
) {
  const { app, stage, region } = graph;
  const written = new Map(declared.resources.map((resource) => [resource.urn, resource]));
  const resources = graph.resources.map((resource) => {
    const { urn, type, name, parent, retainOnDelete, protect } = resource;
    // Without its inputs, what is missing is the whole of it.
    const simulated = gapsIn({ ...resource, inputs: {} }).length === 0;
    return {
      urn,
      type,
      name,
      parent: parent ?? null,
      simulated,
      gaps: gapsIn(resource),
      kept: retainOnDelete === true || protect === true,
      ...declaredAs(written.get(urn)),
    };
  });
  return { app, stage, region, resources, gaps: gapsIn(...graph.resources), ...policyOf(declared, promises, today) };

  function gapsIn(...some: ResolvedResource[]): Pick<Gap, "what" | "why">[] {
    return gapsOf({ graph: { resources: some }, edge }).map(({ what, why }) => ({ what, why }));
  }
}

/** What is written down of a resource, and the URNs of the others that it needs. */
function declaredAs({ inputs = {}, dependsOn = [] }: Partial<Resource> = {}) {
  const mentioned = referencesIn(inputs).map((reference) => reference.slice(0, reference.lastIndexOf("#")));
  return { inputs, uses: [...new Set([...mentioned, ...dependsOn])] };
}

/** What `pnpm policy` would find, and what has been accepted. */
function policyOf(graph: Graph, promises: Promises, today: string) {
  const names = new Map(graph.resources.map(({ urn, name }) => [urn, name]));
  const { findings, waived } = judge(graph, promises, today);
  return {
    policy: findings.map(shown),
    waived: waived.map(({ waiver: { reason, expires }, ...finding }) => ({ ...shown(finding), reason, expires })),
  };

  function shown({ rule, urn, message }: Judged) {
    return { rule: `${rule.severity}: ${rule.title}`, urn, resource: names.get(urn) ?? urn, message };
  }
}
