import { useCallback, useMemo, useRef, useState } from "preact/hooks";

import { type AccessLogEntry, consoleRequests } from "../data/api";
import { bytes, count, duration, MISSING } from "../data/format";
import { MAX_ENTRIES, withText } from "../data/log-list";
import { type ApiError, endsView } from "../data/problem";
import { rangeOf } from "../data/range";
import { rejectionFilter } from "../data/reason";
import { closeTo, hrefWith, setQuery, useRoute } from "../data/route";
import { useLog } from "../data/use-log";
import { Icon } from "../ui/icon";
import { Copy, Field, PageTitle, Segments, Status, Time } from "../ui/parts";
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
const FILTERS = ["status", "route", "user", "address", "rejection", "text"];
const ROW_HEIGHT_PX = 32;
/** Consecutive pages without a visible request that are loaded automatically. */
const MAX_EMPTY_PAGES = 10;

export default function AccessLog() {
  const { query } = useRoute();
  const filterOf = (name: string) => query.get(name) ?? "";
  const [status, route, user, address, text] = [
    filterOf("status"),
    filterOf("route"),
    filterOf("user"),
    filterOf("address"),
    filterOf("text"),
  ];
  const rejection = useMemo(() => rejectionFilter(query.get("rejection") ?? ""), [query]);
  const range = rangeOf(query, "1h", Date.now());
  const live = range.name !== undefined && query.get("live") !== "off";
  const log = useLog(query, { status: status || rejection?.status, route, user, address }, live);
  const [showsConsole, setShowsConsole] = useState(false);
  const [showsPreflights, setShowsPreflights] = useState(false);
  const { entries, page, error, loading } = log;
  const { shown, fromConsole, preflights } = useMemo(() => {
    const found = withText(rejection ? entries.filter(rejection.matches) : entries, text);
    const others = found.filter(({ requestId }) => !consoleRequests.has(requestId));
    const selected = showsConsole ? found : others;
    const calls = selected.filter((entry) => !isPreflight(entry));
    return {
      shown: showsPreflights ? selected : calls,
      fromConsole: found.length - others.length,
      preflights: selected.length - calls.length,
    };
  }, [entries, text, rejection, showsConsole, showsPreflights]);
  const loadMore = useLimitedLoad(log.loadOlder, `${query} ${shown.at(-1)?.requestId}`);
  const routes = useMemo(
    () => [...new Set(entries.slice(0, 2000).flatMap(({ routeKey }) => routeKey ?? []))].sort(),
    [entries],
  );
  const isFiltered = FILTERS.some((name) => filterOf(name) !== "");
  const request = query.get("request");
  const at = Number(query.get("at") ?? Number.NaN);
  const close = useCallback(() => closeTo(hrefWith({ request: undefined, at: undefined })), []);

  return (
    <div class="log-page">
      <header class="top">
        <PageTitle title="Access log" about="Every request to the API, also those that it rejected." />
        <RangePicker range={range} />
        <LiveButton
          live={live}
          disabled={range.name === undefined}
          onToggle={() => setQuery({ live: live ? "off" : undefined })}
        />
      </header>
      <div class="filters log">
        <div class="labelled">
          <span aria-hidden="true">Status</span>
          <Segments
            label="Status"
            options={isClass(status) ? STATUSES : [...STATUSES, [status, status] as const]}
            value={status}
            onPick={(name) => setQuery({ status: name })}
          />
        </div>
        <Field
          label="Route"
          value={route}
          list={routes}
          placeholder="GET /events"
          onDone={(value) => setQuery({ route: value })}
        />
        <Field
          label="Caller"
          value={user}
          placeholder="user or client id"
          onDone={(value) => setQuery({ user: value })}
        />
        <Field
          label="Search"
          value={text}
          placeholder="path, IP, user agent…"
          onType={(value) => setQuery({ text: value }, { replace: true })}
        />
        {address !== "" && <Chip label={`IP ${address}`} onRemove={() => setQuery({ address: "" })} />}
        {rejection && <Chip label={rejection.label} onRemove={() => setQuery({ rejection: "" })} />}
      </div>
      {error !== undefined && entries.length === 0 ? (
        <Problem error={error} onRetry={log.reload} />
      ) : (
        <VirtualRows
          label="Requests"
          listKey={`${log.key} ${rejection?.label} ${text}`}
          pinnedKey={request ?? undefined}
          stale={log.stale}
          height={ROW_HEIGHT_PX}
          rows={shown}
          keyOf={keyOf}
          head={<Head />}
          render={row}
          onEnd={entries.length < MAX_ENTRIES ? loadMore : undefined}
          empty={<NoRequests isLoading={loading} isComplete={page?.complete} isFiltered={isFiltered} />}
        />
      )}
      {(error === undefined || !endsView(error)) && (
        <footer class="bar-foot">
          <span>
            {count(shown.length)} {shown.length === 1 ? "request" : "requests"}
            {page && !page.complete && (
              <>
                {" since "}
                <Time at={Date.parse(page.readFrom)} withDate />
              </>
            )}
          </span>
          {page && !page.complete && entries.length < MAX_ENTRIES && (
            <button type="button" class="small" disabled={log.loadOlder === undefined} onClick={log.loadOlder}>
              {loading ? "Loading…" : "Load older"}
            </button>
          )}
          {entries.length >= MAX_ENTRIES && (
            <span class="wrong">Showing the newest {count(MAX_ENTRIES)}. Narrow the range or filters.</span>
          )}
          {log.unparseableLines > 0 && (
            <span class="wrong">
              {count(log.unparseableLines)}+ {log.unparseableLines === 1 ? "entry" : "entries"} couldn't be parsed
            </span>
          )}
          {error !== undefined && entries.length > 0 && <span class="wrong">{explainPause(error)}</span>}
          <label>
            <input type="checkbox" checked={showsConsole} onChange={() => setShowsConsole(!showsConsole)} />
            Console requests ({count(fromConsole)})
          </label>
          <label>
            <input type="checkbox" checked={showsPreflights} onChange={() => setShowsPreflights(!showsPreflights)} />
            CORS preflights ({count(preflights)})
          </label>
          {page && <Copy text={page.insightsQuery} label="Copy Logs Insights query" />}
        </footer>
      )}
      {request !== null && (
        <RequestDrawer
          key={request}
          requestId={request}
          at={at > 0 && at < 1e14 ? at : undefined} // a URL may contain any number
          entry={entries.find((entry) => entry.requestId === request)}
          onClose={close}
        />
      )}
    </div>
  );
}

/**
 * True for `All` and the classes, which always have a button. A single status has one while it is
 * chosen.
 */
function isClass(status: string): boolean {
  return STATUSES.some(([name]) => name === status);
}

/** A filter that a link has set, and a click removes. */
function Chip({ label, onRemove }: { label: string; onRemove(): void }) {
  return (
    <button type="button" class="chip" aria-label={`Remove the filter ${label}`} onClick={onRemove}>
      {label}
      <Icon name="close" />
    </button>
  );
}

/**
 * Returns a function that loads older pages, but not endlessly: it stops after ten pages that show
 * nothing new.
 *
 * @param progress changes with the filters and with the oldest visible request
 */
function useLimitedLoad(loadOlder: (() => void) | undefined, progress: string): (() => void) | undefined {
  const read = useRef({ progress, pages: 0 });
  if (read.current.progress !== progress) read.current = { progress, pages: 0 };
  return (
    loadOlder &&
    (() => {
      if (read.current.pages++ < MAX_EMPTY_PAGES) loadOlder();
    })
  );
}

function explainPause(error: ApiError): string {
  if (error.kind === "down") return "The API isn't responding, retrying…";
  return error.kind === "unreachable" ? "Live updates paused: API unreachable, retrying…" : error.message;
}

/** @param isComplete undefined before the first response */
function NoRequests({
  isLoading,
  isComplete,
  isFiltered,
}: {
  isLoading: boolean;
  isComplete: boolean | undefined;
  isFiltered: boolean;
}) {
  if (isComplete === undefined) return <Empty title="Loading…" />;
  if (!isComplete)
    return (
      <Empty title={isLoading ? "Nothing yet, searching older entries…" : "Nothing in the part searched so far"} />
    );
  if (!isFiltered) return <Empty title="No requests in this range" />;
  return (
    <Empty title="No requests match these filters">
      <p class="actions">
        <button type="button" onClick={() => setQuery(Object.fromEntries(FILTERS.map((name) => [name, ""])))}>
          Clear filters
        </button>
      </p>
    </Empty>
  );
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
        IP
      </span>
    </>
  );
}

/** True for a preflight that API Gateway answered, by the API's CORS settings. */
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
        {user ?? client ?? MISSING}
      </span>
      <span role="cell" class="n" title={`Response: ${bytes(responseLength)}`}>
        {duration(responseLatency)}
      </span>
      <span role="cell" class="wide-only address mono muted">
        {entry.sourceIp}
      </span>
    </>
  );
}
