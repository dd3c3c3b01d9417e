import { describe, expect, it } from "vitest";

import { advance, BEGUN, createMark, ENDED, LOGGED, nextSequence, POSTED, post, take } from "./mark.mjs";

describe("a mark", () => {
  it("says how far an invocation has come, to whoever takes it back", () => {
    const mark = createMark();
    post(mark, 1);
    expect(take(mark)).toBe(POSTED);
    post(mark, 2);
    expect([advance(mark, 2, BEGUN), take(mark)]).toEqual([true, BEGUN]);
    post(mark, 3);
    expect([advance(mark, 3, BEGUN), advance(mark, 3, LOGGED), take(mark)]).toEqual([true, true, LOGGED]);
  });

  it("of an invocation that was taken back lets it neither begin nor end", () => {
    const mark = createMark();
    post(mark, 1);
    take(mark);
    expect([advance(mark, 1, BEGUN), advance(mark, 1, ENDED)]).toEqual([false, false]);
  });

  it("of an invocation that has ended stays so", () => {
    const mark = createMark();
    post(mark, 1);
    expect([advance(mark, 1, BEGUN), advance(mark, 1, ENDED)]).toEqual([true, true]);
    expect([take(mark), take(mark), advance(mark, 1, LOGGED)]).toEqual([ENDED, ENDED, false]);
  });

  it("moves for the invocation that was posted last only", () => {
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
