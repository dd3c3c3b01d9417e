// The progress of the last invocation posted to an execution environment. It is one word of memory,
// shared by the server and the worker thread, with the invocation's sequence number and stage. Each
// change is atomic, so both sides agree on who ends an invocation, even while one of them is busy.

export const POSTED = 0;
export const BEGUN = 1;
/** The START record is in the log. */
export const LOGGED = 2;
/** The REPORT record is in the log, and the result is on its way to the server. */
export const ENDED = 3;
/** The server has reclaimed the invocation: the worker may neither begin nor end it. */
const RECLAIMED = 4;

const STAGES = 8;
const SEQUENCE_NUMBERS = 2 ** 27;

/** @typedef {Int32Array<SharedArrayBuffer>} Mark */

/** @returns {Mark} */
export function createMark() {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** @param {number} sequence */
export function nextSequence(sequence) {
  return (sequence + 1) % SEQUENCE_NUMBERS;
}

/**
 * Server: records that an invocation is about to be posted.
 *
 * @param {Mark} mark
 * @param {number} sequence
 */
export function post(mark, sequence) {
  Atomics.store(mark, 0, sequence * STAGES + POSTED);
}

/**
 * Worker: moves the invocation to a later stage. Returns false if the server has reclaimed it.
 *
 * @param {Mark} mark
 * @param {number} sequence
 * @param {number} stage
 */
export function advance(mark, sequence, stage) {
  const found = Atomics.load(mark, 0);
  if (Math.floor(found / STAGES) !== sequence || found % STAGES >= stage) return false;
  return Atomics.compareExchange(mark, 0, found, sequence * STAGES + stage) === found;
}

/**
 * Server: reclaims the invocation, unless it has ended.
 *
 * @param {Mark} mark
 * @returns {number} the stage it had reached
 */
export function reclaim(mark) {
  for (;;) {
    const found = Atomics.load(mark, 0);
    const stage = found % STAGES;
    if (stage >= ENDED || Atomics.compareExchange(mark, 0, found, found - stage + RECLAIMED) === found) return stage;
  }
}
