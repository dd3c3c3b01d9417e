import { useEffect, useRef } from "preact/hooks";

import { session, viewerOf } from "./session";
import { useStore } from "./store";

/**
 * Whose view it is, and whether that is about to be told.
 *
 * @param renewed called when the viewer has another token: what was read with the one before is the same
 */
export function useViewer(renewed: () => void): { viewer: string | undefined; isWaiting: boolean } {
  const user = useStore(session);
  const { token, busy = false } = user;
  const viewer = viewerOf(user);
  const before = useRef(viewer);
  useEffect(() => {
    if (before.current === viewer) renewed();
    before.current = viewer;
  }, [token]);
  return { viewer, isWaiting: busy && token === undefined };
}
