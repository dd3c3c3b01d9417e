import { ACCESS_LOG_FIELDS, type AccessLogFieldName } from "@backend/platform/access-log/fields";

import { useApp } from "../app-context";
import type { AccessLogEntry } from "../data/api";
import { findRequest } from "../data/find-request";
import { bytes, duration, MISSING } from "../data/format";
import { ApiError } from "../data/problem";
import { CHECKS, outcomeOf, type Reason, reasonOf } from "../data/reason";
import { requestHref } from "../data/route";
import { useComponent } from "../data/use-component";
import { useLoad } from "../data/use-load";
import type { Noun } from "../nouns/noun";
import { NOUNS } from "../nouns/nouns";
import { Drawer } from "../ui/drawer";
import { Copy, Prose, Status, Time } from "../ui/parts";
import { Empty, Loading, Problem } from "../ui/states";
import { FunctionLog, invocationOf } from "./function-log";

/** One request: its checks, why it failed, what it recorded, and its access log entry. */
export function RequestDrawer({
  requestId,
  at,
  entry,
  onClose,
}: {
  requestId: string;
  /** Approximate time of the request, in epoch milliseconds. */
  at: number | undefined;
  entry: AccessLogEntry | undefined;
  onClose(): void;
}) {
  return (
    <Drawer title="Request" onClose={onClose}>
      {entry ? <Request entry={entry} /> : <Search requestId={requestId} at={at} />}
    </Drawer>
  );
}

const TOO_FAR =
  "The log of that time is too large to search here. Search for the request id with CloudWatch Logs Insights.";

/** Searches for a request that is not in the list, such as one that a link points to. */
function Search({ requestId, at }: { requestId: string; at: number | undefined }) {
  const { api } = useApp();
  const { data, error, reload } = useLoad(requestId, async (signal) => {
    const found = await findRequest((query) => api.accessLog(query, signal), requestId, at, Date.now());
    if (found === "none") return null;
    if (found === "too-far") throw new ApiError("unreadable", TOO_FAR);
    return found;
  });
  if (data) return <Request entry={data} />;
  if (error) return <Problem error={error} onRetry={reload} />;
  if (data === null)
    return (
      <Empty title={`Request not found (searched ${at === undefined ? "the last 30 days" : "around that time"})`}>
        <p>New requests take a few seconds to appear.</p>
        <p class="actions">
          <button type="button" onClick={reload}>
            Refresh
          </button>
        </p>
      </Empty>
    );
  return <Loading />;
}

function Request({ entry }: { entry: AccessLogEntry }) {
  const reason = reasonOf(entry);
  const invocation = invocationOf(entry);
  const { status, httpMethod, path, requestTimeEpoch, responseLatency, responseLength } = entry;
  return (
    <>
      <p class="lead">
        <Status status={status} />
        <span class="mono long" title={path}>
          {httpMethod} {path}
        </span>
      </p>
      <p class="id">
        <span class="mono">{entry.requestId}</span> <Copy text={entry.requestId} label="Copy id" />
      </p>
      <Checks entry={entry} reason={reason} />
      {reason && (
        <p>
          <strong>{reason.headline}</strong> {reason.explanation}
          {reason.logged !== undefined && <span class="logged mono">{reason.logged}</span>}
        </p>
      )}
      <p class="logged">
        <Time at={requestTimeEpoch} withDate fine /> · {duration(responseLatency)} · {bytes(responseLength)}
        {entry.integrationLatency !== undefined && ` · ${duration(entry.integrationLatency)} in the function`}
      </p>
      <p class="actions">
        <Copy text={linkTo(entry)} label="Copy link" />
        <Copy text={JSON.stringify(entry)} label="Copy as JSON" />
      </p>
      {NOUNS.map(
        ({ requestSection }) =>
          requestSection && <NounSection key={requestSection.title} section={requestSection} entry={entry} />,
      )}
      {invocation !== undefined && (
        <>
          <h3>Function log</h3>
          <FunctionLog {...invocation} />
        </>
      )}
      <h3>All fields</h3>
      <dl class="fields">
        {Object.entries(ACCESS_LOG_FIELDS).map(([name, { about }]) => (
          <FieldOf key={name} name={name as AccessLogFieldName} about={about} entry={entry} />
        ))}
      </dl>
    </>
  );
}

type Section = NonNullable<Noun["requestSection"]>;

function NounSection({ section: { title, load }, entry }: { section: Section; entry: AccessLogEntry }) {
  return (
    <>
      <h3>{title}</h3>
      {invocationOf(entry) ? (
        <Loaded load={load} entry={entry} />
      ) : (
        <p class="muted">None (the request never reached a function)</p>
      )}
    </>
  );
}

function Loaded({ load, entry }: { load: Section["load"]; entry: AccessLogEntry }) {
  const { Body, failed } = useComponent(load);
  if (Body) return <Body {...entry} />;
  return <p class="muted">{failed ? "Couldn't load this part. Reload the page." : "Loading…"}</p>;
}

function FieldOf({ name, about, entry }: { name: AccessLogFieldName; about: string; entry: AccessLogEntry }) {
  const value = (entry as Partial<Record<string, string | number>>)[name];
  return (
    <>
      <dt>
        <span class="mono">{name}</span>
        <small>
          <Prose text={about} />
        </small>
      </dt>
      <dd class={value === undefined ? "muted" : "mono"}>{value ?? MISSING}</dd>
    </>
  );
}

function Checks({ entry, reason }: { entry: AccessLogEntry; reason: Reason | undefined }) {
  return (
    <ol class="checks">
      {CHECKS.map((check) => {
        const outcome = outcomeOf(check, reason, entry);
        return (
          <li key={check} class={outcome.toLowerCase()}>
            {check}
            <small>{outcome}</small>
          </li>
        );
      })}
    </ol>
  );
}

function linkTo({ requestId, requestTimeEpoch }: AccessLogEntry): string {
  return `${location.origin}${requestHref(requestId, requestTimeEpoch)}`;
}
