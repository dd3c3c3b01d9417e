import { useApp } from "../app-context";
import { MISSING } from "../data/format";
import { canSignIn, session, signIn, signOut } from "../data/session";
import { useStore } from "../data/store";
import { Icon } from "./icon";
import { Menu } from "./menu";
import { Time } from "./parts";

/** The signed-in caller, and what their token allows. */
export function Account() {
  const { config, openTokenDialog } = useApp();
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
          <button type="button" onClick={openTokenDialog}>
            <Icon name="key" />
            <span>Test token</span>
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
              <strong>{claims?.name ?? "Machine client"}</strong>
              <small>{claims?.groups.join(", ") || (claims?.name === undefined ? claims?.client : "No groups")}</small>
            </span>
          </>
        }
      >
        <dl class="grants">
          <dt>Scopes</dt>
          <dd>{claims?.scopes.join(", ") || MISSING}</dd>
          <dt>Groups</dt>
          <dd>{claims?.groups.join(", ") || MISSING}</dd>
          <dt>Token expires</dt>
          <dd>{claims ? <Time at={claims.expiresAt} /> : MISSING}</dd>
        </dl>
        {config.offline && (
          <button type="button" onClick={openTokenDialog}>
            Switch test identity
          </button>
        )}
        <button type="button" onClick={() => void signOut(config)}>
          Sign out
        </button>
      </Menu>
    </div>
  );
}
