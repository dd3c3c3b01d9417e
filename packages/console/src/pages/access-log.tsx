import { useCallback, useMemo, useRef, useState } from "preact/hooks";

import { type AccessLogEntry, ownRequests } from "../data/api";
import { bytes, count, duration } from "../data/format";
import { MOST_ENTRIES, withText } from "../data/log-list";
import { rangeOf } from "../data/range";
import { closeTo, hrefWith, setQuery, useRoute } from "../data/route";
import { useLog } from "../data/use-log";
import { Copy, Field, Segments, Status, Time } from "../ui/parts";
import { LiveButton, RangePicker } from "../ui/range-picker";
import { Empty, Problem } from "../ui/states";
import { VirtualRows } from "../ui/virtual-rows";
import { RequestDrawer } from "./request-drawer";

const STATUSES = [
  ["", "All"],
  ["2xx", "2xx"],
  ["3xx", "3xx"],
  ["4xx", "4xx"],
  ["5xx", "5xx"],
] as const;
const ROW = 32;
/** Pages in a row, without one request to show, that are read without being asked for. */
const READ_ON = 10;

export default function AccessLog() {
  const { query } = useRoute();
  const [status, route, user] = ["status", "route", "user"].map((name) => query.get(name) ?? "") as [
    string,
    string,
    string,
  ];
  const text = query.get("text") ?? "";
  const range = rangeOf(query, "1h", Date.now());
  const live = range.name !== undefined && query.get("live") !== "off";
  const log = useLog(query, { status, route, user }, live);
  const [withOwn, setWithOwn] = useState(false);
  const [withPreflights, setWithPreflights] = useState(false);
  const { entries, page, error, loading } = log;
  const { shown, own, preflights } = useMemo(() => {
    const found = withText(entries, text);
    const others = found.filter(({ requestId }) => !ownRequests.has(requestId));
    const kept = withOwn ? found : others;
    const calls = kept.filter((entry) => !isPreflight(entry));
    return {
      shown: withPreflights ? kept : calls,
      own: found.length - others.length,
      preflights: kept.length - calls.length,
    };
  }, [entries, text, withOwn, withPreflights]);
  const readOn = useReadOn(log.loadOlder, `${query} ${shown.at(-1)?.requestId}`);
  const routes = useMemo(
    () => [...new Set(entries.slice(0, 2000).flatMap(({ routeKey }) => routeKey ?? []))].sort(),
    [entries],
  );
  const request = query.get("request");
  const at = Number(query.get("at") ?? Number.NaN);
  const close = useCallback(() => closeTo(hrefWith({ request: undefined, at: undefined })), []);

  return (
    <div class="log-page">
      <header class="top">
        <h1>Access log</h1>
        <RangePicker range={range} />
        <LiveButton
          live={live}
          disabled={range.name === undefined}
          onToggle={() => setQuery({ live: live ? "off" : undefined })}
        />
      </header>
      <div class="filters log">
        <Segments
          label="Status"
          options={STATUSES}
          value={STATUSES.find(([name]) => name === status)?.[0]}
          onPick={(name) => setQuery({ status: name })}
        />
        <Field
          label="Route"
          value={route}
          list={routes}
          placeholder="GET /events"
          onDone={(value) => setQuery({ route: value })}
        />
        <Field
          label="User or client"
          value={user}
          placeholder="sub or client_id"
          onDone={(value) => setQuery({ user: value })}
        />
        <Field
          label="Text in any field"
          value={text}
          placeholder="address, path, agent ..."
          onType={(value) => setQuery({ text: value }, { replace: true })}
        />
      </div>
      {error !== undefined && entries.length === 0 ? (
        <Problem error={error} onRetry={log.reload} />
      ) : (
        <VirtualRows
          label="Requests, newest first"
          of={`${log.key} ${text}`}
          kept={request ?? undefined}
          stale={log.stale}
          height={ROW}
          rows={shown}
          keyOf={keyOf}
          head={<Head />}
          render={row}
          onEnd={entries.length < MOST_ENTRIES ? readOn : undefined}
          empty={<Empty title={page === undefined ? "Reading the log ..." : nothing(page.complete, loading)} />}
        />
      )}
      <footer class="bar-foot">
        <span>
          {count(shown.length)} {shown.length === 1 ? "request" : "requests"}
          {page && !page.complete && (
            <>
              , back to <Time at={Date.parse(page.readFrom)} withDate />
            </>
          )}
        </span>
        {page && !page.complete && entries.length < MOST_ENTRIES && (
          <button type="button" class="small" disabled={log.loadOlder === undefined} onClick={log.loadOlder}>
            {loading ? "Reading ..." : "Older ones"}
          </button>
        )}
        {entries.length >= MOST_ENTRIES && (
          <span class="wrong">More than are held here: narrow the time or the filters</span>
        )}
        {log.unparseableLines > 0 && (
          <span class="wrong">
            At least {count(log.unparseableLines)} {log.unparseableLines === 1 ? "line" : "lines"} cannot be read
          </span>
        )}
        {error !== undefined && entries.length > 0 && <span class="wrong">{error.message}</span>}
        <label>
          <input type="checkbox" checked={withOwn} onChange={() => setWithOwn(!withOwn)} />
          with {count(own)} of this page's own
        </label>
        <label>
          <input type="checkbox" checked={withPreflights} onChange={() => setWithPreflights(!withPreflights)} />
          with {count(preflights)} preflights
        </label>
        {page && <Copy text={page.insightsQuery} label="Logs Insights query" />}
      </footer>
      {request !== null && (
        <RequestDrawer
          key={request}
          requestId={request}
          at={at > 0 && at < 1e14 ? at : undefined} // of what somebody wrote, a time near ours
          known={entries.find((entry) => entry.requestId === request)}
          onClose={close}
        />
      )}
    </div>
  );
}

/**
 * Reads older pages until there is something more to show, but for no more than some pages.
 *
 * @param until what is looked for, and how far it was found
 */
function useReadOn(loadOlder: (() => void) | undefined, until: string): (() => void) | undefined {
  const read = useRef({ until, pages: 0 });
  if (read.current.until !== until) read.current = { until, pages: 0 };
  return (
    loadOlder &&
    (() => {
      if (read.current.pages++ < READ_ON) loadOlder();
    })
  );
}

function nothing(complete: boolean, loading: boolean): string {
  if (complete) return "No request in this time that fits the filters";
  return loading ? "None so far: reading further back ..." : "None so far: the log goes further back than was read";
}

function Head() {
  return (
    <>
      <span role="columnheader">Time</span>
      <span role="columnheader">Status</span>
      <span role="columnheader" class="wide-only">
        Method
      </span>
      <span role="columnheader">Path</span>
      <span role="columnheader" class="wide-only caller">
        Caller
      </span>
      <span role="columnheader" class="n">
        Latency
      </span>
      <span role="columnheader" class="wide-only address">
        Address
      </span>
    </>
  );
}

/** API Gateway answers them itself, by the CORS of the API. */
function isPreflight({ httpMethod, routeKey, status }: AccessLogEntry): boolean {
  return httpMethod === "OPTIONS" && routeKey === undefined && status < 400;
}

function keyOf({ requestId }: AccessLogEntry): string {
  return requestId;
}

function row(entry: AccessLogEntry) {
  const { requestId, requestTimeEpoch, status, httpMethod, path, user, client, responseLatency, responseLength } =
    entry;
  return (
    <>
      <span role="cell">
        <a href={hrefWith({ request: requestId, at: String(requestTimeEpoch) })}>
          <Time at={requestTimeEpoch} fine />
        </a>
      </span>
      <span role="cell">
        <Status status={status} />
      </span>
      <span role="cell" class="wide-only mono">
        {httpMethod}
      </span>
      <span role="cell" class="mono" title={path}>
        {path}
      </span>
      <span role="cell" class="wide-only caller mono muted" title={user ?? client}>
        {user ?? client ?? "–"}
      </span>
      <span role="cell" class="n" title={`${bytes(responseLength)} sent`}>
        {duration(responseLatency)}
      </span>
      <span role="cell" class="wide-only address mono muted">
        {entry.sourceIp}
      </span>
    </>
  );
}
