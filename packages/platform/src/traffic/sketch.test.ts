import { sampled } from "@backend/testing/sampling";
import { DDSketch } from "@datadog/sketches-js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { addLatency, decodeSketch, encodeSketch, mergeSketch, quantile, type Sketch } from "./sketch";

const QUANTILES = [0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1];
const latency = fc.oneof(
  fc.integer({ min: 0, max: 100_000 }),
  fc.integer({ min: 0, max: 30 }),
  fc.double({ min: 0.1, max: 1e5, noNaN: true }),
);
const latencies = fc.array(latency, { minLength: 1, maxLength: 300 });

function sketchOf(values: number[]): Sketch {
  const sketch: Sketch = new Map();
  for (const value of values) addLatency(sketch, value);
  return sketch;
}

/**
 * Uses the nearest-rank method (https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method).
 */
function exact(values: number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[rankOf(values, at) - 1] ?? Number.NaN;
}

function rankOf(values: number[], at: number): number {
  return Math.max(Math.ceil(at * values.length), 1);
}

describe("a sketch of latencies", () => {
  it("is within 2 % of the exact quantile", { tags: ["sampled"] }, () => {
    fc.assert(
      fc.property(latencies, fc.constantFrom(...QUANTILES), (values, at) => {
        const expected = exact(values, at);
        expect(Math.abs((quantile(sketchOf(values), at) ?? Number.NaN) - expected)).toBeLessThanOrEqual(
          0.02 * expected,
        );
      }),
      sampled({ suite: 50, soak: 10000 }),
    );
  });

  // Another implementation with the same accuracy. Its ranks go from 0 to n - 1.
  it("agrees with Datadog's sketch", { tags: ["sampled"] }, () => {
    fc.assert(
      fc.property(latencies, fc.constantFrom(...QUANTILES), (values, at) => {
        const theirs = new DDSketch({ relativeAccuracy: 0.018 });
        for (const value of values) theirs.accept(value);
        const expected = theirs.getValueAtQuantile(
          Math.min((rankOf(values, at) - 1 + 1e-6) / Math.max(values.length - 1, 1), 1),
        );
        expect(Math.abs((quantile(sketchOf(values), at) ?? Number.NaN) - expected)).toBeLessThanOrEqual(
          0.001 * expected,
        );
      }),
      sampled({ suite: 50, soak: 10000 }),
    );
  });

  it("is the same for values that are added to one sketch or to two merged ones", { tags: ["sampled"] }, () => {
    fc.assert(
      fc.property(latencies, latencies, (some, more) => {
        const merged = sketchOf(some);
        mergeSketch(merged, sketchOf(more));
        expect(encodeSketch(merged)).toEqual(encodeSketch(sketchOf([...more, ...some])));
      }),
      sampled({ suite: 50, soak: 10000 }),
    );
  });

  it("decodes to the same sketch", { tags: ["sampled"] }, () => {
    fc.assert(
      fc.property(latencies, (values) => {
        expect(decodeSketch(encodeSketch(sketchOf(values)))).toEqual(sketchOf(values));
      }),
      sampled({ suite: 50, soak: 10000 }),
    );
  });

  it.each([
    ["nothing", [], undefined],
    ["0", [0], 0],
    ["a negative latency", [-5], 0],
    ["0.09 ms, which counts as 0", [0.09], 0],
  ])("of %s has the quantile %s", (_title, values, expected) => {
    expect(quantile(sketchOf(values), 0.5)).toBe(expected);
  });

  it.each([
    ["100 s", 100_000],
    ["more than 100 s, which counts as 100 s", 1e300],
  ])("of %s stays at 100 s", (_title, value) => {
    const found = quantile(sketchOf([value]), 1) ?? 0;
    expect([found > 98_000, found < 102_000]).toEqual([true, true]);
  });

  it("has at most 386 bins for any number of latencies", () => {
    const every = Array.from({ length: 200_000 }, (_, index) => index / 2);
    const small = Array.from({ length: 10_000 }, (_, index) => index / 1000);
    // ln(100,000 / 0.1) / ln(1.018 / 0.982) = 383.8 bins, plus one at the lower
    // edge and the one of 0.
    expect(sketchOf([...every, ...small]).size).toBeLessThanOrEqual(386);
    expect(sketchOf([...every, ...small]).size).toBeGreaterThan(300);
  });
});
