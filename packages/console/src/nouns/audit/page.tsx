import type { ListedAuditEvent } from "@backend/core/audit/event";
import { useState } from "preact/hooks";
import { count, MISSING } from "../../data/format";
import { queryOf, rangeOf } from "../../data/range";
import { closeTo, hrefWith, pageHref, requestHref, setQuery, useRoute } from "../../data/route";
import { session, viewerOf } from "../../data/session";
import { useStore } from "../../data/store";
import { Field, PageTitle, Segments, Time } from "../../ui/parts";
import { RangePicker } from "../../ui/range-picker";
import { Empty, Loading, Problem } from "../../ui/states";
import { referenceOf } from "./collection";
import { EventDrawer } from "./event-drawer";
import { Export } from "./export";
import { Outcome } from "./outcome";
import { useEvents } from "./use-events";

const OUTCOMES = [
  ["", "All"],
  ["success", "Success"],
  ["failure", "Failure"],
  ["denied", "Denied"],
] as const;

export default function Audit() {
  const { query } = useRoute();
  const filterOf = (name: string) => query.get(name) ?? "";
  const viewer = viewerOf(useStore(session));
  const [now, setNow] = useState(Date.now);
  const range = rangeOf(query, "7d", now);
  const filter = {
    ...queryOf(range),
    actor: filterOf("actor"),
    action: filterOf("action"),
    target: filterOf("target"),
    outcome: filterOf("outcome"),
  };
  const { events, error, loading, stale, cursor, reload, loadMore, loadingMore, problem } = useEvents(filter);
  const isFiltered = FILTERS.some((name) => filterOf(name) !== "");
  const event = query.get("event");
  // A range that ends now starts later, too.
  const refresh = () => {
    setNow(Date.now());
    reload();
  };
  return (
    <>
      <header class="top">
        <PageTitle title="Audit trail" about="Who did what, when: the events that your tenant has recorded." />
        <RangePicker range={range} />
        <button type="button" disabled={loading} onClick={refresh}>
          Refresh
        </button>
        <Export
          key={JSON.stringify([
            viewer,
            range.name ?? range,
            filter.actor,
            filter.action,
            filter.target,
            filter.outcome,
          ])}
          filter={filter}
          disabled={!events?.length}
        />
      </header>
      <div class="filters">
        <Field
          label="Actor"
          value={filter.actor}
          placeholder="e.g. user:ada"
          onDone={(value) => setQuery({ actor: value })}
        />
        <Field
          label="Action"
          value={filter.action}
          placeholder="e.g. invoice.paid, invoice.*"
          onDone={(value) => setQuery({ action: value })}
        />
        <Field
          label="Target"
          value={filter.target}
          placeholder="e.g. invoice:42"
          onDone={(value) => setQuery({ target: value })}
        />
        <div class="labelled">
          <span aria-hidden="true">Outcome</span>
          <Segments
            label="Outcome"
            options={OUTCOMES}
            value={OUTCOMES.find(([name]) => name === filter.outcome)?.[0]}
            onPick={(name) => setQuery({ outcome: name })}
          />
        </div>
      </div>
      {error && <Problem error={error} onRetry={reload} />}
      {!error && (
        <div class={`events ${stale ? "stale" : ""}`} aria-busy={loading}>
          <Events events={events} />
          {events?.length === 0 && <NoEvents isComplete={cursor === undefined} isFiltered={isFiltered} />}
          {events === undefined && <Loading />}
          <p class="bar-foot">
            <span>{events ? `${count(events.length)} ${events.length === 1 ? "event" : "events"}` : "\u00a0"}</span>
            {cursor !== undefined && (
              <button type="button" class="small" disabled={loadingMore || stale} onClick={() => void loadMore()}>
                {loadingMore ? "Loading…" : "Load older"}
              </button>
            )}
            {problem !== undefined && <span class="wrong">{problem}</span>}
          </p>
        </div>
      )}
      {event !== null && <EventDrawer key={event} id={event} onClose={() => closeTo(hrefWith({ event: undefined }))} />}
    </>
  );
}

const FILTERS = ["actor", "action", "target", "outcome"];

function NoEvents({ isComplete, isFiltered }: { isComplete: boolean; isFiltered: boolean }) {
  if (!isComplete) return <Empty title="Nothing yet in the part searched" />;
  if (isFiltered)
    return (
      <Empty title="No events match these filters">
        <p class="actions">
          <button type="button" onClick={() => setQuery(Object.fromEntries(FILTERS.map((name) => [name, ""])))}>
            Clear filters
          </button>
        </p>
      </Empty>
    );
  return (
    <Empty title="No audit events in this range">
      <p>Clients with the scope audit/write record events.</p>
      <p class="actions">
        <a class="button" href={pageHref("/try", { operation: "recordEvents" })}>
          Record a test event
        </a>
      </p>
    </Empty>
  );
}

function Events({ events = [] }: { events: ListedAuditEvent[] | undefined }) {
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            <th scope="col">Recorded</th>
            <th scope="col">Action</th>
            <th scope="col">Outcome</th>
            <th scope="col" class="wide-only">
              Actor
            </th>
            <th scope="col" class="wide-only targets">
              Targets
            </th>
            <th scope="col" class="wide-only request">
              Request
            </th>
          </tr>
        </thead>
        <tbody>
          {events.map(({ id, action, actor, targets, outcome, recordedAt, requestId }) => (
            <tr key={id}>
              <td>
                <Time at={Date.parse(recordedAt)} withDate />
              </td>
              <th scope="row">
                <a class="mono row-link" href={hrefWith({ event: id })}>
                  {action}
                </a>
                <small class="narrow-only mono">by {referenceOf(actor)}</small>
              </th>
              <td>
                <Outcome outcome={outcome} />
              </td>
              <td class="cut wide-only">
                <a class="mono" href={hrefWith({ actor: referenceOf(actor) })} title={actor.name}>
                  {referenceOf(actor)}
                </a>
              </td>
              <td class="cut mono wide-only targets" title={targets.map(referenceOf).join(", ")}>
                {targets.map(referenceOf).join(", ") || <span class="muted">{MISSING}</span>}
              </td>
              <td class="wide-only request">
                <a class="mono" href={requestHref(requestId, Date.parse(recordedAt))}>
                  {requestId}
                </a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
