import { ACCESS_LOG_FIELDS, type AccessLogFieldName } from "@backend/platform/access-log/fields";

import { useApp } from "../app-context";
import type { AccessLogEntry } from "../data/api";
import { findRequest } from "../data/find-request";
import { bytes, duration } from "../data/format";
import { ApiError } from "../data/problem";
import { CHECKS, headlineOf, outcomeOf, type Reason, reasonOf } from "../data/reason";
import { requestHref } from "../data/route";
import { useComponent } from "../data/use-component";
import { useLoad } from "../data/use-load";
import type { Noun } from "../nouns/noun";
import { NOUNS } from "../nouns/nouns";
import { Drawer } from "../ui/drawer";
import { Copy, Prose, Status, Time } from "../ui/parts";
import { Empty, Problem, Waiting } from "../ui/states";
import { FunctionLog, invocationOf } from "./function-log";

/** One request: how far it came, why it was refused, what it recorded, and all that the access log has of it. */
export function RequestDrawer({
  requestId,
  at,
  known,
  onClose,
}: {
  requestId: string;
  /** About when it arrived, in epoch milliseconds. */
  at: number | undefined;
  known: AccessLogEntry | undefined;
  onClose(): void;
}) {
  return (
    <Drawer title={`Request ${requestId}`} onClose={onClose}>
      {known ? <Request entry={known} /> : <Search requestId={requestId} at={at} />}
    </Drawer>
  );
}

const FURTHER = "The log of that time is too large to be read here. Ask CloudWatch Logs Insights for the request's id.";

/** For a link to a request that the list has not read. */
function Search({ requestId, at }: { requestId: string; at: number | undefined }) {
  const { api } = useApp();
  const { data, error, reload } = useLoad(requestId, async (signal) => {
    const found = await findRequest((query) => api.accessLog(query, signal), requestId, at, Date.now());
    if (found === "none") return null;
    if (found === "further") throw new ApiError("unreadable", FURTHER);
    return found;
  });
  if (data) return <Request entry={data} />;
  if (error) return <Problem error={error} onRetry={reload} />;
  if (data === null)
    return (
      <Empty title={`Not in the access log ${at === undefined ? "of the last 30 days" : "of that time"}`}>
        <p>A request that has just been answered needs some seconds to arrive there.</p>
        <p class="actions">
          <button type="button" onClick={reload}>
            Look again
          </button>
        </p>
      </Empty>
    );
  return <Waiting title="Looking for it ..." />;
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
      <Checks entry={entry} reason={reason} />
      {reason && (
        <p>
          <strong>{headlineOf(reason)}</strong> {reason.words}
          {reason.said !== undefined && <span class="said mono">{reason.said}</span>}
        </p>
      )}
      <p class="said">
        <Time at={requestTimeEpoch} withDate fine /> · {duration(responseLatency)} · {bytes(responseLength)}
        {entry.integrationLatency !== undefined && ` · ${duration(entry.integrationLatency)} of it in the function`}
      </p>
      <p class="actions">
        <Copy text={linkTo(entry)} label="Copy a link to it" />
        <Copy text={JSON.stringify(entry)} label="Copy as JSON" />
      </p>
      {NOUNS.map(({ ofRequest }) => ofRequest && <OfRequest key={ofRequest.title} part={ofRequest} entry={entry} />)}
      {invocation !== undefined && (
        <>
          <h3>What the function logged</h3>
          <FunctionLog {...invocation} />
        </>
      )}
      <h3>Every field</h3>
      <dl class="fields">
        {Object.entries(ACCESS_LOG_FIELDS).map(([name, { about }]) => (
          <FieldOf key={name} name={name as AccessLogFieldName} about={about} entry={entry} />
        ))}
      </dl>
    </>
  );
}

function OfRequest({ part: { title, load }, entry }: { part: NonNullable<Noun["ofRequest"]>; entry: AccessLogEntry }) {
  return (
    <>
      <h3>{title}</h3>
      {invocationOf(entry) ? <Loaded load={load} entry={entry} /> : <p class="muted">None: no function was called.</p>}
    </>
  );
}

function Loaded({ load, entry }: { load: NonNullable<Noun["ofRequest"]>["load"]; entry: AccessLogEntry }) {
  const { Body, failed } = useComponent(load);
  if (Body) return <Body {...entry} />;
  return <p class="muted">{failed ? "This part cannot be loaded. Load the page again." : "Looking for them ..."}</p>;
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
      <dd class={value === undefined ? "muted" : "mono"}>{value ?? "absent"}</dd>
    </>
  );
}

/** How far it came. */
function Checks({ entry, reason }: { entry: AccessLogEntry; reason: Reason | undefined }) {
  return (
    <ol class="checks">
      {CHECKS.map((check) => {
        const outcome = outcomeOf(check, reason, entry);
        return (
          <li key={check} class={outcome.replace(" ", "-")}>
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
