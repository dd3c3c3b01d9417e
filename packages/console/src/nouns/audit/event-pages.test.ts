import { describe, expect, it } from "vitest";

import type { AuditPage } from "./api";
import { pagesAfter, withPage } from "./event-pages";

const page = (id: string, cursor?: string) =>
  ({ items: [{ id }], ...(cursor !== undefined && { cursor }) }) as AuditPage;
const idsOf = (items: AuditPage["items"] = []) => items.map(({ id }) => id);

describe("pages of events", () => {
  it("follow the first page, and end without a cursor", () => {
    const first = page("a", "1");
    const none = pagesAfter(first, undefined);
    expect([none.items, none.cursor]).toEqual([[], "1"]);
    const one = withPage(undefined, none, page("b", "2"));
    const two = withPage(one, pagesAfter(first, one), page("c"));
    expect([idsOf(two?.items), two?.cursor]).toEqual([["b", "c"], undefined]);
  });

  it("are discarded if the first page changes", () => {
    const pages = withPage(undefined, pagesAfter(page("a", "1"), undefined), page("b"));
    expect(pagesAfter(page("x", "9"), pages)).toMatchObject({ items: [], cursor: "9" });
  });

  it("ignore a late response for an earlier list", () => {
    const [before, now] = [page("a", "1"), page("x", "9")];
    const requested = pagesAfter(before, undefined);
    const current = withPage(undefined, pagesAfter(now, undefined), page("y", "10"));
    expect(withPage(current, requested, page("b"))).toBe(current);
  });

  it("have no page twice if it was requested twice", () => {
    const requested = pagesAfter(page("a", "1"), undefined);
    const once = withPage(undefined, requested, page("b", "2"));
    expect(withPage(once, requested, page("b", "2"))).toBe(once);
  });
});
