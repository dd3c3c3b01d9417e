import type { Page } from "playwright-core";

export const ROWS_PER_PAGE = 20_000;

/** Serves a generated access log with this many rows, 20,000 per page. */
export async function serveRows(page: Page, rows: number): Promise<void> {
  const now = Date.now();
  await page.route(/\/access-log\?from/, (route) => {
    const first = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
    return route.fulfill({
      json: pageOf(first, rows, now),
      headers: { "access-control-allow-origin": "*", "access-control-allow-headers": "*" },
    });
  });
}

function pageOf(first: number, rows: number, now: number) {
  const items = Array.from({ length: ROWS_PER_PAGE }, (_, index) => ({
    requestId: `r${first + index}`,
    requestTimeEpoch: now - (first + index) * 10,
    status: 200,
    responseLength: 100,
    responseLatency: 5,
    httpMethod: "GET",
    path: "/dev/events",
  }));
  const isLast = first + ROWS_PER_PAGE >= rows;
  const iso = new Date(now).toISOString();
  return {
    from: iso,
    to: iso,
    items,
    unparseableLines: 0,
    readFrom: iso,
    complete: isLast,
    insightsQuery: "fields @message",
    ...(!isLast && { cursor: `${first + ROWS_PER_PAGE}` }),
  };
}
