import type { AuditPage } from "./api";

/** Pages of events that were read after the first. */
export interface EventPages {
  /** The first page that they follow. */
  first: AuditPage;
  items: AuditPage["items"];
  /** Leads to the next page. */
  cursor: string | undefined;
}

/** The pages that follow a first page: none yet, if those that were read follow another. */
export function pagesAfter(first: AuditPage, pages: EventPages | undefined): EventPages {
  return pages?.first === first ? pages : { first, items: [], cursor: first.cursor };
}

/**
 * Adds the page that a cursor led to. Changes nothing if the list has gone on, or begun again, since it was asked for.
 *
 * @param asked the pages as they were when it was asked for
 */
export function withPage(current: EventPages | undefined, asked: EventPages, page: AuditPage): EventPages | undefined {
  if (current !== undefined && (current.first !== asked.first || current.cursor !== asked.cursor)) return current;
  return { first: asked.first, items: [...asked.items, ...page.items], cursor: page.cursor };
}
