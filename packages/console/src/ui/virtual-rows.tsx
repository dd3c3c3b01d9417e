// A table of rows that come and go, far more than a <table> can hold, is told to screen readers by its roles.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

const OVERSCAN = 8;

/**
 * Rows of one height, of which those in sight alone exist. The arrow keys go from row to row.
 *
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
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [view, setView] = useState(600);
  const first = Math.max(0, Math.floor(top / height) - OVERSCAN);
  const last = Math.min(rows.length, Math.ceil((top + view) / height) + OVERSCAN);
  const isAtEnd = last === rows.length;
  const canGoOn = onEnd !== undefined;

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const resize = new ResizeObserver(() => setView(element.clientHeight));
    resize.observe(element);
    return () => resize.disconnect();
  }, []);

  // What one reads stays where it is when rows come in above it; at the very top the newest is seen.
  const anchor = useRef<{ key: string; at: number } | undefined>(undefined);
  useLayoutEffect(() => {
    const element = scroller.current;
    const { key, at: before = 0 } = anchor.current ?? {};
    const at = key === undefined ? -1 : rows.findIndex((row) => keyOf(row) === key);
    if (element !== null && element.scrollTop > 0 && at > before) element.scrollTop += (at - before) * height;
    anchorAt(element?.scrollTop ?? 0);
  }, [rows]);

  // Also when there are more rows, which may not fill the view yet, or when none came.
  useEffect(() => {
    if (isAtEnd) onEnd?.();
  }, [isAtEnd, rows.length, canGoOn]);

  return (
    <div class="rows" role="table" aria-label={label} aria-rowcount={rows.length + 1}>
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
      >
        <div class="space" style={{ height: `${rows.length * height}px` }}>
          {rows.slice(first, last).map((row, at) => (
            <div
              key={keyOf(row)}
              class="row"
              role="row"
              aria-rowindex={first + at + 2}
              data-row={first + at}
              style={{ transform: `translateY(${(first + at) * height}px)` }}
            >
              {render(row)}
            </div>
          ))}
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
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const from = (event.target as Element).closest<HTMLElement>("[data-row]");
    if (step === undefined || from === null) return;
    const next = scroller.current?.querySelector<HTMLElement>(`[data-row="${Number(from.dataset.row) + step}"] a`);
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}
