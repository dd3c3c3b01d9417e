import { isoInstant } from "@backend/platform/epoch";
import { useApp } from "../app-context";
import type { AccessLogEntry } from "../data/api";
import { useLoad } from "../data/use-load";
import { Json, Time } from "../ui/parts";

interface Invocation {
  id: string;
  /** Route key of the request. */
  route: string;
  /** When the request arrived, in epoch milliseconds. */
  at: number;
}

/** Returns the invocation of a request; undefined if the request didn't reach a function. */
export function invocationOf(entry: AccessLogEntry): Invocation | undefined {
  const { integrationRequestId: id, routeKey: route, requestTimeEpoch: at } = entry;
  return id === undefined || route === undefined ? undefined : { id, route, at };
}

/** The log events of one invocation. */
export function FunctionLog({ id, route, at }: Invocation) {
  const { api } = useApp();
  const { data, error, loading, reload } = useLoad(id, (signal) =>
    api.functionLog({ integrationRequestId: id, route, at: isoInstant(at) }, signal),
  );
  const refresh = (
    <button type="button" disabled={loading} onClick={reload}>
      Refresh
    </button>
  );
  if (error?.errors.some(({ pointer }) => pointer === "/route"))
    return <p class="muted">Not available: this function reads the logs itself.</p>;
  if (error)
    return (
      <p class="muted">
        {error.message} {refresh}
      </p>
    );
  if (!data) return <p class="muted">Loading…</p>;
  return (
    <>
      <p class="muted mono">{data.logGroup}</p>
      <ul class="list records">
        {data.records.map(({ timestamp, message }, index) => (
          <li key={index}>
            <Time at={Date.parse(timestamp)} fine />
            <Json value={message} />
          </li>
        ))}
      </ul>
      {data.records.length === 0 && <p class="muted">No records yet; they take a few seconds. {refresh}</p>}
      {!data.complete && <p class="muted">Some records may be missing. {refresh}</p>}
    </>
  );
}
