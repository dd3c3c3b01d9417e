import { oneLine } from "@backend/sst-graph/printable";
import type { RowOptions } from "@backend/sst-graph/request-row";
import { fit, wrapLines } from "@backend/sst-graph/screen";
import type { Paint } from "../terminal";
import type { Chart, Figure, ReportView, Table } from "./view";

const MAX_CELL_CHARACTERS = 60;
/** A column of long text does not become narrower. */
const MIN_CELL_CHARACTERS = 12;
const BLOCKS = "▁▂▃▄▅▆▇█";

export function renderText(
  { title, facts, figures, charts, tables }: ReportView,
  { width, paint }: RowOptions,
): string {
  const parts = [
    `${paint.bold(title)}\n${facts.map((fact) => paint.dim(wrapLines(oneLine(fact), width, "  "))).join("\n")}`,
    figureLines(figures, paint),
    ...charts.map((chart) => chartLines(chart, width, paint)),
    ...tables.map((table) => tableLines(table, width, paint)),
  ];
  return `${parts.join("\n\n")}\n`;
}

function figureLines(figures: Figure[], paint: Paint): string {
  const width = Math.max(...figures.map(({ label }) => label.length));
  const colour = { warn: paint.yellow, bad: paint.red, none: (text: string) => text };
  return figures.map(({ label, value, tone }) => `${label.padEnd(width)}  ${colour[tone ?? "none"](value)}`).join("\n");
}

/**
 * Draws a chart as one line of blocks. If there are more points than characters, a block shows the
 * highest of several points.
 */
function chartLines({ title, points, format }: Chart, width: number, paint: Paint): string {
  const heights = points.map(({ values }) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0));
  const pointsPerBlock = Math.ceil(heights.length / width);
  const top = Math.max(...heights, 1);
  const blocks: string[] = [];
  for (let index = 0; index < heights.length; index += pointsPerBlock) {
    const height = Math.max(...heights.slice(index, index + pointsPerBlock));
    blocks.push(height === 0 ? " " : (BLOCKS[Math.ceil((height / top) * BLOCKS.length) - 1] ?? ""));
  }
  const ends = `${points.at(0)?.label} to ${points.at(-1)?.label}, peak ${format(Math.max(...heights))}`;
  return `${paint.bold(title)}\n${blocks.join("")}\n${paint.dim(ends)}`;
}

function tableLines({ title, about, columns, rows, empty }: Table, width: number, paint: Paint): string {
  const heading = `${paint.bold(title)}${about === undefined ? "" : paint.dim(` (${about})`)}`;
  if (rows.length === 0) return `${heading}\n${empty}`;
  const lines = [columns.map(({ label }) => label), ...rows.map(({ cells }) => cells.map(cell))];
  const widths = columns.map((_column, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  narrow(widths, columns, width);
  const aligned = lines.map((line) =>
    line
      .map((text, index) => fit(text, widths[index] ?? 0))
      .map((text, index) =>
        columns[index]?.kind === "n" ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return [heading, paint.dim(aligned[0] ?? ""), ...aligned.slice(1)].join("\n");
}

/** Narrows the widest columns of long text until the table fits. */
function narrow(widths: number[], columns: Table["columns"], width: number): void {
  const flexible = [...columns.keys()].filter((index) => columns[index]?.kind === "wide");
  let overflow = widths.reduce((sum, one) => sum + one + 2, -2) - width;
  while (overflow > 0) {
    const [widest] = flexible.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0));
    if (widest === undefined || (widths[widest] ?? 0) <= MIN_CELL_CHARACTERS) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
    overflow--;
  }
}

function cell(text: string): string {
  return fit(oneLine(text), MAX_CELL_CHARACTERS);
}
