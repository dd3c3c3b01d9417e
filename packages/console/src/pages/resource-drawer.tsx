import type { ComponentChildren } from "preact";

import { type Graph, inputsOf, isComponent, nameOf, type Resource, titleOf } from "../data/graph";
import { hrefWith } from "../data/route";
import { Drawer } from "../ui/drawer";
import { Copy, Json, Tag } from "../ui/parts";
import { Empty } from "../ui/states";

/** One resource: its configuration, local limitations, findings and dependencies. */
export function ResourceDrawer({ urn, graph, onClose }: { urn: string; graph: Graph; onClose(): void }) {
  const resource = graph.resources.find((candidate) => candidate.urn === urn);
  return (
    <Drawer title={nameOf(urn)} onClose={onClose}>
      {resource ? (
        <ResourceDetails resource={resource} graph={graph} />
      ) : (
        <Empty title={`No such resource in ${graph.stage}`} />
      )}
    </Drawer>
  );
}

function ResourceDetails({ resource, graph: { resources, policy, waived } }: { resource: Resource; graph: Graph }) {
  const { urn, type, gaps, kept, parent, uses } = resource;
  const dependents = resources.filter((other) => other.uses.includes(urn) && !isComponent(other.type));
  const findings = [...policy, ...waived].filter((finding) => finding.urn === urn);
  return (
    <>
      <p class="lead">
        {titleOf(type)} <Simulated resource={resource} />
        {kept && <Tag>Retained on delete</Tag>}
      </p>
      <p class="muted mono">{type}</p>
      {parent !== null && (
        <p class="muted">
          Part of component <span class="mono">{nameOf(parent)}</span>
        </p>
      )}
      {gaps.length > 0 && (
        <Section title="Local limitations">
          {gaps.map(({ what, why }) => (
            <li key={`${what} ${why}`}>
              <strong>{what}</strong> <span class="muted">{why}</span>
            </li>
          ))}
        </Section>
      )}
      {findings.length > 0 && (
        <Section title="Policy findings">
          {findings.map((finding) => (
            <li key={`${finding.rule} ${finding.message}`}>
              {finding.rule}: {finding.message}
              {"reason" in finding && <span class="muted"> Accepted: {String(finding.reason)}</span>}
            </li>
          ))}
        </Section>
      )}
      <Links title="Depends on" urns={uses} />
      <Links title="Used by" urns={dependents.map((other) => other.urn)} />
      <p class="actions">
        <Copy text={location.href} label="Copy link" />
        <Copy text={urn} label="Copy URN" />
      </p>
      <h3>Configuration</h3>
      <Json value={inputsOf(resource)} />
    </>
  );
}

export function Simulated({ resource: { simulated } }: { resource: Resource }) {
  return <Tag kind={simulated ? "yes" : ""}>{simulated ? "runs locally" : "AWS only"}</Tag>;
}

function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <>
      <h3>{title}</h3>
      <ul class="list">{children}</ul>
    </>
  );
}

function Links({ title, urns }: { title: string; urns: string[] }) {
  if (urns.length === 0) return null;
  return (
    <Section title={title}>
      {urns.map((urn) => (
        <li key={urn}>
          <a class="mono" href={hrefWith({ resource: urn })}>
            {nameOf(urn)}
          </a>
        </li>
      ))}
    </Section>
  );
}
