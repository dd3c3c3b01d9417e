/**
 * The page's only style sheet. Colours differ in lightness, and no state depends only on colour.
 */
export const STYLE = `
:root { --page: #f6f7f9; --card: #fff; --ink: #16202c; --soft: #56616f; --rule: #dde2e8;
  --ok: #2f6fbf; --success: #55b083; --warn: #c77700; --bad: #b3261e; --line: #5b3fa8; --bar: #d6e4f7;
  --shade: rgb(0 0 0 / 20%); }
@media (prefers-color-scheme: dark) {
  :root { --page: #11161d; --card: #1a212b; --ink: #e8edf3; --soft: #9ba8b7; --rule: #2d3743;
    --ok: #6ea8f0; --success: #3f9a6b; --warn: #f0a840; --bad: #ff8078; --line: #b9a2ff; --bar: #2a4265;
    --shade: rgb(0 0 0 / 60%); }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.25rem 1rem 3rem; background: var(--page); color: var(--ink);
  font: 0.9375rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { margin: 0 0 0.25rem; font-size: 1.5rem; }
h2 { margin: 0; font-size: 1.0625rem; }
.facts { margin: 0 0 1rem; padding: 0; list-style: none; color: var(--soft); overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(2, 1fr); gap: 0.75rem; margin: 0 0 1rem; }
@media (min-width: 44rem) { .figures { grid-template-columns: repeat(4, 1fr); } }
.figures div, section { background: var(--card); border: 1px solid var(--rule); border-radius: 0.5rem; }
.figures div { padding: 0.625rem 0.75rem; }
dt { color: var(--soft); font-size: 0.8125rem; }
dd { margin: 0; font-size: 1.375rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.warn dd { color: var(--warn); }
.bad dd { color: var(--bad); }
section { margin: 0 0 1rem; padding: 0.875rem 1rem; }
.about, .empty { margin: 0; color: var(--soft); }
/* Shows a shadow on the side that can be scrolled to. */
.scroll { overflow-x: auto; margin-top: 0.5rem; background:
  linear-gradient(to right, var(--card) 30%, transparent) 0 0 / 2rem 100% no-repeat local,
  linear-gradient(to left, var(--card) 30%, transparent) 100% 0 / 2rem 100% no-repeat local,
  linear-gradient(to right, var(--shade), transparent) 0 0 / 0.75rem 100% no-repeat scroll,
  linear-gradient(to left, var(--shade), transparent) 100% 0 / 0.75rem 100% no-repeat scroll; }
.scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--ok); outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.375rem 0.75rem 0.375rem 0; border-bottom: 1px solid var(--rule); text-align: left;
  vertical-align: top; font-weight: 400; }
.wide { min-width: 10.5rem; overflow-wrap: anywhere; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--soft); font-size: 0.8125rem; white-space: nowrap; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.n:last-child { padding-right: 0; }
.bar { display: block; width: 100%; height: 4px; margin-top: 3px; fill: var(--ok);
  background: var(--bar); border-radius: 2px; }
figure { margin: 0.5rem 0 0; }
.plot { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0.5rem; }
.plot svg { width: 100%; height: 11rem; overflow: visible; }
.axis { display: flex; flex-direction: column; justify-content: space-between; text-align: right; margin: -0.5rem 0; }
.axis, .times, .legend { color: var(--soft); font-size: 0.75rem; font-variant-numeric: tabular-nums; }
.times { display: flex; justify-content: space-between; margin-top: 0.625rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0 1rem; margin: 0 0 0.75rem; padding: 0; list-style: none; }
.key { display: inline-block; width: 0.7em; height: 0.7em; margin-right: 0.35em; border-radius: 2px; }
.grid { stroke: var(--rule); fill: none; vector-effect: non-scaling-stroke; }
rect.ok { fill: var(--success); } rect.warn { fill: var(--warn); } rect.bad { fill: var(--bad); }
.key.ok { background: var(--success); } .key.warn { background: var(--warn); } .key.bad { background: var(--bad); }
.key.line { background: var(--line); }
path.line { stroke: var(--line); stroke-width: 2px; fill: none; vector-effect: non-scaling-stroke;
  stroke-linejoin: round; stroke-linecap: round; }
g:hover rect { opacity: 0.7; }
details { margin-top: 0.5rem; } summary { color: var(--soft); cursor: pointer; }
@media print {
  :root { --page: #fff; --card: #fff; --ink: #000; --soft: #444; --rule: #bbb;
    --ok: #2f6fbf; --success: #55b083; --warn: #c77700; --bad: #b3261e; --line: #5b3fa8; --bar: #d6e4f7; }
  body { max-width: none; padding: 0; font-size: 9pt; }
  .figures div, section { border-radius: 0; } details { display: none; }
  .figures, figure, tr { break-inside: avoid; } h2 { break-after: avoid; }
  .scroll { overflow: visible; } * { print-color-adjust: exact; }
}
`;
