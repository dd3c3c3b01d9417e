import type { ComponentChildren } from "preact";

import { useApp } from "../app-context";
import type { ApiError } from "../data/problem";
import { requestHref, useRoute } from "../data/route";
import { canSignIn, session, signIn } from "../data/session";
import { useStore } from "../data/store";
import { Icon } from "./icon";

/** Nothing to show, and why: never a blank. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** What is on its way; told to who does not see it, too. */
export function Waiting({ title }: { title: string }) {
  return (
    <div class="state" role="status">
      <strong>{title}</strong>
    </div>
  );
}

/** What an answer that is none means for the person, and what they can do. */
export function Problem({ error, onRetry }: { error: ApiError; onRetry?(): void }) {
  const { path } = useRoute();
  if (error.kind === "signed-out" || error.status === 401)
    return <SignedOut message={error.message} again={error.status === 401} />;
  const { title, more } = explained(error);
  return (
    <div class="state problem" role="alert">
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
            Try again
          </button>
        )}
        {error.requestId !== undefined && (
          <a class="button" href={requestHref(error.requestId, Date.now())}>
            Its line in the access log
          </a>
        )}
        {error.kind === "refused" && error.status === undefined && path !== "/access-log" && (
          <a class="button" href="/access-log">
            Access log
          </a>
        )}
      </p>
    </div>
  );
}

function explained({ kind, status }: ApiError): { title: string; more?: string } {
  if (kind === "firewall") return { title: "Blocked by the firewall" };
  if (status === 403)
    return {
      title: "You may not see this",
      more: "Whoever administers the stage gives groups to people, and scopes and grants to clients. A new group counts from the next sign-in.",
    };
  if (kind === "refused") return { title: "Refused, see the access log" };
  if (status === 429) return { title: "Too busy" };
  if (status === 400) return { title: "This cannot be asked" };
  return { title: status === undefined ? "No answer that can be read" : `Answered with ${status}` };
}

function SignedOut({ message, again }: { message: string; again: boolean }) {
  const { config, askForToken } = useApp();
  const { busy, problem } = useStore(session);
  return (
    <div class="state">
      <span class="big">
        <Icon name="key" />
      </span>
      <strong>{busy ? "Signing in ..." : again ? "Sign in again" : "You are not signed in"}</strong>
      <p>{problem ?? message}</p>
      <p class="actions">
        {canSignIn(config) && (
          <button type="button" class="primary" disabled={busy} onClick={() => void signIn(config)}>
            Sign in
          </button>
        )}
        {config.offline && (
          <button type="button" onClick={askForToken}>
            Token at a click
          </button>
        )}
      </p>
      {!canSignIn(config) && <p class="muted">This stage has no client for people: nobody can sign in by a browser.</p>}
    </div>
  );
}
