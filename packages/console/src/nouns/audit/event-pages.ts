import type { AuditPage } from "./api";

/** The pages of events after the first one. */
export interface EventPages {
  /** The first page, which these pages follow. */
  first: AuditPage;
  items: AuditPage["items"];
  /** Leads to the next page. */
  cursor: string | undefined;
}

/** Returns the pages that follow a first page. Discards pages that follow another one. */
export function pagesAfter(first: AuditPage, pages: EventPages | undefined): EventPages {
  return pages?.first === first ? pages : { first, items: [], cursor: first.cursor };
}

/**
 * Adds a page. Ignores it if the list has changed since the page was requested.
 *
 * @param requested the pages at the time of the request
 */
export function withPage(
  current: EventPages | undefined,
  requested: EventPages,
  page: AuditPage,
): EventPages | undefined {
  if (current !== undefined && (current.first !== requested.first || current.cursor !== requested.cursor))
    return current;
  return { first: requested.first, items: [...requested.items, ...page.items], cursor: page.cursor };
}
