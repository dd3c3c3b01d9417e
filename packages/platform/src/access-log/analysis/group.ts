import { addValue, type Histogram, mergeHistogram, newHistogram } from "./histogram";
import type { StatusClasses } from "./report";

/** Figures of a group of requests. */
export interface Group {
  requests: number;
  statusClasses: StatusClasses;
  /** Latencies, in milliseconds, of the requests that have one. */
  latency: Histogram;
}

export function newGroup(): Group {
  return { requests: 0, statusClasses: [0, 0, 0, 0, 0], latency: newHistogram() };
}

/** Returns the index of a status class: 0 for `1xx`, 4 for `5xx`. */
export function statusClassOf(status: number): number {
  return ((status / 100) | 0) - 1;
}

/** @param latency milliseconds, or NaN if none was logged */
export function addRequest(group: Group, statusClass: number, latency: number): void {
  group.requests++;
  group.statusClasses[statusClass as 0]++;
  if (!Number.isNaN(latency)) addValue(group.latency, latency);
}

export function mergeGroup(into: Group, from: Group): void {
  into.requests += from.requests;
  for (const index of [0, 1, 2, 3, 4] as const) into.statusClasses[index] += from.statusClasses[index];
  mergeHistogram(into.latency, from.latency);
}
