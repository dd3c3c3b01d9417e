import { useApp } from "../app-context";
import type { AccessLogEntry, Query } from "../data/api";
import { duration } from "../data/format";
import { ApiError } from "../data/problem";
import { headlineOf, reasonOf } from "../data/reason";
import { requestHref } from "../data/route";
import { useLoad } from "../data/use-load";
import { Status } from "../ui/parts";

const TRIES = 20;
/** Milliseconds: a second at first, more and more slowly then, a minute and a half in all. */
const pauseAfter = (tries: number) => Math.min(1000 + tries * 400, 8000);

interface LineProps {
  /** What is waited for. */
  name: string;
  /** When it was sent, in epoch milliseconds. */
  at: number;
  /** Of the log, where it must be found. */
  query: Query;
  isIt(entry: AccessLogEntry): boolean;
}

/** The log has a request some seconds after its answer. */
export function Line({ name, at, query, isIt }: LineProps) {
  const { api } = useApp();
  const { data, error, loading, reload } = useLoad(`${name} ${at}`, async (signal) => {
    for (let tries = 0; tries < TRIES; tries++) {
      const found = await api.accessLog(query, signal).then(
        ({ items }) => items.find(isIt),
        (error: Error) => {
          if (!(error instanceof ApiError && error.status === 429)) throw error; // too busy now is not so for ever
        },
      );
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, pauseAfter(tries)));
      signal.throwIfAborted();
    }
    throw new ApiError("unreadable", "It has not arrived there yet.");
  });
  if (error)
    return (
      <span class="muted">
        <span class="mono">{name}</span>: {error.message}{" "}
        <button type="button" class="small" disabled={loading} onClick={reload}>
          Look again
        </button>
      </span>
    );
  if (!data)
    return (
      <span class="muted">
        Waiting for <span class="mono">{name}</span> ...
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
        {data.routeKey ?? "no route"}
        {data.responseLatency !== undefined && `, ${duration(data.responseLatency)} in API Gateway`}
        {data.integrationLatency !== undefined && `, ${duration(data.integrationLatency)} of it in the function`}
      </span>
      {reason && (
        <p>
          {headlineOf(reason)} {reason.words}
        </p>
      )}
    </>
  );
}
