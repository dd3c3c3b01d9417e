import type { Plain } from "@backend/sst-graph/graph";
import type { ResolvedResource } from "@backend/sst-graph/resolve";

/** Something that a graph declares and that is not simulated. */
export interface Gap {
  what: string;
  why: string;
  /** True if the type or the input is not described. */
  unknown?: true;
}

/** Returns the gap to report for an input, or for a whole resource, whose `value` is null. */
export type Reason = (value: Plain, resource: ResolvedResource, edgeUrn?: string) => Gap | undefined;

/**
 * How each input of a resource type is handled. `true`: it is simulated, or makes no difference at
 * run time. `string[]`: the members of the input for which that is so. A reason in place of the
 * inputs is that of the whole resource.
 */
export type Coverage = Record<string, true | string[] | Reason> | Reason;

export const not =
  (what: string, why: string): Reason =>
  () => ({ what, why });

// Reasons of several services.
export const EDGE = not(
  "edge",
  "the distribution in front of the API is simulated with its function and its headers, but without WAF, cache and TLS",
);
export const DOMAIN = not("domain names", "the API answers on this machine under any name, without TLS");
export const ALARMS = not("alarms", "no metrics are made, so no alarm can ring");
export const SITE = not("site", "files of a site are not served from a bucket and a distribution");
