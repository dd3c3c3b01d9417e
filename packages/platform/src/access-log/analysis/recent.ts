/** A power of two, so that a hash can be masked. */
const MAX_TEXTS = 4096;
/** Texts of a hash chain that are compared. */
const MAX_COMPARISONS = 16;
const MAX_TEXT_BYTES = 512;
/** Bytes of all texts. */
const ARENA_BYTES = 256 * 1024;
/**
 * Bytes that are hashed, from the start of a text. After a short text, they include the bytes that
 * follow it, which are mostly the same in each line.
 */
export const PROBE_BYTES = 13;
const QUOTE = 0x22;
/**
 * Bytes that are compared at once, as a float. Bytes that are NaN compare as different, so such a
 * text is not found.
 */
const WORD_BYTES = 8;

/**
 * A cache of texts that were read recently, each with its closing quote. Finding a text again is
 * faster than searching for its end. A text that is not found may still be an interner's key.
 */
export interface Recent {
  /**
   * Returns the index of the key that starts here and ends before a quote, or -1 if it is not
   * cached. The bytes up to `size` must be readable, and `PROBE_BYTES` after `start`.
   */
  find(view: DataView, start: number, size: number): number;
  /** Bytes of the text that was found last. */
  length: number;
  /**
   * @param end offset of the closing quote. The text must not contain a quote, a backslash or a
   *   control character
   */
  add(bytes: Uint8Array, view: DataView, start: number, end: number, keyIndex: number): void;
  clear(): void;
}

export function createRecent(): Recent {
  const arena = new Uint8Array(ARENA_BYTES);
  const arenaView = new DataView(arena.buffer);
  const heads = new Int32Array(MAX_TEXTS); // first text of a chain; 0 for an empty chain
  const next = new Int32Array(MAX_TEXTS + 1);
  const starts = new Int32Array(MAX_TEXTS + 1);
  const ends = new Int32Array(MAX_TEXTS + 1);
  const keyIndexes = new Int32Array(MAX_TEXTS + 1);
  let textCount = 0;
  const recent: Recent = { find, length: 0, add, clear };
  return recent;

  function find(view: DataView, start: number, size: number): number {
    const chain = chainOf(view, start);
    const head = heads[chain] as number;
    let before = 0;
    let comparisons = MAX_COMPARISONS;
    for (let key = head; key !== 0 && comparisons > 0; key = next[key] as number, comparisons--) {
      if (isTextAt(key, view, start, size)) {
        if (before !== 0) {
          next[before] = next[key] as number;
          next[key] = head;
          heads[chain] = key;
        }
        recent.length = (ends[key] as number) - (starts[key] as number) - 1;
        return keyIndexes[key] as number;
      }
      before = key;
    }
    return -1;
  }

  /**
   * Compares the last bytes first: texts of a chain have the same start, but rarely the same end.
   */
  function isTextAt(key: number, view: DataView, start: number, size: number): boolean {
    const from = starts[key] as number;
    const end = ends[key] as number;
    const shift = start - from;
    if (end + shift > size) return false;
    const last = end - WORD_BYTES;
    if (last < from) {
      for (let at = from; at < end; at++) if (arena[at] !== view.getUint8(at + shift)) return false;
      return true;
    }
    if (view.getFloat64(last + shift, true) !== arenaView.getFloat64(last, true)) return false;
    for (let at = from; at < last; at += WORD_BYTES) {
      if (view.getFloat64(at + shift, true) !== arenaView.getFloat64(at, true)) return false;
    }
    return true;
  }

  function add(bytes: Uint8Array, view: DataView, start: number, end: number, keyIndex: number): void {
    const length = end - start + 1;
    if (length > MAX_TEXT_BYTES || start + PROBE_BYTES > bytes.length) return;
    let used = ends[textCount] as number;
    if (textCount === MAX_TEXTS || used + length > ARENA_BYTES) {
      clear();
      used = 0;
    }
    textCount++;
    arena.set(bytes.subarray(start, end), used);
    arena[used + length - 1] = QUOTE;
    starts[textCount] = used;
    ends[textCount] = used + length;
    keyIndexes[textCount] = keyIndex;
    const chain = chainOf(view, start);
    next[textCount] = heads[chain] as number;
    heads[chain] = textCount;
  }

  function clear(): void {
    heads.fill(0);
    textCount = 0;
  }
}

function chainOf(view: DataView, start: number): number {
  const first = Math.imul(view.getInt32(start, true), 0x5bd1e995);
  const second = Math.imul(view.getInt32(start + 5, true), 0x1b873593);
  const hash = first ^ second ^ Math.imul(view.getInt32(start + 9, true), 0x2c1b3c6d);
  return (hash ^ (hash >>> 15)) & (MAX_TEXTS - 1);
}
