import { expect, it } from "vitest";

import { limitByMemory } from "./service";

const GIB = 1024 ** 3;

it.each([
  [10, 128, 24 * GIB, 10],
  [10, 1024, 16 * GIB, 8],
  [10, 10_240, 24 * GIB, 1],
  [10, 10_240, 8 * GIB, 1], // one always fits
  [3, 128, 24 * GIB, 3],
])(
  "with a limit of %i environments of %i MB on a machine with %i bytes, %i may run",
  (most, memoryMb, total, expected) => {
    expect(limitByMemory(most, memoryMb, total)).toBe(expected);
  },
);
