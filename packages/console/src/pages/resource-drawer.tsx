import type { ComponentChildren } from "preact";

import { type Graph, inputsOf, isComponent, nameOf, type Resource, serviceOf } from "../data/graph";
import { hrefWith } from "../data/route";
import { Drawer } from "../ui/drawer";
import { Copy, Json, Tag } from "../ui/parts";
import { Empty } from "../ui/states";

/** One resource: what is declared of it, what of that is simulated, and what it has to do with others. */
export function ResourceDrawer({ urn, graph, onClose }: { urn: string; graph: Graph; onClose(): void }) {
  const resource = graph.resources.find((one) => one.urn === urn);
  return (
    <Drawer title={nameOf(urn)} onClose={onClose}>
      {resource ? (
        <Declared resource={resource} graph={graph} />
      ) : (
        <Empty title={`The stage ${graph.stage} declares no such resource`} />
      )}
    </Drawer>
  );
}

function Declared({ resource, graph: { resources, policy, waived } }: { resource: Resource; graph: Graph }) {
  const { urn, type, gaps, kept, parent, uses } = resource;
  const inUse = resources.filter((other) => other.uses.includes(urn) && !isComponent(other.type));
  const findings = [...policy, ...waived].filter((finding) => finding.urn === urn);
  return (
    <>
      <p class="lead">
        {serviceOf(type)} <Simulated resource={resource} />
        {kept && <Tag>kept on removal</Tag>}
      </p>
      <p class="muted mono">{type}</p>
      {parent !== null && (
        <p class="muted">
          Made by the component <span class="mono">{nameOf(parent)}</span>.
        </p>
      )}
      {gaps.length > 0 && (
        <Section title="What is not simulated of it">
          {gaps.map(({ what, why }) => (
            <li key={`${what} ${why}`}>
              <strong>{what}</strong> <span class="muted">{why}</span>
            </li>
          ))}
        </Section>
      )}
      {findings.length > 0 && (
        <Section title="Found by the policy">
          {findings.map((finding) => (
            <li key={`${finding.rule} ${finding.message}`}>
              {finding.rule}: {finding.message}
              {"reason" in finding && <span class="muted"> Accepted: {String(finding.reason)}</span>}
            </li>
          ))}
        </Section>
      )}
      <Links title="Needs" urns={uses} />
      <Links title="Is needed by" urns={inUse.map((other) => other.urn)} />
      <p class="actions">
        <Copy text={location.href} label="Copy a link to it" />
        <Copy text={urn} label="Copy its URN" />
      </p>
      <h3>As it is declared</h3>
      <Json value={inputsOf(resource)} />
    </>
  );
}

export function Simulated({ resource: { simulated } }: { resource: Resource }) {
  return <Tag kind={simulated ? "yes" : ""}>{simulated ? "simulated" : "not simulated"}</Tag>;
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
