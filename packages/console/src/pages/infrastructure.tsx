import { useCallback, useMemo, useState } from "preact/hooks";

import { type Finding, type Graph, groupsOf, isComponent, loadGraph, nameOf, titleOf } from "../data/graph";
import { closeTo, hrefWith, useRoute } from "../data/route";
import { useLoad } from "../data/use-load";
import { Field, PageTitle, Panel } from "../ui/parts";
import { Empty, Loading, Problem } from "../ui/states";
import { ResourceDrawer, Simulated } from "./resource-drawer";

/** The resources of a deployment, and which of them run locally. */
export default function Infrastructure() {
  const { query } = useRoute();
  const { data, error, reload } = useLoad("graph", loadGraph);
  const openUrn = query.get("resource");
  const close = useCallback(() => closeTo(hrefWith({ resource: undefined })), []);
  return (
    <>
      <header class="top">
        <PageTitle title="Infrastructure" about="What this stage deploys, and which of it runs on this machine." />
        {data && (
          <span class="muted">
            {data.app} · {data.stage} · {data.region}
          </span>
        )}
      </header>
      {error && <Problem error={error} onRetry={reload} />}
      {!error && !data && <Loading />}
      {data && <Resources graph={data} />}
      {data && openUrn !== null && <ResourceDrawer key={openUrn} urn={openUrn} graph={data} onClose={close} />}
    </>
  );
}

function Resources({ graph: { resources, gaps, policy, waived } }: { graph: Graph }) {
  const [text, setText] = useState("");
  const groups = useMemo(() => groupsOf(resources, text), [resources, text]);
  const awsResources = resources.filter(({ type }) => !isComponent(type));
  return (
    <div class="infra">
      <div>
        <div class="group">
          <Field label="Search resources" value={text} placeholder="name or type" onType={setText} />
        </div>
        {groups.map(([type, found]) => (
          <Panel key={type} class="group" title={titleOf(type)} note={<span class="mono">{type}</span>}>
            <ul class="list">
              {found.map((resource) => (
                <li key={resource.urn} class="resource">
                  <a class="mono" href={hrefWith({ resource: resource.urn })}>
                    {resource.name}
                  </a>
                  {resource.parent !== null && <span class="muted">{nameOf(resource.parent)}</span>}
                  <Simulated resource={resource} />
                </li>
              ))}
            </ul>
          </Panel>
        ))}
        {groups.length === 0 && <Empty title="No resources match" />}
      </div>
      <div>
        <Panel class="group" title="Summary">
          <dl class="totals">
            <dt>AWS resources</dt>
            <dd>{awsResources.length}</dd>
            <dt>Running locally</dt>
            <dd>{awsResources.filter(({ simulated }) => simulated).length}</dd>
            <dt>Policy findings</dt>
            <dd>{policy.length}</dd>
            <dt>Accepted (waivers)</dt>
            <dd>{waived.length}</dd>
          </dl>
        </Panel>
        <Findings title="Policy findings" findings={policy} />
        <Panel class="group" title="Not available locally" note={`${gaps.length}`}>
          <ul class="list">
            {gaps.map(({ what, why }) => (
              <li key={`${what} ${why}`} class="gap">
                <strong>{what}</strong>
                <span class="muted">{why}</span>
              </li>
            ))}
          </ul>
        </Panel>
        <Findings title="Accepted (waivers)" findings={waived} />
      </div>
    </div>
  );
}

function Findings({
  title,
  findings,
}: {
  title: string;
  findings: (Finding & { reason?: string; expires?: string })[];
}) {
  if (findings.length === 0) return null;
  return (
    <Panel class="group" title={title} note={`${findings.length}`}>
      <ul class="list">
        {findings.map(({ rule, urn, resource, message, reason, expires }) => (
          <li key={`${rule} ${urn} ${message}`} class="gap">
            <strong>{rule}</strong>
            {urn === resource ? (
              <span class="mono">{resource}</span>
            ) : (
              <a class="mono" href={hrefWith({ resource: urn })}>
                {resource}
              </a>
            )}
            <span class="muted">{message}</span>
            {reason !== undefined && (
              <span class="muted">
                Accepted until {expires}: {reason}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
