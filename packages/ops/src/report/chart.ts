import { escapeHtml } from "./escape-html";
import type { Chart } from "./view";

/**
 * Units of the drawing, which is stretched to the page. Its text is outside, so it is not
 * stretched.
 */
const WIDTH = 1000;
const HEIGHT = 200;

/** Renders a chart with axes and legend, and its data as a table for people who cannot see it. */
export function chartHtml(chart: Chart, index: number): string {
  const { title, kind, series, points, format } = chart;
  const top = niceTop(Math.max(...points.map(heightOf(kind))));
  const id = `chart-${index}`;
  const drawing = kind === "bars" ? drawBars(chart, top) : drawLine(chart, top);
  const legend = series
    .map(({ label, tone }) => `<li><span class="key ${tone}"></span>${escapeHtml(label)}</li>`)
    .join("");
  const [first = "", middle = "", last = ""] = [0, Math.floor(points.length / 2), points.length - 1].map((at) =>
    escapeHtml((points[at]?.label ?? "").slice(5, 16)),
  );
  const axis = [format(top), format(top / 2), "0"].map((label) => `<span>${escapeHtml(label)}</span>`).join("");
  return `<section aria-labelledby="${id}"><h2 id="${id}">${escapeHtml(title)}</h2>
<figure>
<ul class="legend">${legend}</ul>
<div class="plot">
<div class="axis" aria-hidden="true">${axis}</div>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-labelledby="${id}">
<path class="grid" d="M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}"/>
${drawing}
</svg>
</div>
<div class="times" aria-hidden="true"><span>${first}</span><span>${middle}</span><span>${last}</span></div>
</figure>
<details><summary>Show data</summary>${dataTable(chart)}</details></section>`;
}

function drawBars({ series, points, format }: Chart, top: number): string {
  const step = WIDTH / points.length;
  const gap = points.length > 100 ? 0 : step * 0.15;
  return points
    .map(({ label, values }, index) => {
      let base = HEIGHT;
      const stack = values.map((value = 0, at) => {
        const height = (value / top) * HEIGHT;
        base -= height;
        if (value === 0) return "";
        const position = `x="${round(index * step + gap / 2)}" y="${round(base)}"`;
        const size = `width="${round(step - gap)}" height="${round(height)}"`;
        return `<rect class="${series[at]?.tone}" ${position} ${size}/>`;
      });
      const tooltip = series.map(({ label: name }, at) => `${name}: ${format(values[at] ?? 0)}`).join(", ");
      return `<g><title>${escapeHtml(`${label}: ${tooltip}`)}</title>${stack.join("")}</g>`;
    })
    .join("\n");
}

/** Draws a line with gaps where nothing was measured. A point between two gaps becomes a dot. */
function drawLine({ series, points }: Chart, top: number): string {
  const step = WIDTH / points.length;
  return series
    .map(({ tone }, at) => {
      const commands = points.map(({ values }, index) => {
        const value = values[at];
        if (value === undefined) return "";
        const isStart = points[index - 1]?.values[at] === undefined;
        const isSingle = isStart && points[index + 1]?.values[at] === undefined;
        const [x, y] = [round((index + 0.5) * step), round(HEIGHT - (value / top) * HEIGHT)];
        return `${isStart ? "M" : "L"}${x} ${y}${isSingle ? "h0.01" : ""}`;
      });
      return `<path class="${tone}" d="${commands.join("")}"/>`;
    })
    .join("\n");
}

function dataTable({ series, points, format }: Chart): string {
  const head = series.map(({ label }) => `<th scope="col" class="n">${escapeHtml(label)}</th>`).join("");
  const rows = points.map(({ label, values }) => {
    const cells = values.map((value) => `<td class="n">${value === undefined ? "-" : escapeHtml(format(value))}</td>`);
    return `<tr><th scope="row">${escapeHtml(label)}</th>${cells.join("")}</tr>`;
  });
  const columns = `<tr><th scope="col">From (UTC)</th>${head}</tr>`;
  return `<table><thead>${columns}</thead><tbody>${rows.join("\n")}</tbody></table>`;
}

function heightOf(kind: Chart["kind"]) {
  return ({ values }: Chart["points"][number]) =>
    kind === "bars"
      ? values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
      : Math.max(...values.map((value) => value ?? 0));
}

/** Rounds up to 1, 2, 4, 5, 6, 8 or 10 times a power of ten, so that half of it is short too. */
function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 4, 5, 6, 8, 10].find((candidate) => candidate * power >= value) ?? 10;
  return factor * power;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
