import { useLayoutEffect, useState } from "preact/hooks";

import { useApp } from "../app-context";
import { duration } from "../data/format";
import { inTime } from "../data/in-time";
import { type Example, type Operation, operationsOf, requestOf } from "../data/openapi";
import { ApiError, unreachable } from "../data/problem";
import { hrefWith, useRoute } from "../data/route";
import { type Session, session } from "../data/session";
import { useStore } from "../data/store";
import { readStored, writeStored } from "../data/stored";
import { rejectionOf } from "../data/token";
import { useLoad } from "../data/use-load";
import { PageTitle, Prose } from "../ui/parts";
import { Empty, Loading, Problem } from "../ui/states";
import { ParameterField } from "./parameter-field";
import { ResponseView, type Sent } from "./response";

/** API Gateway waits 30 s for a function. */
const RESPONSE_TIMEOUT_MS = 40_000;

export default function TryIt() {
  const { config } = useApp();
  const { query } = useRoute();
  const { data, error, reload } = useLoad("openapi", async (signal) => {
    const document = await inTime(async (either) => {
      const response = await fetch(`${config.apiUrl}/openapi.json`, { signal: either }).catch((cause: Error) => {
        if (either.aborted) throw cause;
        throw new ApiError("unreachable", unreachable(config.apiUrl));
      });
      if (!response.ok) throw new ApiError("gateway", `Couldn't load openapi.json (${response.status}).`);
      return await response.json();
    }, signal);
    return operationsOf(document);
  });
  const chosen = data?.find(({ id }) => id === query.get("operation")) ?? data?.[0];
  return (
    <>
      <header class="top">
        <PageTitle title="Try it" about="Send a request to any operation, and follow it into the logs." />
        <span class="muted mono">{config.apiUrl}</span>
      </header>
      {error && <Problem error={error} onRetry={reload} />}
      {!error && data === undefined && <Loading title="Loading API definition…" />}
      {data && (
        <div class="try">
          <nav class="operations" aria-label="Operations">
            {data.map((operation) => (
              <a
                key={operation.id}
                href={hrefWith({ operation: operation.id })}
                aria-current={operation === chosen ? "true" : undefined}
              >
                <span class="mono">
                  <Method name={operation.method} /> {operation.path}
                </span>
                <small>{operation.summary}</small>
              </a>
            ))}
          </nav>
          {chosen ? <OperationForm key={chosen.id} operation={chosen} /> : <Empty title="No operations found" />}
        </div>
      )}
    </>
  );
}

function Method({ name }: { name: string }) {
  return <span class={`method ${name.toLowerCase()}`}>{name}</span>;
}

function OperationForm({ operation }: { operation: Operation }) {
  const { config } = useApp();
  const user = useStore(session);
  const { token } = user;
  const { method, path, summary, description, parameters, scopes, examples, takesBody } = operation;
  const draftKey = `console.draft.${operation.id}`;
  const [draft] = useState(() => readDraft(draftKey));
  const [typed, setTyped] = useState(draft.typed ?? {});
  const [body, setBody] = useState(draft.body ?? examples[0]?.body ?? "");
  // An effect would run after the next frame, too late for a reload that follows a key press.
  useLayoutEffect(() => writeStored(draftKey, { typed, body }), [draftKey, typed, body]);
  const [withToken, setWithToken] = useState(true);
  const [sent, setSent] = useState<Sent>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const rejection = expectedRejection(user, withToken, scopes);

  return (
    <section class="operation" aria-labelledby="operation">
      <h2 id="operation">{summary}</h2>
      <p class="mono">
        <Method name={method} /> {path}
      </p>
      {description !== undefined && (
        <p class="muted">
          <Prose text={description} />
        </p>
      )}
      <form onSubmit={send}>
        {examples.length > (takesBody ? 1 : 0) && (
          <label class="field">
            <span>Example</span>
            <select onChange={(event) => applyExample(examples.find(({ name }) => name === event.currentTarget.value))}>
              {!takesBody && <option value="">No example</option>}
              {examples.map(({ name, summary: about }) => (
                <option key={name} value={name}>
                  {about}
                </option>
              ))}
            </select>
          </label>
        )}
        {parameters.length > 0 && (
          <div class="grid">
            {parameters.map((parameter) => (
              <ParameterField
                key={parameter.name}
                parameter={parameter}
                value={typed[parameter.name] ?? ""}
                onType={(value) => setTyped({ ...typed, [parameter.name]: value })}
              />
            ))}
          </div>
        )}
        {takesBody && (
          <label class="field">
            <span>Body</span>
            <textarea
              rows={Math.min(14, Math.max(6, body.split("\n").length + 1))}
              value={body}
              spellcheck={false}
              onInput={(event) => setBody(event.currentTarget.value)}
            />
          </label>
        )}
        {scopes !== undefined && (
          <div class="boxes inline">
            <label>
              <input type="checkbox" checked={withToken} onChange={() => setWithToken(!withToken)} />
              Send my token
            </label>
            <span class="muted">{rejection ?? `✓ has ${scopes.join(" or ")}`}</span>
          </div>
        )}
        {problem !== undefined && (
          <p class="wrong" role="alert">
            {problem}
          </p>
        )}
        <p class="actions">
          <button class="primary" type="submit" disabled={busy}>
            {busy ? "Sending…" : "Send"}
          </button>
          <span class="muted" role="status">
            {sent && !busy && `${sent.status ?? "No readable response"} · ${duration(sent.took)}`}
          </span>
        </p>
      </form>
      {sent && <ResponseView key={sent.at} sent={sent} />}
    </section>
  );

  function applyExample(example: Example | undefined): void {
    setTyped(example?.typed ?? {});
    setBody(example?.body ?? "");
  }

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    setProblem(undefined);
    let request: ReturnType<typeof requestOf>;
    try {
      request = requestOf(operation, typed, config.apiUrl);
    } catch (error) {
      return setProblem((error as Error).message);
    }
    const { url, headers } = request;
    if (withToken && token !== undefined && scopes !== undefined) headers.set("authorization", `Bearer ${token}`);
    if (takesBody) headers.set("content-type", "application/json");
    setBusy(true);
    const began = performance.now();
    const sending = { at: Date.now(), method, path: url.pathname, expected: rejection };
    try {
      const signal = AbortSignal.timeout(RESPONSE_TIMEOUT_MS);
      const response = await fetch(url, { method, cache: "no-store", headers, signal, ...(takesBody && { body }) });
      const took = performance.now() - began;
      const { status, headers: seen } = response;
      setSent({ ...sending, took, status, headers: [...seen], body: await response.text() });
    } catch {
      setSent({ ...sending, took: performance.now() - began });
    }
    setBusy(false);
  }
}

/** Returns the request that this tab has last held for an operation. */
function readDraft(key: string): { typed?: Record<string, string>; body?: string } {
  return Object(readStored(key));
}

/** Returns why API Gateway will reject the request, as far as the token shows. */
function expectedRejection(
  { token, claims }: Session,
  withToken: boolean,
  scopes: string[] | undefined,
): string | undefined {
  if (scopes === undefined) return undefined;
  if (token === undefined) return `Not signed in: this needs ${scopes.join(" or ")} and will return 401.`;
  if (!withToken) return "Without a token this returns 401.";
  return rejectionOf(claims, scopes)?.message;
}
