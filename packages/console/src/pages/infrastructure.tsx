import { useMemo, useState } from "preact/hooks";

import { ApiError } from "../data/problem";
import { useLoad } from "../data/use-load";
import { Field, Panel } from "../ui/parts";
import { Empty, Problem } from "../ui/states";

interface Graph {
  app: string;
  stage: string;
  region: string;
  resources: { urn: string; type: string; name: string; parent: string | null; simulated: boolean }[];
  gaps: { what: string; why: string }[];
  /** What `pnpm policy` finds. */
  policy: { rule: string; resource: string; message: string }[];
}

/** What a deployment would create, and what of it this machine plays. */
export default function Infrastructure() {
  const { data, error, reload } = useLoad("graph", async (signal) => {
    const response = await fetch("/_offline/graph", { signal });
    if (!response.ok) throw new ApiError("gateway", `The graph was answered with ${response.status}.`);
    return (await response.json()) as Graph;
  });
  return (
    <>
      <header class="top">
        <h1>Infrastructure</h1>
        {data && (
          <span class="muted">
            {data.app} · {data.stage} · {data.region}
          </span>
        )}
      </header>
      {error && <Problem error={error} onRetry={reload} />}
      {!error && !data && <Empty title="Reading the deployment graph ..." />}
      {data && <Resources graph={data} />}
    </>
  );
}

function Resources({ graph: { resources, gaps, policy } }: { graph: Graph }) {
  const [text, setText] = useState("");
  const groups = useMemo(() => groupsOf(resources, text), [resources, text]);
  const real = resources.filter(({ type }) => !isComponent(type));
  const simulated = real.filter((resource) => resource.simulated).length;
  return (
    <div class="infra">
      <div>
        <div class="group">
          <Field label="Find a resource" value={text} placeholder="name or type" onType={setText} />
        </div>
        {groups.map(([type, found]) => (
          <Panel key={type} class="group" title={serviceOf(type)} note={<span class="mono">{type}</span>}>
            <ul class="list">
              {found.map(({ urn, name, simulated: isSimulated, parent }) => (
                <li key={urn} class="resource" title={urn}>
                  <span class="mono">{name}</span>
                  {parent !== null && <span class="muted">{parent.split("::").at(-1)}</span>}
                  <span class={`tag ${isSimulated ? "yes" : ""}`}>{isSimulated ? "simulated" : "not simulated"}</span>
                </li>
              ))}
            </ul>
          </Panel>
        ))}
        {groups.length === 0 && <Empty title="No resource has this in its name or type" />}
      </div>
      <div>
        <Panel class="group" title="In all">
          <dl class="totals">
            <dt>Resources in AWS</dt>
            <dd>{real.length}</dd>
            <dt>Simulated here</dt>
            <dd>{simulated}</dd>
            <dt>Findings of the policy</dt>
            <dd>{policy.length}</dd>
          </dl>
        </Panel>
        {policy.length > 0 && (
          <Panel class="group" title="Findings of the policy" note={`${policy.length}`}>
            <ul class="list">
              {policy.map(({ rule, resource, message }) => (
                <li key={`${rule} ${resource} ${message}`} class="gap">
                  <strong>{rule}</strong>
                  <span class="mono">{resource}</span>
                  <span class="muted">{message}</span>
                </li>
              ))}
            </ul>
          </Panel>
        )}
        <Panel title="Not simulated here" note={`${gaps.length}`}>
          <ul class="list">
            {gaps.map(({ what, why }) => (
              <li key={`${what} ${why}`} class="gap">
                <strong>{what}</strong>
                <span class="muted">{why}</span>
              </li>
            ))}
          </ul>
        </Panel>
      </div>
    </div>
  );
}

function groupsOf(resources: Graph["resources"], text: string): [string, Graph["resources"]][] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, Graph["resources"]>();
  for (const resource of resources) {
    const { type, name } = resource;
    if (isComponent(type) || !words.every((word) => `${name} ${type}`.toLowerCase().includes(word))) continue;
    groups.set(type, [...(groups.get(type) ?? []), resource]);
  }
  return [...groups].sort(([a], [b]) => a.localeCompare(b));
}

/** They group what they make, and are nothing in AWS. */
function isComponent(type: string): boolean {
  return /^(sst|pulumi):/.test(type);
}

/** `aws:apigatewayv2/api:Api` -> `apigatewayv2 Api`. */
function serviceOf(type: string): string {
  const [, service = type, name = ""] = /^[\w-]+:([\w-]+)\/[\w-]+:(\w+)$/.exec(type) ?? [];
  return `${service} ${name}`.trim();
}
