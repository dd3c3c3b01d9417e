import { useApp } from "../app-context";
import { canSignIn, session, signIn, signOut } from "../data/session";
import { useStore } from "../data/store";
import { Icon } from "./icon";
import { Menu } from "./menu";
import { Time } from "./parts";

/** Who one is here, and what the token allows. */
export function Account() {
  const { config, askForToken } = useApp();
  const { token, claims, busy, problem } = useStore(session);
  if (token === undefined) {
    return (
      <div class="account">
        {problem !== undefined && (
          <p class="wrong" role="alert">
            {problem}
          </p>
        )}
        {canSignIn(config) && (
          <button type="button" class="primary" disabled={busy} onClick={() => void signIn(config)}>
            Sign in
          </button>
        )}
        {config.offline && (
          <button type="button" onClick={askForToken}>
            <Icon name="key" />
            <span>Token</span>
          </button>
        )}
      </div>
    );
  }
  return (
    <div class="account">
      <Menu
        summary={
          <>
            <span class="avatar" aria-hidden="true">
              {(claims?.name ?? "m").slice(0, 1).toUpperCase()}
            </span>
            <span class="who">
              <strong>{claims?.name ?? "A program"}</strong>
              <small>{claims?.groups.join(", ") || (claims?.name === undefined ? "own client" : "in no group")}</small>
            </span>
          </>
        }
      >
        <dl class="grants">
          <dt>Scopes</dt>
          <dd>{claims?.scopes.join(", ") || "none"}</dd>
          <dt>Groups</dt>
          <dd>{claims?.groups.join(", ") || "none"}</dd>
          <dt>Token until</dt>
          <dd>{claims ? <Time at={claims.expiresAt} /> : "unknown"}</dd>
        </dl>
        {config.offline && (
          <button type="button" onClick={askForToken}>
            Another token
          </button>
        )}
        <button type="button" onClick={() => void signOut(config)}>
          Sign out
        </button>
      </Menu>
    </div>
  );
}
