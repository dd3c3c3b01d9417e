import type { AuditEvent } from "@backend/core/audit/event";
import type { ComponentChildren } from "preact";

import { useApp } from "../../app-context";
import { MISSING } from "../../data/format";
import { requestHref } from "../../data/route";
import { useLoad } from "../../data/use-load";
import { Drawer } from "../../ui/drawer";
import { Copy, Json, Time } from "../../ui/parts";
import { Loading, Problem } from "../../ui/states";
import { readEvent } from "./api";
import { referenceOf } from "./collection";
import { Outcome } from "./outcome";

/** One audit event with all its fields. */
export function EventDrawer({ id, onClose }: { id: string; onClose(): void }) {
  const { api } = useApp();
  const { data, error, reload } = useLoad(id, (signal) => readEvent(api, id, signal));
  return (
    <Drawer title="Audit event" onClose={onClose}>
      {error ? <Problem error={error} onRetry={reload} /> : data ? <Event event={data} /> : <Loading />}
    </Drawer>
  );
}

function Event({ event }: { event: AuditEvent }) {
  const { action, outcome, actor, targets, occurredAt, recordedAt, requestId, tenant, sourceIp, userAgent } = event;
  const { metadata } = event;
  const recordedBy = event.recordedBy as AuditEvent["recordedBy"] | undefined; // missing in events of earlier versions
  return (
    <>
      <p class="lead">
        <span class="mono">{action}</span> <Outcome outcome={outcome} />
      </p>
      <p class="id">
        <span class="mono">{event.id}</span> <Copy text={event.id} label="Copy id" />
      </p>
      <dl class="fields">
        <Row name="Actor">
          <Party {...actor} />
        </Row>
        <Row name="Targets">
          {targets.length === 0 && <span class="muted">{MISSING}</span>}
          {targets.map((target) => (
            <div key={referenceOf(target)}>
              <Party {...target} />
            </div>
          ))}
        </Row>
        <Row name="Occurred">
          <Time at={Date.parse(occurredAt)} withDate fine />
        </Row>
        <Row name="Recorded">
          <Time at={Date.parse(recordedAt)} withDate fine />
        </Row>
        <Row name="Recorded by">
          {recordedBy === undefined ? (
            <span class="muted">{MISSING}</span>
          ) : (
            <>
              <bdi class="mono">{referenceOf(recordedBy)}</bdi>
              {recordedBy.type === "user" && (
                <span class="muted">
                  {" "}
                  with client <bdi class="mono">{recordedBy.client}</bdi>
                </span>
              )}
            </>
          )}
        </Row>
        <Row name="Request">
          <a class="mono" href={requestHref(requestId, Date.parse(recordedAt))}>
            {requestId}
          </a>
        </Row>
        <Row name="IP">
          <span class="mono">{sourceIp}</span>
        </Row>
        <Row name="User agent">
          {userAgent === undefined ? <span class="muted">{MISSING}</span> : <bdi>{userAgent}</bdi>}
        </Row>
        <Row name="Tenant">
          <span class="mono">{tenant}</span>
        </Row>
      </dl>
      {Object.keys(metadata).length > 0 && (
        <>
          <h3>Metadata</h3>
          <dl class="fields">
            {Object.entries(metadata).map(([name, value]) => (
              <Row key={name} name={name}>
                <bdi class="mono">{value}</bdi>
              </Row>
            ))}
          </dl>
        </>
      )}
      <p class="actions">
        <Copy text={location.href} label="Copy link" />
        <Copy text={JSON.stringify(event)} label="Copy as JSON" />
      </p>
      <h3>Raw event</h3>
      <Json value={event} />
    </>
  );
}

function Row({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt class="muted">
        <bdi>{name}</bdi>
      </dt>
      <dd>{children}</dd>
    </>
  );
}

function Party({ type, id, name }: { type: string; id: string; name?: string | undefined }) {
  return (
    <>
      <bdi class="mono">
        {type}:{id}
      </bdi>
      {name !== undefined && <bdi class="muted"> {name}</bdi>}
    </>
  );
}
