import type { ListedAuditEvent } from "@backend/core/audit/event";
import { isoInstant } from "@backend/platform/epoch";
import { useApp } from "../../app-context";
import type { AccessLogEntry } from "../../data/api";
import { pageHref } from "../../data/route";
import { useLoad } from "../../data/use-load";
import { readEvents } from "./api";
import { referenceOf } from "./collection";
import { Outcome } from "./outcome";

const MINUTE_MS = 60_000;
/**
 * A retry may store an event under an id that is up to 5 minutes older. The rest is for clock skew.
 */
const BEFORE_MS = 6 * MINUTE_MS;
/** API Gateway waits 30 s for a function. The rest is for clock skew. */
const AFTER_MS = 2 * MINUTE_MS;
const MAX_PAGES = 10;

/** The audit events that a request recorded in the reader's tenant. */
export default function RecordedEvents({ requestId, requestTimeEpoch, httpMethod = "", status }: AccessLogEntry) {
  const { api } = useApp();
  const { data, error, reload } = useLoad(requestId, async (signal) => {
    const range = { from: isoInstant(requestTimeEpoch - BEFORE_MS), to: isoInstant(requestTimeEpoch + AFTER_MS) };
    const items: ListedAuditEvent[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const page = await readEvents(api, { requestId, ...range, cursor }, signal);
      items.push(...page.items);
      cursor = page.cursor;
      if (cursor === undefined) break;
    }
    return { items, isComplete: cursor === undefined };
  });
  const refresh = (
    <button type="button" class="small" onClick={reload}>
      Refresh
    </button>
  );
  if (error)
    return (
      <p class="muted">
        {error.status === 403 ? `Audit events can't be shown. ${error.message}` : error.message} {refresh}
      </p>
    );
  if (!data) return <p class="muted">Loading…</p>;
  const isRead = /^(GET|HEAD)$/.test(httpMethod) && status < 400;
  return (
    <>
      <ul class="list">
        {data.items.map(({ id, action, actor, outcome }) => (
          <li key={id}>
            <a class="mono" href={pageHref("/audit", { event: id })}>
              {action}
            </a>
            <Outcome outcome={outcome} />
            <span class="muted">
              by <bdi>{referenceOf(actor)}</bdi>
            </span>
          </li>
        ))}
      </ul>
      {data.items.length === 0 && data.isComplete && (
        <p class="muted">{isRead ? "None (read-only)" : "None in your tenant"}</p>
      )}
      {!data.isComplete && <p class="muted">There may be more events.</p>}
    </>
  );
}
