/**
 * A mergeable sketch of latencies: counts by bin, where bins grow by a constant factor. Merging
 * adds counts, so the order of merging does not matter. DDSketch: Masson, Rim, Lee, VLDB 2019,
 * https://arxiv.org/abs/1908.10693.
 *
 * Datadog's `@datadog/sketches-js` cannot be used: it requires `protobufjs/minimal`, which it does
 * not declare, so it cannot be bundled. It can also lose bin 0 in a merge (0.2725 with 0.961 and
 * 1). The tests compare with it.
 */
export type Sketch = Map<number, number>;

/** Maximum relative error of a quantile: the promised 2 %, minus room for rounding. */
const ACCURACY = 0.018;
const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);

/** Lower latencies count as 0, higher ones as the maximum. An integration times out after 30 s. */
const MIN_LATENCY_MS = 0.1;
const MAX_LATENCY_MS = 100_000;
const MIN_BIN = binOf(MIN_LATENCY_MS);
const ZERO_BIN = MIN_BIN - 1;

export function addLatency(sketch: Sketch, milliseconds: number): void {
  addCount(sketch, milliseconds < MIN_LATENCY_MS ? ZERO_BIN : binOf(Math.min(milliseconds, MAX_LATENCY_MS)), 1);
}

/** Adds the counts of `from` to `into`. */
export function mergeSketch(into: Sketch, from: Sketch): void {
  for (const [bin, count] of from) addCount(into, bin, count);
}

/**
 * Returns a quantile in milliseconds, accurate to 2 %, or undefined if the sketch is empty. Uses
 * the nearest-rank method, as `pnpm ops report` does.
 *
 * @param at from 0 to 1
 */
export function quantile(sketch: Sketch, at: number): number | undefined {
  const bins = sortBins(sketch);
  const rank = Math.ceil(at * bins.reduce((sum, [, count]) => sum + count, 0));
  let seen = 0;
  for (const [bin, count] of bins) {
    seen += count;
    if (seen >= rank) return bin === ZERO_BIN ? 0 : Number(((2 * GAMMA ** bin) / (GAMMA + 1)).toPrecision(4));
  }
  return undefined;
}

/**
 * Encodes a sketch as `[step, count, step, count, ...]`, where a step is the distance from the
 * previous bin. Compact in JSON, and equal for equal counts.
 */
export function encodeSketch(sketch: Sketch): number[] {
  let last = ZERO_BIN;
  return sortBins(sketch).flatMap(([bin, count]) => {
    const step = bin - last;
    last = bin;
    return [step, count];
  });
}

export function decodeSketch(encoded: number[]): Sketch {
  const sketch: Sketch = new Map();
  let bin = ZERO_BIN;
  for (let index = 0; index + 1 < encoded.length; index += 2) {
    bin += encoded[index] ?? 0;
    sketch.set(bin, encoded[index + 1] ?? 0);
  }
  return sketch;
}

function binOf(milliseconds: number): number {
  return Math.ceil(Math.log(milliseconds) / Math.log(GAMMA));
}

function addCount(sketch: Sketch, bin: number, count: number): void {
  sketch.set(bin, (sketch.get(bin) ?? 0) + count);
}

function sortBins(sketch: Sketch): [bin: number, count: number][] {
  return [...sketch].sort(([a], [b]) => a - b);
}
