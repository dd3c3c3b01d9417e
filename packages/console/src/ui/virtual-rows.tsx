// A table of rows that come and go, far more than a <table> can hold, is told to screen readers by its roles.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

const OVERSCAN = 8;

/**
 * Rows of one height, of which those in sight alone exist, and the one with the focus. The arrow keys, Page Up, Page Down, Home and End go
 * from row to row.
 *
 * @param stale the rows are not of what was asked for last
 * @param onEnd called when the end of the rows comes into sight, and again as long as it can be called and the end stays there
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
  of,
  kept,
  stale = false,
}: {
  label: string;
  head: ComponentChildren;
  rows: Row[];
  height: number;
  keyOf(row: Row): string;
  render(row: Row): ComponentChildren;
  onEnd?: (() => void) | undefined;
  /** What there is to say where there is no row. */
  empty: ComponentChildren;
  /** What the rows are of: other ones are read from their beginning. */
  of: string;
  /** Key of a row that is to exist, in sight or not, such as the one that is open. */
  kept?: string | undefined;
  stale?: boolean;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [view, setView] = useState(600);
  const [focused, setFocused] = useState<string>();
  const anchor = useRef<{ key: string; at: number } | undefined>(undefined);
  const first = Math.max(0, Math.floor(top / height) - OVERSCAN);
  const last = Math.min(rows.length, Math.ceil((top + view) / height) + OVERSCAN);
  const held = focused ?? kept;
  const heldAt = useMemo(() => (held === undefined ? -1 : rows.findIndex((row) => keyOf(row) === held)), [rows, held]);
  const isAtEnd = last === rows.length;
  const canGoOn = onEnd !== undefined;

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
  }, [of]);

  // What one reads stays where it is when rows come in above it; at the very top the newest is seen.
  useLayoutEffect(() => {
    const element = scroller.current;
    const { key, at: before = 0 } = anchor.current ?? {};
    const at = key === undefined ? -1 : rows.findIndex((row) => keyOf(row) === key);
    const isRead = element !== null && (element.scrollTop > 0 || held !== undefined);
    if (isRead && at > before) element.scrollTop += (at - before) * height;
    anchorAt(element?.scrollTop ?? 0);
  }, [rows]);

  // The row that a key leads to exists once it has been scrolled to.
  const target = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    const row = scroller.current?.querySelector<HTMLElement>(`[data-row="${target.current}"] a`);
    if (!row) return;
    target.current = undefined;
    row.focus({ preventScroll: true });
  });

  // Also when there are more rows, which may not fill the view yet, or when none came.
  useEffect(() => {
    if (isAtEnd) onEnd?.();
  }, [isAtEnd, rows.length, canGoOn]);

  const shown = Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at);
  if (heldAt !== -1 && heldAt < first) shown.unshift(heldAt);
  if (heldAt >= last) shown.push(heldAt);
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

  /** The first row in sight is what one reads. */
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
