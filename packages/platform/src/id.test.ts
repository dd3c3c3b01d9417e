import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { idFactory, isId, timeOf } from "./id";

const NOW = Date.parse("2026-11-23T09:30:00.000Z");
const DAY = 86_400_000;

describe("ids", () => {
  it("ascend within a millisecond, and if the clock is set back by less than a second", () => {
    const newId = idFactory();
    const ids = [NOW, NOW, NOW - 999, NOW - 1, NOW, NOW + 1].map(newId);
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("follow a clock that is set back by two days", () => {
    const newId = idFactory();
    newId(NOW + 2 * DAY);
    expect(timeOf(newId(NOW))).toBe(NOW);
    expect(timeOf(newId(NOW + 5))).toBe(NOW + 5);
  });

  it("are unique and never more than a second from the clock, whatever it does", () => {
    const steps = fc.array(fc.integer({ min: -3 * DAY, max: 3 * DAY }), { maxLength: 50 });
    fc.assert(
      fc.property(steps, (all) => {
        const newId = idFactory();
        let time = NOW;
        const ids = all.map((step) => {
          time = Math.max(0, time + step);
          const id = newId(time);
          expect(Math.abs(timeOf(id) - time)).toBeLessThanOrEqual(1_000);
          expect(isId(id)).toBe(true);
          return id;
        });
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });
});
