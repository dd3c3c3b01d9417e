// A <table> can't hold 100,000 rows: ARIA roles describe this one to screen readers.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

const OVERSCAN_ROWS = 8;

/**
 * A list of rows of equal height. Only visible rows, and the one with the focus, exist in the DOM.
 * The arrow keys, Page Up, Page Down, Home and End move between rows.
 *
 * @param stale true if the rows belong to an earlier query
 * @param onEnd called when the last row is visible, and again after each change while it stays so
 */
export function VirtualRows<Row>({
  label,
  head,
  rows,
  height,
  keyOf,
  render,
  onEnd,
  empty,
  listKey,
  pinnedKey,
  stale = false,
}: {
  label: string;
  head: ComponentChildren;
  rows: Row[];
  height: number;
  keyOf(row: Row): string;
  render(row: Row): ComponentChildren;
  onEnd?: (() => void) | undefined;
  /** Shown if there are no rows. */
  empty: ComponentChildren;
  /** Identifies the list. The list scrolls to its top when this changes. */
  listKey: string;
  /** Key of a row that stays in the DOM even if it is not visible, such as the one that is open. */
  pinnedKey?: string | undefined;
  stale?: boolean;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [view, setView] = useState(600);
  const [focused, setFocused] = useState<string>();
  const anchor = useRef<{ key: string; at: number } | undefined>(undefined);
  const first = Math.max(0, Math.floor(top / height) - OVERSCAN_ROWS);
  const last = Math.min(rows.length, Math.ceil((top + view) / height) + OVERSCAN_ROWS);
  const pinned = focused ?? pinnedKey;
  const pinnedAt = useMemo(
    () => (pinned === undefined ? -1 : rows.findIndex((row) => keyOf(row) === pinned)),
    [rows, pinned],
  );
  const isAtEnd = last === rows.length;
  const hasMore = onEnd !== undefined;

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const resize = new ResizeObserver(() => setView(element.clientHeight));
    resize.observe(element);
    return () => resize.disconnect();
  }, []);

  useLayoutEffect(() => {
    anchor.current = undefined;
    scroller.current?.scrollTo(0, 0);
  }, [listKey]);

  // Rows that arrive above the visible ones don't move them, except at the very top.
  useLayoutEffect(() => {
    const element = scroller.current;
    const { key, at: before = 0 } = anchor.current ?? {};
    const at = key === undefined ? -1 : rows.findIndex((row) => keyOf(row) === key);
    const isReading = element !== null && (element.scrollTop > 0 || pinned !== undefined);
    if (isReading && at > before) element.scrollTop += (at - before) * height;
    anchorAt(element?.scrollTop ?? 0);
  }, [rows]);

  // A row that a key press moves to exists only after scrolling.
  const target = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    const row = scroller.current?.querySelector<HTMLElement>(`[data-row="${target.current}"] a`);
    if (!row) return;
    target.current = undefined;
    row.focus({ preventScroll: true });
  });

  // Also after a page that is empty or doesn't fill the view.
  useEffect(() => {
    if (isAtEnd) onEnd?.();
  }, [isAtEnd, rows.length, hasMore]);

  const shown = Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at);
  if (pinnedAt !== -1 && pinnedAt < first) shown.unshift(pinnedAt);
  if (pinnedAt >= last) shown.push(pinnedAt);
  return (
    <div
      class={`rows ${stale ? "stale" : ""}`}
      role="table"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-busy={stale}
    >
      <div role="rowgroup">
        <div class="row head" role="row" aria-rowindex={1}>
          {head}
        </div>
      </div>
      <div
        ref={scroller}
        class="scroller"
        role="rowgroup"
        onScroll={({ currentTarget: { scrollTop } }) => {
          setTop(scrollTop);
          anchorAt(scrollTop);
        }}
        onKeyDown={move}
        onFocusIn={(event) => setFocused(rowOf(event)?.dataset.key)}
        onFocusOut={() => setFocused(undefined)}
      >
        <div class="space" style={{ height: `${rows.length * height}px` }}>
          {shown.map((at) => {
            const row = rows[at];
            return (
              row && (
                <div
                  key={keyOf(row)}
                  class="row"
                  role="row"
                  aria-rowindex={at + 2}
                  data-row={at}
                  data-key={keyOf(row)}
                  style={{ transform: `translateY(${at * height}px)` }}
                >
                  {render(row)}
                </div>
              )
            );
          })}
        </div>
        {rows.length === 0 && empty}
      </div>
    </div>
  );

  /** Remembers the first visible row. */
  function anchorAt(scrollTop: number): void {
    const at = Math.floor(scrollTop / height);
    const row = rows[at];
    anchor.current = row && { key: keyOf(row), at };
  }

  function move(event: KeyboardEvent): void {
    const from = Number(rowOf(event)?.dataset.row ?? Number.NaN);
    const page = Math.max(1, Math.floor(view / height) - 1);
    const to = { ArrowDown: from + 1, ArrowUp: from - 1, PageDown: from + page, PageUp: from - page }[event.key];
    const end = { Home: 0, End: rows.length - 1 }[event.key];
    const element = scroller.current;
    if (Number.isNaN(from) || element === null || (to ?? end) === undefined) return;
    event.preventDefault();
    const at = Math.min(Math.max(0, to ?? end ?? 0), rows.length - 1);
    const least = (at + 1) * height - element.clientHeight;
    element.scrollTop = Math.min(Math.max(element.scrollTop, least), at * height);
    setTop(element.scrollTop);
    const row = element.querySelector<HTMLElement>(`[data-row="${at}"] a`);
    if (row) row.focus({ preventScroll: true });
    else target.current = at;
  }
}

function rowOf(event: Event): HTMLElement | null {
  return (event.target as Element).closest<HTMLElement>("[data-row]");
}
