import { isoInstant } from "@backend/platform/epoch";
import { useApp } from "../app-context";
import type { AccessLogEntry } from "../data/api";
import { useLoad } from "../data/use-load";
import { Json, Time } from "../ui/parts";

interface Invocation {
  id: string;
  /** Route key that led to the function. */
  route: string;
  /** When the request arrived, in epoch milliseconds. */
  at: number;
}

/** The invocation that a request came to; undefined where it came to none. */
export function invocationOf(entry: AccessLogEntry): Invocation | undefined {
  const { integrationRequestId: id, routeKey: route, requestTimeEpoch: at } = entry;
  return id === undefined || route === undefined ? undefined : { id, route, at };
}

/** What a function logged of one invocation. */
export function FunctionLog({ id, route, at }: Invocation) {
  const { api } = useApp();
  const { data, error, loading, reload } = useLoad(id, (signal) =>
    api.functionLog({ integrationRequestId: id, route, at: isoInstant(at) }, signal),
  );
  const lookAgain = (
    <button type="button" disabled={loading} onClick={reload}>
      Look again
    </button>
  );
  if (error?.errors.some(({ pointer }) => pointer === "/route"))
    return <p class="muted">It is not among those that the API shows: reading it would write to it.</p>;
  if (error)
    return (
      <p class="muted">
        {error.message} {lookAgain}
      </p>
    );
  if (!data) return <p class="muted">Reading ...</p>;
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
      {data.records.length === 0 && (
        <p class="muted">Nothing names this invocation yet: records arrive some seconds after it. {lookAgain}</p>
      )}
      {!data.complete && <p class="muted">There may be more: not all of it was read. {lookAgain}</p>}
    </>
  );
}
