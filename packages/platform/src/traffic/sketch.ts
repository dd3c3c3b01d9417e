/**
 * A mergeable sketch of latencies: DDSketch (Masson, Rim, Lee: "DDSketch", VLDB 2019, https://arxiv.org/abs/1908.10693) with
 * bins that grow by a constant factor. Bin -> count; merging adds counts, so the order of merging makes no difference.
 *
 * Our own, since Datadog's `@datadog/sketches-js` cannot be bundled (it requires `protobufjs/minimal`, which it does not
 * declare) and can lose bin 0 when it merges (0.2725 with 0.961 and 1); the tests compare with it.
 */
export type Sketch = Map<number, number>;

/** A quantile is off by at most this share of the true value: the 2 % that is promised, less room for rounding. */
const ACCURACY = 0.018;
const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);

/** Milliseconds. Less counts as 0; more as this, which is over three times the longest integration timeout (30 s). */
const LEAST = 0.1;
const MOST = 100_000;
const LEAST_BIN = binOf(LEAST);
const ZERO_BIN = LEAST_BIN - 1;

export function addLatency(sketch: Sketch, milliseconds: number): void {
  add(sketch, milliseconds < LEAST ? ZERO_BIN : binOf(Math.min(milliseconds, MOST)), 1);
}

/** Adds what is in the second sketch to the first. */
export function mergeSketch(into: Sketch, from: Sketch): void {
  for (const [bin, count] of from) add(into, bin, count);
}

/**
 * The latency (ms) that a share of all, from 0 to 1, does not exceed ("nearest rank", as `pnpm ops report` has it: of three, the 99th
 * percentile is the largest), within 2 % of it; undefined where there is none.
 */
export function quantile(sketch: Sketch, at: number): number | undefined {
  const bins = sorted(sketch);
  const rank = Math.ceil(at * bins.reduce((sum, [, count]) => sum + count, 0));
  let within = 0;
  for (const [bin, count] of bins) {
    within += count;
    if (within >= rank) return bin === ZERO_BIN ? 0 : Number(((2 * GAMMA ** bin) / (GAMMA + 1)).toPrecision(4));
  }
  return undefined;
}

/** `[step, count, step, count, ...]`, each step from the bin before it: as short as JSON gets, the same for the same counts. */
export function encodeSketch(sketch: Sketch): number[] {
  let last = ZERO_BIN;
  return sorted(sketch).flatMap(([bin, count]) => {
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

function add(sketch: Sketch, bin: number, count: number): void {
  sketch.set(bin, (sketch.get(bin) ?? 0) + count);
}

function sorted(sketch: Sketch): [bin: number, count: number][] {
  return [...sketch].sort(([a], [b]) => a - b);
}
