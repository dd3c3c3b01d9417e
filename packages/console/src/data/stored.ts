/**
 * JSON in the session's storage. A browser may forbid the storage, it may be full, and it may hold
 * what an earlier version
 * of the console wrote: then there is nothing in it.
 */
export function readStored(key: string): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

/** The texts of a stored list; none of anything else. */
export function readStoredTexts(key: string): string[] {
  const stored = readStored(key);
  return Array.isArray(stored) ? stored.filter((text) => typeof text === "string") : [];
}

/** @param value `undefined` removes what is stored */
export function writeStored(key: string, value: unknown): void {
  try {
    if (value === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // The page works without it.
  }
}
