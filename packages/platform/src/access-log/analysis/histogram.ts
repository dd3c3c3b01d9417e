import type { Percentiles } from "./report";

/** Whole milliseconds below this are counted in an array, other values in a map. */
const DENSE_MS = 4096;
/** So many different values have a count of their own in the map. */
const MAX_SPARSE = 10_000;
/** Rounded values are at least this, so that there are few powers of ten to tell apart. */
const SMALLEST_ROUNDED_MS = 0.001;

/**
 * Counts how often each value occurred. Exact for whole numbers below 4,096 and for up to 10,000 different other
 * values. Values are milliseconds, not negative.
 */
export interface Histogram {
  dense: Int32Array;
  sparse: Map<number, number>;
  count: number;
  /** Whether values have been rounded, to three digits. */
  isRounded: boolean;
}

export function newHistogram(): Histogram {
  return { dense: new Int32Array(64), sparse: new Map(), count: 0, isRounded: false };
}

export function addValue(histogram: Histogram, value: number): void {
  histogram.count++;
  // True for a whole number that is not negative; -0 counts as 0.
  if (value >>> 0 === value && value < DENSE_MS) {
    if (value >= histogram.dense.length) grow(histogram, value);
    (histogram.dense[value] as number)++;
  } else addSparse(histogram, value, 1);
}

export function mergeHistogram(into: Histogram, from: Histogram): void {
  if (from.dense.length > into.dense.length) grow(into, from.dense.length - 1);
  for (let value = 0; value < from.dense.length; value++) {
    (into.dense[value] as number) += from.dense[value] as number;
  }
  for (const [value, count] of from.sparse) addSparse(into, value, count);
  into.count += from.count;
  into.isRounded ||= from.isRounded;
}

/**
 * Returns the smallest values that 50, 95, 99 and 100 percent of all do not exceed ("nearest rank"); undefined
 * without any value.
 */
export function percentiles({ dense, sparse, count }: Histogram): Percentiles | undefined {
  if (count === 0) return undefined;
  const others = [...sparse].sort(([a], [b]) => a - b);
  const ranks = [50, 95, 99, 100].map((percent) => Math.max(Math.ceil((percent / 100) * count), 1));
  const found: number[] = [];
  let [seen, value, other] = [0, 0, 0];
  while (found.length < ranks.length && (value < dense.length || other < others.length)) {
    const [next = Number.POSITIVE_INFINITY, times = 0] = others[other] ?? [];
    if (value < dense.length && value <= next) {
      seen += dense[value] as number;
      while (found.length < ranks.length && seen >= (ranks[found.length] as number)) found.push(value);
      value++;
    } else {
      seen += times;
      while (found.length < ranks.length && seen >= (ranks[found.length] as number)) found.push(next);
      other++;
    }
  }
  const [p50 = 0, p95 = 0, p99 = 0, max = 0] = found;
  return { p50, p95, p99, max };
}

function grow(histogram: Histogram, value: number): void {
  const larger = new Int32Array(Math.min(2 ** Math.ceil(Math.log2(value + 1)), DENSE_MS));
  larger.set(histogram.dense);
  histogram.dense = larger;
}

function addSparse(histogram: Histogram, value: number, count: number): void {
  const { sparse } = histogram;
  const known = sparse.get(value);
  if (known === undefined && sparse.size >= MAX_SPARSE) {
    histogram.isRounded = true;
    const rounded = Number(Math.max(value, SMALLEST_ROUNDED_MS).toPrecision(3)); // 900 for each power of ten
    sparse.set(rounded, (sparse.get(rounded) ?? 0) + count);
  } else sparse.set(value, (known ?? 0) + count);
}
