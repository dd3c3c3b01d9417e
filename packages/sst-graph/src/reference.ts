import type { Asset, JsonText, Reference, Secret, Value } from "./graph";

/** Name of an output: `<urn>#<output>`, or `<urn>#<output>[0]` for an element of a list. */
export type OutputName = `${string}#${string}`;

export function outputName(urn: string, output: string): OutputName {
  return `${urn}#${output}`;
}

export const isReference = (value: Value): value is Reference => hasOnly(value, "ref");
export const isSecret = (value: Value): value is Secret => hasOnly(value, "secret");
export const isJsonText = (value: Value): value is JsonText => hasOnly(value, "json");
export const isAsset = (value: Value): value is Asset => hasOnly(value, "asset");

// `unknown` is a marker of the policy, for a value that is known only after the deployment.
const MARKER = /^(ref|secret|json|asset|unknown)$/;
const ESCAPABLE = /^\$*(ref|secret|json|asset|unknown)$/;
const ESCAPED = /^\$+(ref|secret|json|asset|unknown)$/;

/** True for an object that a reader of the graph takes for a marker. */
export function looksLikeMarker(value: Value): boolean {
  return MARKER.test(onlyKey(value) ?? "");
}

/** Puts a dollar sign before the only key of an object that would otherwise be read as a marker. */
export function escapeMarker(value: { [key: string]: Value }): { [key: string]: Value } {
  const key = onlyKey(value);
  return key !== undefined && ESCAPABLE.test(key) ? { [`$${key}`]: value[key] as Value } : value;
}

/** Reverses `escapeMarker`. */
export function unescapeMarker(value: { [key: string]: Value }): { [key: string]: Value } {
  const key = onlyKey(value);
  return key !== undefined && ESCAPED.test(key) ? { [key.slice(1)]: value[key] as Value } : value;
}

/** One piece of a string with references in it. */
export type Piece = { text: string } | { ref: string } | { secret: string };

/**
 * Joins pieces to one value: a single reference as its marker, otherwise a string with `${...}`.
 */
export function joinPieces(pieces: Piece[]): Value {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined && !("text" in first)) return { ...first };
  const texts = pieces.map((piece, index) => {
    if ("ref" in piece) return `\${${piece.ref}}`;
    if ("secret" in piece) return `\${secret:${piece.secret}}`;
    const text = piece.text.replaceAll("${", "${$}{");
    return text.endsWith("$") && index < pieces.length - 1 ? `${text.slice(0, -1)}\${$}` : text;
  });
  return texts.join("");
}

/** Splits a string that `joinPieces` returned. */
export function splitPieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  let literal = "";
  for (let at = 0; at < text.length; ) {
    const start = text.indexOf("${", at);
    literal += text.slice(at, start === -1 ? undefined : start);
    if (start === -1) break;
    const end = text.indexOf("}", start);
    if (end === -1) throw new Error(`unterminated reference in ${JSON.stringify(text)}`);
    at = end + 1;
    const name = text.slice(start + 2, end);
    if (name === "$") {
      literal += "$";
      continue;
    }
    if (literal !== "") pieces.push({ text: literal });
    literal = "";
    pieces.push(name.startsWith("secret:") ? { secret: name.slice("secret:".length) } : { ref: name });
  }
  if (literal !== "") pieces.push({ text: literal });
  return pieces;
}

/** Returns the references in a value as `<urn>#<output>`, in their order, without repetitions. */
export function referencesIn(value: Value): string[] {
  return [...new Set(allReferencesIn(value))];
}

function allReferencesIn(value: Value): string[] {
  if (typeof value === "string") return splitPieces(value).flatMap((piece) => ("ref" in piece ? [piece.ref] : []));
  if (typeof value !== "object" || value === null) return [];
  if (isReference(value)) return [value.ref];
  return Object.values(value).flatMap((part) => allReferencesIn(part as Value));
}

export function isObject(value: Value): value is { [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasOnly(value: Value, key: string): boolean {
  return onlyKey(value) === key;
}

function onlyKey(value: Value): string | undefined {
  if (!isObject(value)) return undefined;
  const [key, ...others] = Object.keys(value);
  return others.length === 0 ? key : undefined;
}
