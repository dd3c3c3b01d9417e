import type { Plain } from "@backend/sst-graph/graph";
import type { ResolvedResource } from "@backend/sst-graph/resolve";

/** A feature that a graph declares and that offline does not simulate. */
export interface Gap {
  what: string;
  why: string;
  /** True if no row here describes the type or the input. */
  unknown?: true;
}

/** Returns the gap to report for an input, or for a whole resource, whose `value` is null. */
export type Reason = (value: Plain, resource: ResolvedResource, edgeUrn?: string) => Gap | undefined;

/**
 * How each input of a resource type is handled. `true`: simulated, or irrelevant at run time.
 * `string[]`: the members of the input for which that is true. Function: returns the gap to report.
 * A function in place of the inputs reports the gap of the whole resource.
 */
export type Coverage = Record<string, true | string[] | Reason> | Reason;

export const not =
  (what: string, why: string): Reason =>
  () => ({ what, why });

// Gaps that several services share.
export const EDGE = not(
  "edge",
  "the distribution in front of the API is simulated with its functions and headers, but without WAF, cache and TLS",
);
export const DOMAIN = not("domain names", "the API is served on this machine without TLS, under any host name");
export const ALARMS = not("alarms", "no metrics are collected, so no alarm can go off");
export const SITE = not("site", "no bucket and no distribution serve the files of a site");
