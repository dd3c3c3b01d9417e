import { createRecent, type Recent } from "./recent";

/** Bytes of all keys. Limits the memory that a hostile log can occupy. */
const MAX_KEY_BYTES = 4 * 1024 * 1024;
/**
 * Limits the comparisons for a key. Ordinary keys need a few dozen. Without the limit, keys that an
 * attacker made to have the same hash would slow down every line.
 */
const MAX_PROBES = 256;
/** Results instead of an index: there are too many keys, or too many with similar hashes. */
const [NO_ROOM, CROWDED] = [-1, -2];

/**
 * Counts by key, where a key is a range of bytes, so that no string is created for a known key.
 * If there are too many keys, it drops the half with the smallest counts (lossy counting). From
 * then on, counts are lower bounds.
 */
export interface Interner {
  /**
   * Returns the index of a key in `counts`, valid until the next call, which may dropRareKeys keys.
   * Returns a negative number if too many other keys have a similar hash.
   */
  intern(bytes: Uint8Array, view: DataView, start: number, end: number): number;
  /** Like `intern`, but never drops a key: returns a negative number if there is no room. */
  internIfRoom(bytes: Uint8Array, view: DataView, start: number, end: number): number;
  /** Recently used keys, found by their first bytes. */
  readonly recent: Recent;
  /** Figures by index of the key. Keys with the smallest first figure are dropped. */
  readonly counts: readonly Float64Array[];
  /** True if keys were dropped or not counted. */
  isLossy: boolean;
  /** Returns the keys by index. */
  keys(): string[];
}

/**
 * @param maxKeys a power of two
 * @param figures number of figures of each key
 */
export function createInterner(maxKeys: number, figures: number): Interner {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const counts = Array.from({ length: figures }, () => new Float64Array(maxKeys));
  const recent = createRecent();
  const starts = new Int32Array(maxKeys + 1);
  const hashes = new Int32Array(maxKeys);
  const slots = new Int32Array(2 * maxKeys);
  let arena = new Uint8Array(64 * 1024);
  let keyCount = 0;
  const interner: Interner = { intern, internIfRoom, recent, counts, isLossy: false, keys };
  return interner;

  function intern(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const found = internIfRoom(bytes, view, start, end);
    if (found !== NO_ROOM) return found;
    dropRareKeys();
    return internIfRoom(bytes, view, start, end);
  }

  function internIfRoom(bytes: Uint8Array, view: DataView, start: number, end: number): number {
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
    const used = starts[keyCount] as number;
    if (keyCount === maxKeys || used + end - start > MAX_KEY_BYTES) return NO_ROOM;
    while (used + end - start > arena.length) {
      const larger = new Uint8Array(2 * arena.length);
      larger.set(arena);
      arena = larger;
    }
    arena.set(bytes.subarray(start, end), used);
    starts[keyCount + 1] = used + end - start;
    hashes[keyCount] = hash;
    slots[slot] = keyCount + 1;
    return keyCount++;
  }

  function isKey(key: number, bytes: Uint8Array, start: number, end: number): boolean {
    let at = starts[key] as number;
    if ((starts[key + 1] as number) - at !== end - start) return false;
    for (let from = start; from < end; from++, at++) if (bytes[from] !== arena[at]) return false;
    return true;
  }

  function dropRareKeys(): void {
    interner.isLossy = true;
    recent.clear();
    const [first = new Float64Array(maxKeys)] = counts;
    const order = Array.from({ length: keyCount }, (_, key) => key).sort((a, b) => (first[b] ?? 0) - (first[a] ?? 0));
    const survivors = order.slice(0, keyCount >> 1).sort((a, b) => a - b);
    let bytes = 0;
    slots.fill(0);
    for (const [index, key] of survivors.entries()) {
      const [from, to] = [starts[key] as number, starts[key + 1] as number];
      arena.copyWithin(bytes, from, to);
      for (const figure of counts) figure[index] = figure[key] as number;
      hashes[index] = hashes[key] as number;
      starts[index] = bytes;
      bytes += to - from;
      let slot = (hashes[index] as number) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = index + 1;
    }
    keyCount = survivors.length;
    starts[keyCount] = bytes;
    for (const figure of counts) figure.fill(0, keyCount);
  }

  function keys(): string[] {
    return Array.from({ length: keyCount }, (_, key) => decoder.decode(arena.subarray(starts[key], starts[key + 1])));
  }
}

/** Hashes four bytes at a time. */
function hashOf(bytes: Uint8Array, view: DataView, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) hash = Math.imul(hash ^ view.getInt32(at, true), 0x5bd1e995) ^ (hash >>> 15);
  for (; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x5bd1e995) ^ (hash >>> 15);
  return hash ^ (hash >>> 13);
}
