import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { axisLabels, bucketName, zoneOf } from "../data/buckets";
import { MISSING, type Zone } from "../data/format";

interface Series {
  label: string;
  /** A custom property of the style sheet, such as `--ok`. */
  colour: string;
  values: (number | null)[];
}

export interface ChartProps {
  /** A text alternative for screen readers. */
  label: string;
  /** Start of each bucket, in epoch seconds. */
  times: number[];
  /** Length of a bucket, in seconds. */
  bucketSeconds: number;
  series: Series[];
  format(value: number): string;
  kind: "bars" | "lines";
  /** The y axis reaches at least this value. */
  minimumTop?: number;
  /** Called with the range that someone selects by dragging, in epoch seconds. */
  onRange(from: number, to: number): void;
  /** Called with the bucket that someone clicks, in epoch seconds. */
  onBucket(from: number, to: number): void;
}

const HEIGHT_PX = 180;
const [HOUR, DAY] = [3600, 86_400];
/** Distances between labels in seconds. No bucket is shorter than a minute. */
const LABEL_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 3, 5, 7, 14, 30, 60].map((days) => days * DAY),
];

/**
 * Bars are stacked, the first series at the bottom. Charts of a page share a cursor. Dragging
 * selects a range, a click opens a bucket, and touching shows values.
 */
export function Chart(props: ChartProps) {
  const container = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const { label, series, times, kind } = props;

  useEffect(() => {
    const element = container.current;
    if (element === null) return;
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(latest, element), dataOf(latest.current), element);
    };
    const resize = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width > 0 && plot.current?.width !== width) plot.current?.setSize({ width, height: HEIGHT_PX });
    });
    draw();
    resize.observe(element);
    scheme.addEventListener("change", draw);
    return () => {
      resize.disconnect();
      scheme.removeEventListener("change", draw);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, []);

  useEffect(() => plot.current?.setData(dataOf(latest.current)), [times, series]);

  return (
    <>
      <div ref={container} class="chart" role="img" aria-label={label} />
      <ul class="legend" aria-hidden="true">
        {series.map(({ label: name, colour }) => (
          <li key={name}>
            <i class={`${kind} ${colour.slice(2)}`} />
            {name}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Places values in the middle of their buckets: the nearest value is then that of the bucket. */
function dataOf({ times, bucketSeconds, series, kind }: ChartProps): uPlot.AlignedData {
  const middles = times.map((start) => start + bucketSeconds / 2);
  if (kind === "lines") return [middles, ...series.map(({ values }) => values)];
  const sums = times.map(() => 0);
  const stacked = series.map(({ values }) =>
    values.map((value, at) => {
      sums[at] = (sums[at] ?? 0) + (value ?? 0);
      return sums[at] ?? 0;
    }),
  );
  return [middles, ...stacked.reverse()]; // the tallest first: the others cover it
}

function optionsOf(latest: { current: ChartProps }, element: HTMLElement): uPlot.Options {
  const { series, kind, format, minimumTop = 1 } = latest.current;
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const font = `11px ${style.fontFamily}`;
  const axis = {
    stroke: colour("--muted"),
    font,
    ticks: { show: false },
    grid: { stroke: colour("--grid"), width: 1 },
  };
  const bars = uPlot.paths.bars?.({ size: [0.8, Infinity], gap: 1 });
  const drawn = kind === "bars" ? [...series].reverse() : series;
  return {
    width: Math.max(50, Math.floor(element.clientWidth)),
    height: HEIGHT_PX,
    legend: { show: false },
    padding: [8, 20, 0, 0], // room for half of the last label
    cursor: {
      sync: { key: "console" },
      points: { size: 6 },
      drag: { x: true, y: false, setScale: false },
      y: false,
    },
    hooks: {
      setSelect: [
        (self) => {
          const { left, width } = self.select;
          if (width < 4) return;
          latest.current.onRange(self.posToVal(left, "x"), self.posToVal(left + width, "x"));
          self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
    plugins: [tooltip(latest), bucketLink(latest)],
    tzDate: (seconds) => {
      const time = new Date(seconds * 1000);
      return currentZone(latest) === "UTC" ? uPlot.tzDate(time, "Etc/UTC") : time;
    },
    scales: {
      // From the start of the first bucket to the end of the last one.
      x: {
        range: (_self, min, max) => {
          const { times, bucketSeconds } = latest.current;
          const half = times.length === 0 ? 0 : bucketSeconds / 2;
          return [min - half, max + half];
        },
      },
      y: { range: (_self, _min, max) => [0, Math.max(minimumTop, (max ?? 0) * 1.08)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        values: (_self, ticks) => axisLabels(ticks, currentZone(latest)),
        incrs: LABEL_STEPS,
        space: 76,
        size: 30,
      },
      { ...axis, size: 56, values: (_self, ticks) => ticks.map((tick) => format(tick)), space: 36 },
    ],
    series: [
      {},
      ...drawn.map(({ label, colour: name }) =>
        kind === "bars"
          ? {
              label,
              fill: colour(name),
              stroke: colour(name),
              width: 0,
              points: { show: false },
              ...(bars && { paths: bars }),
            }
          : {
              label,
              stroke: colour(name),
              width: 1.5,
              spanGaps: false,
              points: { show: true, size: 4, filter: findIsolated },
            },
      ),
    ],
  };
}

/** Returns values without neighbours, which need a point: a line would not show them. */
function findIsolated(self: uPlot, series: number): number[] | null {
  const values = self.data[series] ?? [];
  return Array.from(values.keys()).filter(
    (at) => values[at] != null && values[at - 1] == null && values[at + 1] == null,
  );
}

function currentZone({ current: { times, bucketSeconds } }: { current: ChartProps }): Zone {
  return zoneOf(times, bucketSeconds);
}

/** Shows the values of the bucket under the pointer, or under a finger. */
function tooltip(latest: { current: ChartProps }): uPlot.Plugin {
  const box = document.createElement("div");
  box.className = "readout";
  return {
    hooks: {
      init: (self) => {
        self.over.append(box);
        followTouch(self.over);
      },
      setCursor: (self) => {
        const { idx, left = -1 } = self.cursor;
        const { times, bucketSeconds, series, format } = latest.current;
        const at = idx === null || idx === undefined ? undefined : times[idx];
        box.hidden = at === undefined || left < 0;
        if (at === undefined || idx === null || idx === undefined) return;
        const lines = [
          bucketName(at, bucketSeconds, currentZone(latest)),
          ...series.map(({ label, values }) => {
            const value = values[idx];
            return `${label}  ${value === null || value === undefined ? MISSING : format(value)}`;
          }),
        ];
        box.replaceChildren(
          ...lines.map((line) => Object.assign(document.createElement("div"), { textContent: line })),
        );
        const isRight = left > self.over.clientWidth / 2;
        box.classList.toggle("left", isRight);
        box.style.translate = `${Math.round(left)}px 0`;
      },
    },
  };
}

/** Lets a finger move the cursor. uPlot handles only mouse events. */
function followTouch(plot: HTMLElement): void {
  let isTouch = false;
  for (const type of ["pointerdown", "pointermove"] as const)
    plot.addEventListener(type, ({ clientX, clientY, pointerType }) => {
      isTouch = pointerType === "touch";
      if (isTouch) plot.dispatchEvent(new MouseEvent("mousemove", { clientX, clientY }));
    });
  // Browsers also send mouse events after a tap. The last one would hide the values.
  plot.addEventListener("mouseleave", (event) => isTouch && event.stopImmediatePropagation(), { capture: true });
}

/** Opens the bucket that is clicked. A touch shows its values instead. */
function bucketLink(latest: { current: ChartProps }): uPlot.Plugin {
  return {
    hooks: {
      init: (self) =>
        self.over.addEventListener("click", (event) => {
          const { times, bucketSeconds, onBucket } = latest.current;
          const start = times[self.cursor.idx ?? -1];
          const isTouch = (event as PointerEvent).pointerType === "touch";
          if (start !== undefined && !isTouch) onBucket(start, start + bucketSeconds);
        }),
    },
  };
}
