import type { ListedAuditEvent } from "@backend/core/audit/event";
import { isoInstant } from "@backend/platform/epoch";
import { useApp } from "../../app-context";
import type { AccessLogEntry } from "../../data/api";
import { useLoad } from "../../data/use-load";
import { readEvents } from "./api";
import { referenceOf } from "./collection";
import { Outcome } from "./outcome";

const MINUTE = 60_000;
/**
 * A retry may store an event under an id that its first attempt claimed, up to 5 minutes before;
 * the rest is for clocks that differ.
 */
const BEFORE = 6 * MINUTE;
/** API Gateway waits 30 s for a function; the rest is for clocks that differ. */
const AFTER = 2 * MINUTE;
const MOST_PAGES = 10;

/** The audit events that a request recorded, as far as its reader's tenant has them. */
export default function RecordedEvents({ requestId, requestTimeEpoch, httpMethod = "", status }: AccessLogEntry) {
  const { api } = useApp();
  const { data, error, reload } = useLoad(requestId, async (signal) => {
    const range = { from: isoInstant(requestTimeEpoch - BEFORE), to: isoInstant(requestTimeEpoch + AFTER) };
    const items: ListedAuditEvent[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page = await readEvents(api, { requestId, ...range, cursor }, signal);
      items.push(...page.items);
      cursor = page.cursor;
      if (cursor === undefined) break;
    }
    return { items, isWhole: cursor === undefined };
  });
  const lookAgain = (
    <button type="button" class="small" onClick={reload}>
      Look again
    </button>
  );
  if (error)
    return (
      <p class="muted">
        {error.message} {lookAgain}
      </p>
    );
  if (!data) return <p class="muted">Looking for them ...</p>;
  const isRead = /^(GET|HEAD)$/.test(httpMethod) && status < 400;
  return (
    <>
      <ul class="list">
        {data.items.map(({ id, action, actor, outcome }) => (
          <li key={id}>
            <a class="mono" href={`/audit?event=${id}`}>
              {action}
            </a>
            <Outcome outcome={outcome} />
            <span class="muted">
              by <bdi>{referenceOf(actor)}</bdi>
            </span>
          </li>
        ))}
      </ul>
      {data.items.length === 0 && data.isWhole && (
        <p class="muted">{isRead ? "None: it only read." : "None, in the tenant of your token."}</p>
      )}
      {!data.isWhole && <p class="muted">Not all events of these minutes were read: there may be more.</p>}
    </>
  );
}
