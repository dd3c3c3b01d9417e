import { describe, expect, it } from "vitest";

import { chartHtml } from "./chart";
import type { Chart } from "./view";

// Computed by hand for a drawing of 1000 by 200.
describe("bars", () => {
  const bars: Chart = {
    title: "Requests",
    kind: "bars",
    series: [
      { label: "fine", tone: "ok" },
      { label: "4xx", tone: "warn" },
      { label: "5xx", tone: "bad" },
    ],
    points: [
      { label: "2026-11-23 09:30:00", values: [3, 1, 0] },
      { label: "2026-11-23 09:31:00", values: [0, 0, 2] },
    ],
    format: String,
  };
  const html = chartHtml(bars, 0);

  it("are stacked, and a value of 0 is not drawn", () => {
    expect(html.match(/<rect [^>]*>/g)).toEqual([
      '<rect class="ok" x="37.5" y="50" width="425" height="150"/>',
      '<rect class="warn" x="37.5" y="0" width="425" height="50"/>',
      '<rect class="bad" x="537.5" y="100" width="425" height="100"/>',
    ]);
  });

  it("show their values in a tooltip and a table", () => {
    expect(html).toContain("<title>2026-11-23 09:30:00: fine: 3, 4xx: 1, 5xx: 0</title>");
    expect(html).toContain(
      '<tr><th scope="row">2026-11-23 09:31:00</th><td class="n">0</td><td class="n">0</td><td class="n">2</td></tr>',
    );
  });

  it("have an axis with the maximum, its half and 0, and times below", () => {
    expect(html).toContain("<span>4</span><span>2</span><span>0</span>");
    expect(html).toContain("<span>11-23 09:30</span><span>11-23 09:31</span><span>11-23 09:31</span>");
  });
});

describe("a line", () => {
  const line = (values: (number | undefined)[]): Chart => ({
    title: "Latency",
    kind: "line",
    series: [{ label: "p95", tone: "line" }],
    points: values.map((value) => ({ label: "2026-11-23 09:30:00", values: [value] })),
    format: String,
  });

  it.each([
    [[10, 20, 0, 5], "M125 100L375 0L625 200L875 150"],
    [[10, undefined, 20, 20], "M125 100h0.01M625 0L875 0"],
    [[undefined, 20, undefined, undefined], "M375 0h0.01"],
  ])("through %j has gaps where nothing was measured", (values, path) => {
    const [, drawn] = /<path class="line" d="([^"]*)"/.exec(chartHtml(line(values), 0)) ?? [];
    expect(drawn).toBe(path);
  });

  it.each([
    [0, "1"],
    [0.7, "0.8"],
    [20, "20"],
    [21, "40"],
    [81, "100"],
    [101, "200"],
  ])("up to %d has an axis up to %s", (value, top) => {
    expect(chartHtml(line([value]), 0)).toContain(`<span>${top}</span>`);
  });
});
