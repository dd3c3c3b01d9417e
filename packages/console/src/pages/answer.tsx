import { useApp } from "../app-context";
import { bytes, codeOf, duration } from "../data/format";
import { ApiError, isProblem, OPAQUE } from "../data/problem";
import { reasonOf } from "../data/reason";
import { requestHref } from "../data/route";
import { useLoad } from "../data/use-load";
import { Json, Status } from "../ui/parts";

export interface Sent {
  /** Epoch milliseconds. */
  at: number;
  /** Milliseconds until the answer began. */
  took: number;
  /** Absent where the browser keeps the answer from the page. */
  status?: number;
  headers?: [string, string][];
  body?: string;
}

/** What came back, and the line that it left in the access log. */
export function Answer({ sent: { at, took, status, headers = [], body = "" } }: { sent: Sent }) {
  if (status === undefined)
    return (
      <section class="answer" aria-live="polite">
        <h3>Answer</h3>
        <div class="problem-box">
          <strong>Refused, see the access log</strong>
          <p>{OPAQUE}</p>
        </div>
        <p class="actions">
          <a class="button" href="/access-log">
            Access log
          </a>
        </p>
      </section>
    );
  const json = parsed(body);
  const requestId = headers.find(([name]) => name === "apigw-requestid")?.[1];
  return (
    <section class="answer" aria-live="polite">
      <h3>Answer</h3>
      <p class="meta">
        <Status status={status} />
        <span>{duration(took)}</span>
        <span>{bytes(new TextEncoder().encode(body).length)}</span>
      </p>
      <h3>In the access log</h3>
      <div class="line-box">
        {requestId === undefined ? (
          <span class="muted">It came without an id.</span>
        ) : (
          <Line requestId={requestId} at={at} />
        )}
      </div>
      <h3>Body</h3>
      {isProblem(json) && (
        <div class="problem-box">
          <strong>{json.title}</strong> <code>{codeOf(json.type)}</code>
          <p>{json.detail}</p>
          {json.errors && (
            <ul>
              {json.errors.map(({ pointer, detail }) => (
                <li key={`${pointer} ${detail}`}>
                  <code>{pointer}</code> {detail}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
      {body === "" ? <p class="muted">Without a body.</p> : <Json value={json ?? body} />}
      <h3>Headers that a page may read</h3>
      <dl class="fields">
        {headers.map(([name, value]) => (
          <>
            <dt class="mono">{name}</dt>
            <dd class="mono">{value}</dd>
          </>
        ))}
      </dl>
    </section>
  );
}

const TRIES = 20;
const PAUSE = 1000;

/** The log has the request some seconds after its answer. */
function Line({ requestId, at }: { requestId: string; at: number }) {
  const { api } = useApp();
  const { data, error } = useLoad(requestId, async (signal) => {
    const from = new Date(at - 5 * 60_000).toISOString();
    for (let tries = 0; tries < TRIES; tries++) {
      const { items } = await api.accessLog({ from, requestId }, signal);
      if (items[0] !== undefined) return items[0];
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      signal.throwIfAborted();
    }
    throw new ApiError("unreadable", "It has not arrived there yet.");
  });
  const href = requestHref(requestId, data?.requestTimeEpoch ?? at);
  if (error)
    return (
      <span class="muted">
        <span class="mono">{requestId}</span>: {error.message}
      </span>
    );
  if (!data)
    return (
      <span class="muted">
        Waiting for <span class="mono">{requestId}</span> ...
      </span>
    );
  const reason = reasonOf(data);
  return (
    <>
      <a class="mono" href={href}>
        {requestId}
      </a>{" "}
      <Status status={data.status} />{" "}
      <span class="muted">
        {data.routeKey ?? "no route"}, {duration(data.responseLatency)} in API Gateway
        {data.integrationLatency !== undefined && `, ${duration(data.integrationLatency)} of it in the function`}
      </span>
      {reason && (
        <p>
          Refused by {reason.by}, at the check “{reason.failed}”: {reason.words}
        </p>
      )}
    </>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
