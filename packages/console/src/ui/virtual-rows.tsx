// A table of rows that come and go, far more than a <table> can hold, is told to screen readers by its roles.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

const OVERSCAN = 8;

/**
 * Rows of one height, of which those in sight alone exist. The arrow keys go from row to row.
 *
 * @param onEnd called when the last row comes into sight
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
  const isAtEnd = last === rows.length && rows.length > 0;

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const resize = new ResizeObserver(() => setView(element.clientHeight));
    resize.observe(element);
    return () => resize.disconnect();
  }, []);

  // What one reads stays where it is when rows come in above it; at the very top the newest is seen.
  const topmost = useRef<string | undefined>(undefined);
  useLayoutEffect(() => {
    const element = scroller.current;
    const [row] = rows;
    const before = topmost.current;
    topmost.current = row && keyOf(row);
    if (element === null || element.scrollTop === 0 || before === undefined || before === topmost.current) return;
    const added = rows.findIndex((one) => keyOf(one) === before);
    if (added > 0) element.scrollTop += added * height;
  }, [rows]);

  // Also when there are more rows, which may not fill the view yet.
  useEffect(() => {
    if (isAtEnd) onEnd?.();
  }, [isAtEnd, rows.length]);

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
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
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
