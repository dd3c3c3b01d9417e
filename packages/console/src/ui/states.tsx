import type { ComponentChildren } from "preact";

import { useApp } from "../app-context";
import type { ApiError } from "../data/problem";
import { requestHref } from "../data/route";
import { canSignIn, session, signIn } from "../data/session";
import { useStore } from "../data/store";
import { Icon } from "./icon";

/** Says why there is nothing to show. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** Shows that data is on its way, also to screen readers. */
export function Loading({ title = "Loading…" }: { title?: string }) {
  return (
    <div class="state" role="status">
      <strong>{title}</strong>
    </div>
  );
}

/** Explains a failed request: what happened, and what the reader can do. */
export function Problem({
  error,
  onRetry,
  isBesideData = false,
}: {
  error: ApiError;
  onRetry?(): void;
  /** True if the page still shows earlier data, which must not move. */
  isBesideData?: boolean;
}) {
  const { config, openTokenDialog } = useApp();
  if (error.kind === "signed-out" || error.status === 401)
    return <SignedOut message={error.message} isExpired={error.status === 401} />;
  const { title, more } = explain(error);
  return (
    <div class={`state problem ${isBesideData && error.kind === "down" ? "toast" : ""}`} role="alert">
      <strong>{title}</strong>
      <p>{error.message}</p>
      {error.errors.map(({ pointer, detail }) => (
        <p key={pointer}>
          <code>{pointer}</code> {detail}
        </p>
      ))}
      {more !== undefined && <p class="muted">{more}</p>}
      <p class="actions">
        {onRetry && (
          <button type="button" onClick={onRetry}>
            Retry
          </button>
        )}
        {error.requestId !== undefined && (
          <a class="button" href={requestHref(error.requestId, Date.now())}>
            View request
          </a>
        )}
        {error.status === 403 && error.kind !== "firewall" && config.offline && (
          <button type="button" onClick={openTokenDialog}>
            Use a test token
          </button>
        )}
      </p>
    </div>
  );
}

function explain({ kind, status }: ApiError): { title: string; more?: string } {
  if (kind === "down") return { title: "The API isn't responding", more: "Trying again every few seconds." };
  if (kind === "firewall") return { title: "Blocked by the firewall" };
  if (status === 403)
    return {
      title: "You don't have access",
      more: "Ask an administrator of this stage to add you. Changes apply the next time you sign in.",
    };
  if (kind === "unreachable") return { title: "Can't reach the API" };
  if (status === 429) return { title: "Rate limited" };
  if (status === 400) return { title: "Invalid request" };
  if (status === 404) return { title: "Not found" };
  if (status === undefined) return { title: "Unexpected response" };
  return { title: status < 500 ? `Request failed (${status})` : `Server error (${status})` };
}

function SignedOut({ message, isExpired }: { message: string; isExpired: boolean }) {
  const { config, openTokenDialog } = useApp();
  const { busy, problem } = useStore(session);
  return (
    <div class="state">
      <span class="big">
        <Icon name="key" />
      </span>
      <strong>{busy ? "Signing in…" : isExpired ? "Your session expired" : "Sign in to continue"}</strong>
      <p>{problem ?? message}</p>
      <p class="actions">
        {canSignIn(config) && (
          <button type="button" class="primary" disabled={busy} onClick={() => void signIn(config)}>
            Sign in
          </button>
        )}
        {config.offline && (
          <button type="button" onClick={openTokenDialog}>
            Use a test token
          </button>
        )}
      </p>
      {!canSignIn(config) && <p class="muted">Browser sign-in isn't set up for this stage.</p>}
    </div>
  );
}
