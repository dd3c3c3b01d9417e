import { isKnownAddress } from "./addresses";
import type { View } from "./view";

/** A nonce or hash in a source list: https://www.w3.org/TR/CSP3/#grammardef-nonce-source */
const PINNED = /^'(nonce|sha256|sha384|sha512)-[A-Za-z0-9+/=_-]+'$/;
const CLOSED = ["'none'", "'self'"];
/** Directives without a fallback: https://www.w3.org/TR/CSP3/#directives-elsewhere */
const WITHOUT_FALLBACK = ["base-uri", "form-action"];

/** Returns what a Content-Security-Policy leaves open. References in it are `${<urn>#<output>}`. */
export function findPolicyFaults(view: View, policy: string): string[] {
  const directives = directivesOf(policy);
  const sourcesOf = (name: string) => directives.get(name) ?? directives.get("default-src");
  const isOpenTo = (source: string) =>
    !CLOSED.includes(source) && !PINNED.test(source) && !isKnownAddress(view, source);
  const lists = [
    "default-src",
    "script-src",
    "style-src",
    "connect-src",
    "img-src",
    "object-src",
    "worker-src",
    "frame-src",
  ];
  const names = new Set([...lists, ...[...directives.keys()].filter((name) => name.endsWith("-src"))]);
  const open = [...names].flatMap((name) => {
    const sources = sourcesOf(name);
    if (sources === undefined) return [`expected default-src or ${name}`];
    if (name.startsWith("connect") || name.startsWith("img"))
      return sources.filter(isOpenTo).map((source) => `${name} allows ${source}, which is not part of this deployment`);
    const foreign = sources.filter((source) => !CLOSED.includes(source) && !PINNED.test(source));
    return foreign.map((source) => `${name} allows ${source}: expected 'none', 'self', a nonce or a hash`);
  });
  const ancestors = directives.get("frame-ancestors");
  const runsNothing =
    sourcesOf("script-src")?.join(" ") === "'none'" && directives.get("default-src")?.join(" ") === "'none'";
  return [
    ...open,
    ...(ancestors?.every((source) => CLOSED.includes(source)) ? [] : ["expected frame-ancestors 'none' or 'self'"]),
    ...WITHOUT_FALLBACK.filter(
      (name) => !runsNothing && !directives.get(name)?.every((source) => CLOSED.includes(source)),
    ).map((name) => `expected ${name} 'none' or 'self'`),
  ];
}

/**
 * Returns the directives by lower-case name. If a name repeats, the first one counts:
 * https://www.w3.org/TR/CSP3/#parse-serialized-policy
 */
function directivesOf(policy: string): Map<string, string[]> {
  const directives = new Map<string, string[]>();
  for (const directive of policy.split(";")) {
    const [name, ...sources] = directive.trim().split(/\s+/);
    if (name !== undefined && name !== "" && !directives.has(name.toLowerCase()))
      directives.set(name.toLowerCase(), sources);
  }
  return directives;
}
