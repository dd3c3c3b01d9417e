/** So many texts are kept, and so many that begin alike are looked at. */
const MOST = 4096;
const LOOKS = 16;
/** Bytes of a text that is kept at most, and of all. */
const LONGEST = 512;
const BYTES = 256 * 1024;
/** Bytes that decide in which chain a text is looked for; those behind a short text count too, and are mostly the same in each line. */
export const PROBED = 13;
const QUOTE = 0x22;
/** Bytes that are compared at once, as a number: texts hold none that are no number or another zero, or they are not found. */
const WORD = 8;

/**
 * Texts that were read lately, with the quote that ends each: to know a text again costs less than to look for its end. A cache: what is
 * not found may be known all the same.
 */
export interface Recent {
  /** The place of the text that begins here and ends before a quote; -1 where it is not found. `size` bytes can be read at least. */
  find(view: DataView, start: number, size: number): number;
  /** Bytes of the text that was found last. */
  length: number;
  /** @param end where the quote is that ends it; there is none in it, nor anything that JSON escapes */
  add(bytes: Uint8Array, view: DataView, start: number, end: number, place: number): void;
  clear(): void;
}

export function createRecent(): Recent {
  const arena = new Uint8Array(BYTES);
  const arenaView = new DataView(arena.buffer);
  const heads = new Int32Array(MOST); // 0: none
  const next = new Int32Array(MOST + 1);
  const starts = new Int32Array(MOST + 1);
  const ends = new Int32Array(MOST + 1);
  const places = new Int32Array(MOST + 1);
  let known = 0;
  const recent: Recent = { find, length: 0, add, clear };
  return recent;

  function find(view: DataView, start: number, size: number): number {
    const chain = chainOf(view, start);
    const head = heads[chain] as number;
    let before = 0;
    let looks = LOOKS;
    for (let key = head; key !== 0 && looks > 0; key = next[key] as number, looks--) {
      if (isHere(key, view, start, size)) {
        if (before !== 0) {
          next[before] = next[key] as number;
          next[key] = head;
          heads[chain] = key;
        }
        recent.length = (ends[key] as number) - (starts[key] as number) - 1;
        return places[key] as number;
      }
      before = key;
    }
    return -1;
  }

  /** The last bytes first: texts that begin alike rarely end alike. */
  function isHere(key: number, view: DataView, start: number, size: number): boolean {
    const from = starts[key] as number;
    const end = ends[key] as number;
    const shift = start - from;
    if (end + shift > size) return false;
    const last = end - WORD;
    if (last < from) {
      for (let at = from; at < end; at++) if (arena[at] !== view.getUint8(at + shift)) return false;
      return true;
    }
    if (view.getFloat64(last + shift, true) !== arenaView.getFloat64(last, true)) return false;
    for (let at = from; at < last; at += WORD) {
      if (view.getFloat64(at + shift, true) !== arenaView.getFloat64(at, true)) return false;
    }
    return true;
  }

  function add(bytes: Uint8Array, view: DataView, start: number, end: number, place: number): void {
    const length = end - start + 1;
    if (length > LONGEST || start + PROBED > bytes.length) return;
    let used = ends[known] as number;
    if (known === MOST || used + length > BYTES) {
      clear();
      used = 0;
    }
    known++;
    arena.set(bytes.subarray(start, end), used);
    arena[used + length - 1] = QUOTE;
    starts[known] = used;
    ends[known] = used + length;
    places[known] = place;
    const chain = chainOf(view, start);
    next[known] = heads[chain] as number;
    heads[chain] = known;
  }

  function clear(): void {
    heads.fill(0);
    known = 0;
  }
}

function chainOf(view: DataView, start: number): number {
  const first = Math.imul(view.getInt32(start, true), 0x5bd1e995);
  const second = Math.imul(view.getInt32(start + 5, true), 0x1b873593);
  const hash = first ^ second ^ Math.imul(view.getInt32(start + 9, true), 0x2c1b3c6d);
  return (hash ^ (hash >>> 15)) & (MOST - 1);
}
