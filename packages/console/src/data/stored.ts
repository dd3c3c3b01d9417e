/**
 * Reads JSON from the session storage. Returns null if the browser blocks the storage, or if the
 * text isn't JSON.
 */
export function readStored(key: string): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

/** Reads a stored list of strings. Skips anything else. */
export function readStoredTexts(key: string): string[] {
  const stored = readStored(key);
  return Array.isArray(stored) ? stored.filter((text) => typeof text === "string") : [];
}

/** @param value `undefined` removes the entry */
export function writeStored(key: string, value: unknown): void {
  try {
    if (value === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // The console works without storage.
  }
}
