import type { Percentiles } from "./report";

/** Whole milliseconds below this are counted in an array, other values in a map. */
const DENSE_MS = 4096;
/** Limits the entries of the map. Further values are rounded. */
const MAX_SPARSE_VALUES = 10_000;
/** Limits the number of rounded values: each power of ten has 900. */
const MIN_ROUNDED_MS = 0.001;

/**
 * Counts how often each value occurs. Exact for whole numbers below 4,096 and for up to 10,000
 * other values. Values are non-negative milliseconds.
 */
export interface Histogram {
  dense: Int32Array;
  sparse: Map<number, number>;
  count: number;
  /** True if values were rounded to three digits. */
  isRounded: boolean;
}

export function newHistogram(): Histogram {
  return { dense: new Int32Array(64), sparse: new Map(), count: 0, isRounded: false };
}

export function addValue(histogram: Histogram, value: number): void {
  histogram.count++;
  // True for a non-negative whole number. -0 counts as 0.
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
 * Returns the 50th, 95th, 99th and 100th percentile by the nearest-rank method, or undefined if the
 * histogram is empty.
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
  const existing = sparse.get(value);
  if (existing === undefined && sparse.size >= MAX_SPARSE_VALUES) {
    histogram.isRounded = true;
    const rounded = Number(Math.max(value, MIN_ROUNDED_MS).toPrecision(3));
    sparse.set(rounded, (sparse.get(rounded) ?? 0) + count);
  } else sparse.set(value, (existing ?? 0) + count);
}
