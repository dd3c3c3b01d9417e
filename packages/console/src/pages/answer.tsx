import { isoInstant } from "@backend/platform/epoch";
import { type AccessLogEntry, ownRequests } from "../data/api";
import { bytes, codeOf, duration } from "../data/format";
import { BLOCKED, isProblem, OPAQUE } from "../data/problem";
import { Json, Status } from "../ui/parts";
import { Line } from "./log-line";

export interface Sent {
  method: string;
  /** As the access log has it: with the stage, without the query string. */
  path: string;
  /** Epoch milliseconds. */
  at: number;
  /** Why API Gateway would refuse it, where that was known before. */
  expected: string | undefined;
  /** Milliseconds until the answer began. */
  took: number;
  /** Absent where the browser keeps the answer from the page. */
  status?: number;
  headers?: [string, string][];
  body?: string;
}

/** What came back, and the line that it left in the access log. */
export function Answer({ sent }: { sent: Sent }) {
  const { at, took, status, headers = [], body = "" } = sent;
  if (status === undefined) return <Refused sent={sent} />;
  const json = parsed(body);
  const requestId = headers.find(([name]) => name === "apigw-requestid")?.[1];
  return (
    <section class="answer">
      <h3>Answer</h3>
      <p class="meta">
        <Status status={status} />
        <span>{duration(took)}</span>
        <span>{bytes(new TextEncoder().encode(body).length)}</span>
      </p>
      <h3>In the access log</h3>
      <div class="line-box">
        {requestId === undefined ? (
          <span class="muted">{status === 403 ? BLOCKED : "It came without an id."}</span>
        ) : (
          <Line name={requestId} at={at} query={{ from: isoInstant(at - 5 * 60_000), requestId }} isIt={() => true} />
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

/** Milliseconds by which this machine's clock and the API's may differ. */
const CLOCKS = 5000;

/** The browser has told nothing of the answer, not even its id: the line is found by what was sent, and when. */
function Refused({ sent: { at, took, method, path, expected } }: { sent: Sent }) {
  const range = { from: isoInstant(at - CLOCKS), to: isoInstant(at + took + CLOCKS) };
  const isIt = (entry: AccessLogEntry) =>
    entry.httpMethod === method &&
    decoded(entry.path ?? "") === decoded(path) && // AWS does not say in which of the two forms it is logged
    entry.status >= 400 &&
    !ownRequests.has(entry.requestId);
  return (
    <section class="answer">
      <h3>Answer</h3>
      <div class="problem-box">
        <strong>Refused, see the access log</strong>
        <p>{expected === undefined ? OPAQUE : `${expected} The browser keeps that answer from the page.`}</p>
      </div>
      <h3>In the access log, by method, path and time</h3>
      <div class="line-box">
        <Line name={`${method} ${path}`} at={at} query={range} isIt={isIt} />
      </div>
      <p class="actions">
        <a class="button" href="/access-log">
          Access log
        </a>
      </p>
    </section>
  );
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // not one that was encoded
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
