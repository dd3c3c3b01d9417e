import { describe, expect, it } from "vitest";

import { advance, BEGUN, createMark, ENDED, LOGGED, nextSequence, POSTED, post, reclaim } from "./mark.mjs";

describe("a mark", () => {
  it("returns the stage of an invocation when it is reclaimed", () => {
    const mark = createMark();
    post(mark, 1);
    expect(reclaim(mark)).toBe(POSTED);
    post(mark, 2);
    expect([advance(mark, 2, BEGUN), reclaim(mark)]).toEqual([true, BEGUN]);
    post(mark, 3);
    expect([advance(mark, 3, BEGUN), advance(mark, 3, LOGGED), reclaim(mark)]).toEqual([true, true, LOGGED]);
  });

  it("does not let a reclaimed invocation begin or end", () => {
    const mark = createMark();
    post(mark, 1);
    reclaim(mark);
    expect([advance(mark, 1, BEGUN), advance(mark, 1, ENDED)]).toEqual([false, false]);
  });

  it("does not change for an invocation that has ended", () => {
    const mark = createMark();
    post(mark, 1);
    expect([advance(mark, 1, BEGUN), advance(mark, 1, ENDED)]).toEqual([true, true]);
    expect([reclaim(mark), reclaim(mark), advance(mark, 1, LOGGED)]).toEqual([ENDED, ENDED, false]);
  });

  it("advances only for the last posted invocation", () => {
    const mark = createMark();
    post(mark, 1);
    post(mark, 2);
    expect([advance(mark, 1, BEGUN), advance(mark, 2, BEGUN)]).toEqual([false, true]);
  });

  it("has room for the highest sequence number", () => {
    const mark = createMark();
    const highest = 2 ** 27 - 1;
    post(mark, highest);
    expect([advance(mark, highest, ENDED), nextSequence(highest)]).toEqual([true, 0]);
  });
});
