import { oneLine } from "@backend/sst-graph/printable";
import { shortened } from "../text";
import type { ReportView, Table } from "./view";

const MAX_CELL_CHARACTERS = 200;

/** Renders the report as GitHub Flavored Markdown, without charts. */
export function renderMarkdown({ title, facts, figures, tables }: ReportView): string {
  const summary: Table = {
    title: "Summary",
    columns: [{ label: "Figure" }, { label: "Value", kind: "n" }],
    rows: figures.map(({ label, value }) => ({ cells: [label, value] })),
    empty: "",
  };
  const head = `# ${escapeMarkdown(title)}\n\n${facts.map((fact) => `- ${escapeMarkdown(fact)}`).join("\n")}`;
  return `${[head, ...[summary, ...tables].map(section)].join("\n\n")}\n`;
}

function section({ title, about, columns, rows, empty }: Table): string {
  const heading = `## ${escapeMarkdown(title)}${about === undefined ? "" : `\n\n${escapeMarkdown(about)}`}`;
  if (rows.length === 0) return `${heading}\n\n${empty}`;
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [
    `${heading}\n`,
    line(columns.map(({ label }) => escapeMarkdown(label))),
    line(columns.map(({ kind }) => (kind === "n" ? "--:" : "---"))),
    ...rows.map(({ cells }) => line(cells.map((cell) => escapeMarkdown(shortened(cell, MAX_CELL_CHARACTERS))))),
  ].join("\n");
}

/** Escapes text, so that it cannot become markup, a cell or a link. */
function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replaceAll(/[&<>|`*_[\]\\~#!@$]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll("://", ":&#47;/")
    .replaceAll(/www\./gi, (www) => `${www.slice(0, 3)}&#46;`);
}
