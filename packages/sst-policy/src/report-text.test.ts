import { paintFor } from "@backend/sst-graph/screen";
import { recordedGraph } from "@backend/testing/recorded";
import { expect, it } from "vitest";

import { WAIVER_RULE } from "./judge";
import { reportText } from "./report-text";
import type { Rule } from "./rule";

const rule = (id: string, severity: Rule["severity"]): Rule => ({ ...WAIVER_RULE, id, severity, fix: "Do better." });
const graph = { ...recordedGraph("dev"), app: "app", resources: [] };
const finding = (of: Rule, urn: string, path = "@") => ({ urn, path, message: "is too open for anybody", rule: of });
const [low, high] = [rule("low-rule", "low"), rule("high-rule", "high")];
const findings = [finding(low, "A"), finding(high, "B", "inputs.x"), finding(high, "C")];
const judgement = { graph, file: "infra/graph/dev.json", verdict: { stage: "dev", findings, waived: [] } };

it("groups findings by rule, most severe first, and gives the fix once, within the width", () => {
  const text = reportText([judgement], { width: 40, paint: paintFor({}, {}) });
  expect(text.slice(text.indexOf("\n\n") + 2)).toBe(`high     high-rule
         - B inputs.x: is too open for
           anybody
           infra/graph/dev.json:1
         - C: is too open for anybody
           infra/graph/dev.json:1
         Fix: Do better.

low      low-rule
         - A: is too open for anybody
           infra/graph/dev.json:1
         Fix: Do better.
`);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(40);
});

it("colours the severity on a terminal", () => {
  const text = reportText([judgement], { width: 80, paint: paintFor({ isTTY: true }, {}) });
  expect(text).toContain("\u001b[31mhigh    \u001b[0m");
});
