import { createHash } from "node:crypto";
import { oneLine } from "@backend/sst-graph/printable";

import { chartHtml } from "./chart";
import { escapeHtml } from "./escape-html";
import { STYLE } from "./style";
import type { Figure, ReportView, Table } from "./view";

/** Renders a self-contained page, without scripts or other resources. Its policy blocks both. */
export function renderHtml({ title, facts, figures, charts, tables }: ReportView): string {
  const hash = createHash("sha256").update(STYLE).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${text(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${text(title)}</h1>
<ul class="facts">${facts.map((fact) => `<li>${text(fact)}</li>`).join("")}</ul>
</header>
<main>
<dl class="figures">${figures.map(figureHtml).join("")}</dl>
${charts.map(chartHtml).join("\n")}
${tables.map(tableHtml).join("\n")}
</main>
</body>
</html>
`;
}

function figureHtml({ label, value, tone }: Figure): string {
  return `<div${tone === undefined ? "" : ` class="${tone}"`}><dt>${text(label)}</dt><dd>${text(value)}</dd></div>`;
}

function tableHtml({ title, about, columns, rows, empty }: Table, index: number): string {
  const id = `table-${index}`;
  const subtitle = about === undefined ? "" : `<p class="about">${text(about)}</p>`;
  const heading = `<h2 id="${id}">${text(title)}</h2>${subtitle}`;
  if (rows.length === 0)
    return `<section aria-labelledby="${id}">${heading}<p class="empty">${text(empty)}</p></section>`;
  const classes = columns.map(({ kind }) => (kind === undefined ? "" : ` class="${kind}"`));
  const head = columns.map(({ label }, column) => `<th scope="col"${classes[column]}>${text(label)}</th>`);
  const body = rows.map(({ cells, share }) => {
    const bar = share === undefined ? "" : barHtml(share);
    const [first = "", ...rest] = cells.map(text);
    const others = rest.map((cell, index) => `<td${classes[index + 1]}>${cell}</td>`);
    return `<tr><th scope="row"${classes[0]}>${first}${bar}</th>${others.join("")}</tr>`;
  });
  return `<section aria-labelledby="${id}">${heading}
<div class="scroll" role="region" aria-labelledby="${id}" tabindex="0"><table>
<thead><tr>${head.join("")}</tr></thead>
<tbody>
${body.join("\n")}
</tbody></table></div></section>`;
}

function barHtml(share: number): string {
  const width = Math.round(share * 1000) / 10;
  const rect = `<rect width="${width}" height="1"/>`;
  return `<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">${rect}</svg>`;
}

function text(value: string): string {
  return escapeHtml(oneLine(value));
}
