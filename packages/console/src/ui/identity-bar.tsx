import { useState } from "preact/hooks";

import { useApp } from "../app-context";
import type { TestIdentity, TokenRequest } from "../data/config";
import { session } from "../data/session";
import { useStore } from "../data/store";
import { readStored, writeStored } from "../data/stored";
import { Icon } from "./icon";

const HIDDEN_KEY = "console.identity-bar-hidden";

/** Says which test identity the reader is, and offers others. Offline only. */
export function IdentityBar() {
  const { config, openTokenDialog } = useApp();
  const { identity } = useStore(session);
  const [isHidden, setHidden] = useState(() => readStored(HIDDEN_KEY, "local") === true);
  if (identity === undefined || isHidden) return null;
  const known = config.testIdentities.find((candidate) => isSame(candidate, identity));
  return (
    <aside class="identity-bar" aria-label="Test identity">
      <span>
        You are <strong>{identity.user ?? "a machine client"}</strong>
        {known?.user !== undefined && ` (${known.label})`}, a test identity on this machine.
      </span>
      <button type="button" class="small" onClick={openTokenDialog}>
        Switch
      </button>
      <button type="button" class="quiet square" aria-label="Hide" onClick={hide}>
        <Icon name="close" />
      </button>
    </aside>
  );

  function hide(): void {
    writeStored(HIDDEN_KEY, true, "local");
    setHidden(true);
  }
}

/** True if the identity has been chosen as it is offered. */
export function isSame(identity: TestIdentity, request: TokenRequest | undefined): boolean {
  const described = ({ client, user, groups = [] }: TokenRequest) => JSON.stringify([client, user, [...groups].sort()]);
  return request !== undefined && described(identity) === described(request);
}
