import type { Plain } from "@backend/sst-graph/graph";

/** True for a JSON object: neither null nor a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object that a JSON value is, or an empty one. */
export function objectOf(value: Plain | undefined): Record<string, Plain> {
  return isRecord(value) ? (value as Record<string, Plain>) : {};
}

/** The objects of a list, or none where the value is no list. */
export function objectsOf(value: Plain | undefined): Record<string, Plain>[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

/** The strings of a list, or none where the value is no list. */
export function stringsOf(value: Plain | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
