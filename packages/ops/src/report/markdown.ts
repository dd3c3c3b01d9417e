import { oneLine } from "@backend/sst-graph/printable";
import { shortened } from "../text";
import type { ReportView, Table } from "./view";

/** Characters of a cell that are shown. */
const WIDTH = 200;

/** GitHub Flavored Markdown, without charts. */
export function renderMarkdown({ title, facts, figures, tables }: ReportView): string {
  const summary: Table = {
    title: "Summary",
    columns: [{ label: "Figure" }, { label: "Value", kind: "n" }],
    rows: figures.map(({ label, value }) => ({ cells: [label, value] })),
    empty: "",
  };
  const head = `# ${literal(title)}\n\n${facts.map((fact) => `- ${literal(fact)}`).join("\n")}`;
  return `${[head, ...[summary, ...tables].map(section)].join("\n\n")}\n`;
}

function section({ title, about, columns, rows, empty }: Table): string {
  const heading = `## ${literal(title)}${about === undefined ? "" : `\n\n${literal(about)}`}`;
  if (rows.length === 0) return `${heading}\n\n${empty}`;
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [
    `${heading}\n`,
    line(columns.map(({ label }) => literal(label))),
    line(columns.map(({ kind }) => (kind === "n" ? "--:" : "---"))),
    ...rows.map(({ cells }) => line(cells.map((cell) => literal(shortened(cell, WIDTH))))),
  ].join("\n");
}

/** Text that stays text: no mark-up, no cell of its own, no link that a reader would follow. */
function literal(text: string): string {
  return oneLine(text)
    .replaceAll(/[&<>|`*_[\]\\~#!@$]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll("://", ":&#47;/")
    .replaceAll(/www\./gi, (www) => `${www.slice(0, 3)}&#46;`);
}
