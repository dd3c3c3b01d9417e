import { paintFor } from "@backend/sst-graph/screen";
import { expect, it } from "vitest";

import { renderText } from "./text";
import type { ReportView } from "./view";

it("narrows the columns of long text, so that no row is wider than the terminal", () => {
  const columns = [
    { label: "Route", kind: "wide" },
    { label: "Agent", kind: "wide" },
    { label: "n", kind: "n" },
  ] as const;
  const rows = [{ cells: ["r".repeat(50), "a".repeat(20), "1,000"] }];
  const table = { title: "T", columns: [...columns], rows, empty: "" };
  const view: ReportView = { title: "", facts: [], figures: [], charts: [], tables: [table] };
  const text = renderText(view, { width: 60, paint: paintFor({}, {}) });
  expect(text).toContain(`${"r".repeat(30)}…  ${"a".repeat(20)}  1,000\n`);
  expect(text.split("\n").filter((line) => line.length > 60)).toEqual([]);
});
