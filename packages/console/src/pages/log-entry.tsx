import { useApp } from "../app-context";
import type { AccessLogEntry, Query } from "../data/api";
import { duration } from "../data/format";
import { ApiError } from "../data/problem";
import { reasonOf } from "../data/reason";
import { requestHref } from "../data/route";
import { useLoad } from "../data/use-load";
import { Status } from "../ui/parts";

const MAX_TRIES = 20;
/** Milliseconds before the next try: 1 s at first, then longer. All pauses add up to 90 s. */
const pauseAfter = (tries: number) => Math.min(1000 + tries * 400, 8000);

interface LogEntryProps {
  /** Shown while waiting: a request id, or a method and path. */
  name: string;
  /** When the request was sent, in epoch milliseconds. */
  at: number;
  /** The part of the log to search. */
  query: Query;
  matches(entry: AccessLogEntry): boolean;
}

/** Waits for a request's entry, which appears in the log some seconds after the response. */
export function LogEntry({ name, at, query, matches }: LogEntryProps) {
  const { api } = useApp();
  const { data, error, loading, reload } = useLoad(`${name} ${at}`, async (signal) => {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await api.accessLog(query, signal).then(
        ({ items }) => items.find(matches),
        (error: Error) => {
          if (!(error instanceof ApiError && error.status === 429)) throw error; // rate limited: try again later
        },
      );
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, pauseAfter(tries)));
      signal.throwIfAborted();
    }
    throw new ApiError("unreadable", "Not in the log yet.");
  });
  if (error)
    return (
      <span class="muted">
        <span class="mono">{name}</span>: {error.message}{" "}
        <button type="button" class="small" disabled={loading} onClick={reload}>
          Check again
        </button>
      </span>
    );
  if (!data)
    return (
      <span class="muted">
        Waiting for the log entry… <span class="mono">{name}</span>
      </span>
    );
  const reason = reasonOf(data);
  return (
    <>
      <a class="mono" href={requestHref(data.requestId, data.requestTimeEpoch)}>
        {data.requestId}
      </a>{" "}
      <Status status={data.status} />{" "}
      <span class="muted">
        {data.routeKey ?? "No matching route"}
        {data.responseLatency !== undefined && `, ${duration(data.responseLatency)} total`}
        {data.integrationLatency !== undefined && `, ${duration(data.integrationLatency)} in the function`}
      </span>
      {reason && (
        <p>
          {reason.headline} {reason.explanation}
        </p>
      )}
    </>
  );
}
