import { createRecent, type Recent } from "./recent";

/** Bytes of all keys together: what a hostile log can make a report take. */
const MOST_BYTES = 4 * 1024 * 1024;
/**
 * Keys that are compared with a new one at most. Honest keys need some dozens; keys that were made
 * to have the same hash
 * would otherwise make each line as slow as there are keys.
 */
const MAX_PROBES = 256;
/** Why a key has no place: too many keys, or too many of the same hash. */
const [NO_ROOM, CROWDED] = [-1, -2];

/**
 * Counts by key, where a key is a stretch of bytes: no text is made for a key that is known. Where
 * there is too much to keep, the
 * half with the smallest counts is dropped (lossy counting), and the counts of the others are lower
 * bounds from then on.
 */
export interface Interner {
  /**
   * Returns a key's place in `counts`: good until the next call, which may drop keys. Negative for a key that is not
   * counted, because too many others have its hash.
   */
  place(bytes: Uint8Array, view: DataView, start: number, end: number): number;
  /** The same, but drops no key for another one: negative for a key that is one too many. */
  placeOf(bytes: Uint8Array, view: DataView, start: number, end: number): number;
  /** Keys of late, to be found by where they begin. */
  readonly recent: Recent;
  /** Figures of each key, by place; the first of them says which keys are dropped. */
  readonly counts: readonly Float64Array[];
  /** Whether keys have been dropped. */
  isLossy: boolean;
  /** By place. */
  keys(): string[];
}

/**
 * @param most so many keys are kept: a power of two
 * @param figures so many are kept of each
 */
export function createInterner(most: number, figures: number): Interner {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const counts = Array.from({ length: figures }, () => new Float64Array(most));
  const recent = createRecent();
  const starts = new Int32Array(most + 1);
  const hashes = new Int32Array(most);
  const slots = new Int32Array(2 * most);
  let arena = new Uint8Array(64 * 1024);
  let known = 0;
  const interner: Interner = { place, placeOf, recent, counts, isLossy: false, keys };
  return interner;

  function place(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const found = placeOf(bytes, view, start, end);
    if (found !== NO_ROOM) return found;
    drop();
    return placeOf(bytes, view, start, end);
  }

  function placeOf(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const hash = hashOf(bytes, view, start, end);
    let slot = hash & (slots.length - 1);
    let probes = 0;
    for (let key = slots[slot] as number; key !== 0; key = slots[slot] as number) {
      if (hashes[key - 1] === hash && isKey(key - 1, bytes, start, end)) return key - 1;
      if (++probes === MAX_PROBES) {
        interner.isLossy = true;
        return CROWDED;
      }
      slot = (slot + 1) & (slots.length - 1);
    }
    const used = starts[known] as number;
    if (known === most || used + end - start > MOST_BYTES) return NO_ROOM;
    while (used + end - start > arena.length) {
      const larger = new Uint8Array(2 * arena.length);
      larger.set(arena);
      arena = larger;
    }
    arena.set(bytes.subarray(start, end), used);
    starts[known + 1] = used + end - start;
    hashes[known] = hash;
    slots[slot] = known + 1;
    return known++;
  }

  function isKey(key: number, bytes: Uint8Array, start: number, end: number): boolean {
    let at = starts[key] as number;
    if ((starts[key + 1] as number) - at !== end - start) return false;
    for (let from = start; from < end; from++, at++) if (bytes[from] !== arena[at]) return false;
    return true;
  }

  function drop(): void {
    interner.isLossy = true;
    recent.clear();
    const [first = new Float64Array(most)] = counts;
    const order = Array.from({ length: known }, (_, key) => key).sort((a, b) => (first[b] ?? 0) - (first[a] ?? 0));
    const kept = order.slice(0, known >> 1).sort((a, b) => a - b);
    let bytes = 0;
    slots.fill(0);
    for (const [place, key] of kept.entries()) {
      const [from, to] = [starts[key] as number, starts[key + 1] as number];
      arena.copyWithin(bytes, from, to);
      for (const figure of counts) figure[place] = figure[key] as number;
      hashes[place] = hashes[key] as number;
      starts[place] = bytes;
      bytes += to - from;
      let slot = (hashes[place] as number) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = place + 1;
    }
    known = kept.length;
    starts[known] = bytes;
    for (const figure of counts) figure.fill(0, known);
  }

  function keys(): string[] {
    return Array.from({ length: known }, (_, key) => decoder.decode(arena.subarray(starts[key], starts[key + 1])));
  }
}

/** Four bytes at a time. */
function hashOf(bytes: Uint8Array, view: DataView, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) hash = Math.imul(hash ^ view.getInt32(at, true), 0x5bd1e995) ^ (hash >>> 15);
  for (; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x5bd1e995) ^ (hash >>> 15);
  return hash ^ (hash >>> 13);
}
