import { escaped } from "./escaped";
import type { Chart } from "./view";

/** Units of the drawing, stretched to whatever width the page has: text stands beside it, so that it is not stretched too. */
const WIDTH = 1000;
const HEIGHT = 200;

/** A drawing with its axes, its legend, and its numbers as a table for whoever cannot see it. */
export function chartHtml(chart: Chart, index: number): string {
  const { title, kind, series, points, format } = chart;
  const top = niceTop(Math.max(...points.map(heightOf(kind))));
  const id = `chart-${index}`;
  const drawing = kind === "bars" ? bars(chart, top) : line(chart, top);
  const legend = series
    .map(({ label, tone }) => `<li><span class="key ${tone}"></span>${escaped(label)}</li>`)
    .join("");
  const [first = "", middle = "", last = ""] = [0, Math.floor(points.length / 2), points.length - 1].map((at) =>
    escaped((points[at]?.label ?? "").slice(5, 16)),
  );
  return `<section aria-labelledby="${id}"><h2 id="${id}">${escaped(title)}</h2>
<figure>
<ul class="legend">${legend}</ul>
<div class="plot">
<div class="axis" aria-hidden="true"><span>${escaped(format(top))}</span><span>${escaped(format(top / 2))}</span><span>0</span></div>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-labelledby="${id}">
<path class="grid" d="M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}"/>
${drawing}
</svg>
</div>
<div class="times" aria-hidden="true"><span>${first}</span><span>${middle}</span><span>${last}</span></div>
</figure>
<details><summary>Numbers</summary>${numbers(chart)}</details></section>`;
}

function bars({ series, points, format }: Chart, top: number): string {
  const step = WIDTH / points.length;
  const gap = points.length > 100 ? 0 : step * 0.15;
  return points
    .map(({ label, values }, index) => {
      let base = HEIGHT;
      const stack = values.map((value = 0, at) => {
        const height = (value / top) * HEIGHT;
        base -= height;
        const [x, width] = [round(index * step + gap / 2), round(step - gap)];
        return value === 0
          ? ""
          : `<rect class="${series[at]?.tone}" x="${x}" y="${round(base)}" width="${width}" height="${round(height)}"/>`;
      });
      const said = series.map(({ label: name }, at) => `${name}: ${format(values[at] ?? 0)}`).join(", ");
      return `<g><title>${escaped(`${label}: ${said}`)}</title>${stack.join("")}</g>`;
    })
    .join("\n");
}

/** A line that breaks where nothing was measured; a point between two breaks is a dot. */
function line({ series, points }: Chart, top: number): string {
  const step = WIDTH / points.length;
  return series
    .map(({ tone }, at) => {
      const commands = points.map(({ values }, index) => {
        const value = values[at];
        if (value === undefined) return "";
        const starts = points[index - 1]?.values[at] === undefined;
        const alone = starts && points[index + 1]?.values[at] === undefined;
        const [x, y] = [round((index + 0.5) * step), round(HEIGHT - (value / top) * HEIGHT)];
        return `${starts ? "M" : "L"}${x} ${y}${alone ? "h0.01" : ""}`;
      });
      return `<path class="${tone}" d="${commands.join("")}"/>`;
    })
    .join("\n");
}

function numbers({ series, points, format }: Chart): string {
  const head = series.map(({ label }) => `<th scope="col" class="n">${escaped(label)}</th>`).join("");
  const rows = points.map(({ label, values }) => {
    const cells = values.map((value) => `<td class="n">${value === undefined ? "-" : escaped(format(value))}</td>`);
    return `<tr><th scope="row">${escaped(label)}</th>${cells.join("")}</tr>`;
  });
  return `<table><thead><tr><th scope="col">From (UTC)</th>${head}</tr></thead><tbody>${rows.join("\n")}</tbody></table>`;
}

function heightOf(kind: Chart["kind"]) {
  return ({ values }: Chart["points"][number]) =>
    kind === "bars"
      ? values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
      : Math.max(...values.map((value) => value ?? 0));
}

/** The next of 1, 2, 4, 5, 6, 8, 10 times a power of ten: its half is short too. */
function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 4, 5, 6, 8, 10].find((candidate) => candidate * power >= value) ?? 10;
  return factor * power;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
