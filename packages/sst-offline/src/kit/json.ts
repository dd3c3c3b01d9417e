import type { Plain } from "@backend/sst-graph/graph";

/** True for a JSON object, not for null or a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the value if it is an object, or an empty object. */
export function objectOf(value: Plain | undefined): Record<string, Plain> {
  return isRecord(value) ? (value as Record<string, Plain>) : {};
}

/** Returns the items of a list as objects, or nothing if the value is not a list. */
export function objectsOf(value: Plain | undefined): Record<string, Plain>[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

/** Returns the strings of a list, or nothing if the value is not a list. */
export function stringsOf(value: Plain | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
