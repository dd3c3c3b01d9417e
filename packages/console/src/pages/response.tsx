import { isoInstant } from "@backend/platform/epoch";

import { useApp } from "../app-context";
import { type AccessLogEntry, consoleRequests } from "../data/api";
import { bytes, codeOf, duration } from "../data/format";
import { BLOCKED, isProblem, unreachable } from "../data/problem";
import { Json, Status } from "../ui/parts";
import { LogEntry } from "./log-entry";

export interface Sent {
  method: string;
  /** As in the access log: includes the stage, without the query string. */
  path: string;
  /** Epoch milliseconds. */
  at: number;
  /** Why API Gateway was expected to reject it, if the token shows it. */
  expected: string | undefined;
  /** Milliseconds until the response started. */
  took: number;
  /** Undefined if the browser hides the response from the page. */
  status?: number;
  headers?: [string, string][];
  body?: string;
}

/** The response, and its entry in the access log. */
export function ResponseView({ sent }: { sent: Sent }) {
  const { at, took, status, headers = [], body = "" } = sent;
  if (status === undefined) return <HiddenResponse sent={sent} />;
  const json = parseJson(body);
  const requestId = headers.find(([name]) => name === "apigw-requestid")?.[1];
  return (
    <section class="response">
      <h3>Response</h3>
      <p class="meta">
        <Status status={status} />
        <span>{duration(took)}</span>
        <span>{bytes(new TextEncoder().encode(body).length)}</span>
      </p>
      <h3>Access log entry</h3>
      <div class="line-box">
        {requestId === undefined ? (
          <span class="muted">{status === 403 ? BLOCKED : "No request id in the response"}</span>
        ) : (
          <LogEntry
            name={requestId}
            at={at}
            query={{ from: isoInstant(at - 5 * 60_000), requestId }}
            matches={() => true}
          />
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
      {body === "" ? <p class="muted">Empty body</p> : <Json value={json ?? body} />}
      <h3>Response headers (readable by browsers)</h3>
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

/** The clocks of this machine and of the API may differ by this much. */
const CLOCK_SKEW_MS = 5000;

/**
 * The browser hides the response and its id, so the log entry is found by method, path and time.
 */
function HiddenResponse({ sent: { at, took, method, path, expected } }: { sent: Sent }) {
  const { config } = useApp();
  const range = { from: isoInstant(at - CLOCK_SKEW_MS), to: isoInstant(at + took + CLOCK_SKEW_MS) };
  const matches = (entry: AccessLogEntry) =>
    entry.httpMethod === method &&
    decodePath(entry.path ?? "") === decodePath(path) && // AWS doesn't document which of the two forms it logs
    entry.status >= 400 &&
    !consoleRequests.has(entry.requestId);
  return (
    <section class="response">
      <h3>Response</h3>
      <div class="problem-box">
        <strong>{expected === undefined ? "Can't reach the API" : "Rejected before reaching a function"}</strong>
        <p>
          {expected === undefined
            ? unreachable(config.apiUrl)
            : `${expected} The browser hides the response: it has no CORS headers.`}
        </p>
      </div>
      <h3>Matching access log entry</h3>
      <div class="line-box">
        <LogEntry name={`${method} ${path}`} at={at} query={range} matches={matches} />
      </div>
    </section>
  );
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // not percent-encoded
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
