import { createStore } from "./store";

/** True while nothing answers at the API's address. */
export const isApiDown = createStore(false);

/** How soon a page asks an API again that is down. */
export const RECOVERY_POLL_MS = 3000;

/**
 * Returns whether anything answers at the API's address. The browser hides the response, but not
 * that there is one: https://fetch.spec.whatwg.org/#concept-filtered-response-opaque
 */
export async function answersAt(apiUrl: string, signal: AbortSignal): Promise<boolean> {
  try {
    await fetch(`${apiUrl}/`, { mode: "no-cors", cache: "no-store", signal });
    return true;
  } catch (error) {
    if (signal.aborted) throw error;
    return false;
  }
}
