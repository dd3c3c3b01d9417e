import { useEffect, useRef } from "preact/hooks";

import { session, viewerOf } from "./session";
import { useStore } from "./store";

/**
 * Identifies the signed-in caller. `isWaiting` is true while a sign-in is in progress.
 *
 * @param onRenewal called when the same caller gets a new token; their data stays valid
 */
export function useViewer(onRenewal: () => void): { viewer: string | undefined; isWaiting: boolean } {
  const user = useStore(session);
  const { token, busy = false } = user;
  const viewer = viewerOf(user);
  const before = useRef(viewer);
  useEffect(() => {
    if (before.current === viewer) onRenewal();
    before.current = viewer;
  }, [token]);
  return { viewer, isWaiting: busy && token === undefined };
}
