import { useState } from "preact/hooks";

import { useApp } from "../app-context";
import { duration } from "../data/format";
import { type Example, type Operation, operationsOf, requestOf } from "../data/openapi";
import { ApiError, OPAQUE } from "../data/problem";
import { hrefWith, useRoute } from "../data/route";
import { session } from "../data/session";
import { useStore } from "../data/store";
import { useLoad } from "../data/use-load";
import { Prose } from "../ui/parts";
import { Empty, Problem, Waiting } from "../ui/states";
import { Answer, type Sent } from "./answer";
import { ParameterField } from "./parameter-field";

export default function TryIt() {
  const { config } = useApp();
  const { query } = useRoute();
  const { data, error, reload } = useLoad("openapi", async (signal) => {
    const response = await fetch(`${config.apiUrl}/openapi.json`, { signal }).catch((cause: Error) => {
      if (signal.aborted) throw cause;
      throw new ApiError("refused", OPAQUE);
    });
    if (!response.ok) throw new ApiError("gateway", `The description was answered with ${response.status}.`);
    return operationsOf(await response.json());
  });
  const chosen = data?.find(({ id }) => id === query.get("operation")) ?? data?.[0];
  return (
    <>
      <header class="top">
        <h1>Try it</h1>
        <span class="muted mono">{config.apiUrl}</span>
      </header>
      {error && <Problem error={error} onRetry={reload} />}
      {!error && data === undefined && <Waiting title="Reading the API's description ..." />}
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
          {chosen ? <Try key={chosen.id} operation={chosen} /> : <Empty title="The API describes no operation" />}
        </div>
      )}
    </>
  );
}

function Method({ name }: { name: string }) {
  return <span class={`method ${name.toLowerCase()}`}>{name}</span>;
}

function Try({ operation }: { operation: Operation }) {
  const { config } = useApp();
  const { token, claims } = useStore(session);
  const { method, path, summary, description, parameters, scopes, examples, takesBody } = operation;
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [body, setBody] = useState(examples[0]?.body ?? "");
  const [withToken, setWithToken] = useState(true);
  const [sent, setSent] = useState<Sent>();
  const [busy, setBusy] = useState(false);
  const missing = scopes?.filter((scope) => claims?.scopes.includes(scope) !== true) ?? [];

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
            <select onChange={(event) => choose(examples.find(({ name }) => name === event.currentTarget.value))}>
              {!takesBody && <option value="">none</option>}
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
              with the token
            </label>
            <span class="muted">
              {token === undefined
                ? `There is none: it will be refused. It takes the scope ${scopes.join(", ")}.`
                : !withToken
                  ? "It is left out: the request will be refused."
                  : missing.length > 0
                    ? `It lacks the scope ${missing.join(", ")}: it will be refused.`
                    : `It has the scope ${scopes.join(", ")}.`}
            </span>
          </div>
        )}
        <p class="actions">
          <button class="primary" type="submit" disabled={busy}>
            {busy ? "Sending ..." : "Send"}
          </button>
          <span class="muted" role="status">
            {sent && !busy && `${sent.status ? `Answered ${sent.status}` : "Refused"} after ${duration(sent.took)}`}
          </span>
        </p>
      </form>
      {sent && <Answer key={sent.at} sent={sent} />}
    </section>
  );

  function choose(example: Example | undefined): void {
    setTyped(example?.typed ?? {});
    setBody(example?.body ?? "");
  }

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    const { target, headers } = requestOf(operation, typed);
    const isAuthorized = withToken && token !== undefined && scopes !== undefined;
    const began = performance.now();
    const url = new URL(`${config.apiUrl}${target}`);
    const request = { at: Date.now(), method, path: url.pathname };
    try {
      const response = await fetch(url, {
        method,
        cache: "no-store",
        headers: {
          ...headers,
          ...(isAuthorized && { authorization: `Bearer ${token}` }),
          ...(takesBody && { "content-type": "application/json" }),
        },
        ...(takesBody && { body }),
      });
      const took = performance.now() - began;
      const { status, headers: seen } = response;
      setSent({ ...request, took, status, headers: [...seen], body: await response.text() });
    } catch {
      setSent({ ...request, took: performance.now() - began });
    }
    setBusy(false);
  }
}
