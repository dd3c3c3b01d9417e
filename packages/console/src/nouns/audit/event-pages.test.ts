import { describe, expect, it } from "vitest";

import type { AuditPage } from "./api";
import { pagesAfter, withPage } from "./event-pages";

const page = (id: string, cursor?: string) =>
  ({ items: [{ id }], ...(cursor !== undefined && { cursor }) }) as AuditPage;
const idsOf = (items: AuditPage["items"] = []) => items.map(({ id }) => id);

describe("pages of events", () => {
  it("follow the first page, each other, and end without a cursor", () => {
    const first = page("a", "1");
    const none = pagesAfter(first, undefined);
    expect([none.items, none.cursor]).toEqual([[], "1"]);
    const one = withPage(undefined, none, page("b", "2"));
    const two = withPage(one, pagesAfter(first, one), page("c"));
    expect([idsOf(two?.items), two?.cursor]).toEqual([["b", "c"], undefined]);
  });

  it("are none after another first page", () => {
    const pages = withPage(undefined, pagesAfter(page("a", "1"), undefined), page("b"));
    expect(pagesAfter(page("x", "9"), pages)).toMatchObject({ items: [], cursor: "9" });
  });

  it("of a list stay when a slow answer for the list before it arrives", () => {
    const [before, now] = [page("a", "1"), page("x", "9")];
    const asked = pagesAfter(before, undefined);
    const current = withPage(undefined, pagesAfter(now, undefined), page("y", "10"));
    expect(withPage(current, asked, page("b"))).toBe(current);
  });

  it("have no page twice, when it was asked for twice", () => {
    const asked = pagesAfter(page("a", "1"), undefined);
    const once = withPage(undefined, asked, page("b", "2"));
    expect(withPage(once, asked, page("b", "2"))).toBe(once);
  });
});
