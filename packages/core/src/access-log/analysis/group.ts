import { addValue, type Histogram, mergeHistogram, newHistogram } from "./histogram";
import type { StatusClasses } from "./report";

/** Figures of some requests; their number is that of the latencies. */
export interface Group {
  statusClasses: StatusClasses;
  latency: Histogram;
}

export function newGroup(): Group {
  return { statusClasses: [0, 0, 0, 0, 0], latency: newHistogram() };
}

/** 0 for `1xx`, 4 for `5xx`; -1 for what is no status, which is in no class. */
export function statusClassOf(status: number): number {
  return status >= 100 && status < 600 ? ((status / 100) | 0) - 1 : -1;
}

export function addRequest({ statusClasses, latency }: Group, statusClass: number, value: number): void {
  if (statusClass >= 0) statusClasses[statusClass as 0]++;
  addValue(latency, value);
}

export function mergeGroup(into: Group, from: Group): void {
  for (const index of [0, 1, 2, 3, 4] as const) into.statusClasses[index] += from.statusClasses[index];
  mergeHistogram(into.latency, from.latency);
}
