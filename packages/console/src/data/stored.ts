type Area = "session" | "local";

/**
 * Reads JSON from the browser's storage, by default that of the tab. Returns null if the browser
 * blocks the storage, or if the text isn't JSON.
 */
export function readStored(key: string, area: Area = "session"): unknown {
  try {
    return JSON.parse(storageOf(area).getItem(key) ?? "null");
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
export function writeStored(key: string, value: unknown, area: Area = "session"): void {
  try {
    if (value === undefined) storageOf(area).removeItem(key);
    else storageOf(area).setItem(key, JSON.stringify(value));
  } catch {
    // The console works without storage.
  }
}

/** Throws an error if the browser blocks the storage. */
function storageOf(area: Area): Storage {
  return area === "session" ? sessionStorage : localStorage;
}
