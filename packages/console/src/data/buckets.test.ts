import { expect, it } from "vitest";

import { bucketAt } from "./buckets";

it.each([
  [60, 1, 1],
  [89, 1, 1],
  [91, 2, 1], // the next start is nearer
  [119, 2, 1],
  [120, 2, 2],
  [-5, 0, 0],
  [500, 2, 2],
])("at %d, with the nearest start %d, the bucket is %d", (at, nearest, expected) => {
  expect(bucketAt([0, 60, 120], nearest, at)).toBe(expected);
});
