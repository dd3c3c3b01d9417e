import type { Percentiles } from "./report";

/** Whole milliseconds up to here are counted in an array, other values by themselves. */
const DENSE = 4096;
/** As many different other values are told apart. */
const SPARSE = 10_000;

/** What is rounded is brought between these, in milliseconds. */
const LEAST = 0.001;
const MOST = 1e12;

/** How often each value occurred. Exact for whole numbers, and for up to 10,000 different other values. */
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
  // A whole number that is not negative; -0 is not told from 0.
  if (value >>> 0 === value && value < DENSE) {
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

/** The smallest value that so many percent of all do not exceed ("nearest rank"). */
export function percentiles({ dense, sparse, count }: Histogram): Percentiles {
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
  const larger = new Int32Array(Math.min(2 ** Math.ceil(Math.log2(value + 1)), DENSE));
  larger.set(histogram.dense);
  histogram.dense = larger;
}

function addSparse(histogram: Histogram, value: number, count: number): void {
  const { sparse } = histogram;
  const known = sparse.get(value);
  if (known === undefined && sparse.size >= SPARSE) {
    histogram.isRounded = true;
    const size = Math.min(Math.max(Math.abs(value), LEAST), MOST);
    const rounded = Math.sign(value) * Number(size.toPrecision(3)); // 900 different ones for each power of ten
    sparse.set(rounded, (sparse.get(rounded) ?? 0) + count);
  } else sparse.set(value, (known ?? 0) + count);
}
