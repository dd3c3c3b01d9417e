import { describe, expect, it } from "vitest";

import { reportMarkdown } from "./diff-report";
import type { Graph, Resource } from "./graph";

const resource = (name: string, inputs: Resource["inputs"] = {}): Resource => ({
  urn: `urn:pulumi:dev::app::aws:sqs/queue:Queue::${name}`,
  type: "aws:sqs/queue:Queue",
  name,
  inputs,
});
const graph = (...resources: Resource[]): Graph => ({
  ...{ version: 1, app: "app", stage: "dev", region: "eu-west-1", removal: "remove", protect: false },
  ...{ tags: { owner: "us" }, functions: [], outputs: {}, resources },
});

describe("reportMarkdown", () => {
  it("counts each resource once and lists changed properties below it", () => {
    const before = graph(resource("Old"), resource("Kept", { a: 1, b: "x" }), resource("Same"));
    const after = graph(resource("Kept", { a: 2, b: "y" }), resource("Same"), resource("New"));
    expect(reportMarkdown([{ stage: "dev", before, after }])).toBe(
      [
        "## Deployment graph",
        "",
        "| stage | added | removed | changed |",
        "| --- | --: | --: | --: |",
        "| dev | 1 | 1 | 1 |",
        "",
        "### dev",
        "",
        "```diff",
        '- aws:sqs/queue:Queue "Old"',
        '! aws:sqs/queue:Queue "Kept"',
        "    inputs.a: 1 -> 2",
        '    inputs.b: "x" -> "y"',
        '+ aws:sqs/queue:Queue "New"',
        "```",
        "",
      ].join("\n"),
    );
  });

  it("prints a row of zeros for a stage without differences", () => {
    expect(reportMarkdown([{ stage: "test", before: graph(resource("A")), after: graph(resource("A")) }])).toBe(
      "## Deployment graph\n\n| stage | added | removed | changed |\n| --- | --: | --: | --: |\n| test | 0 | 0 | 0 |\n",
    );
  });

  it("lists changed settings of the stage", () => {
    const text = reportMarkdown([{ stage: "dev", before: graph(), after: { ...graph(), protect: true } }]);
    expect(text).toContain("| dev | 0 | 0 | 1 |");
    expect(text).toContain("! settings of the stage\n    protect: false -> true\n");
  });

  it("counts the resources of a new or removed stage", () => {
    const some = graph(resource("A"), resource("B"));
    expect(reportMarkdown([{ stage: "x", before: undefined, after: some }])).toContain("| x | 2 | 0 | 0 |");
    expect(reportMarkdown([{ stage: "x", before: some, after: undefined }])).toContain("| x | 0 | 2 | 0 |");
  });

  it.each([
    [118, `"${"v".repeat(118)}"`],
    [119, `"${"v".repeat(119)}...`],
  ])("truncates a value to 120 characters: %d characters", (length, shown) => {
    const after = graph(resource("A", { value: "v".repeat(length) }));
    expect(reportMarkdown([{ stage: "dev", before: graph(resource("A")), after }])).toContain(
      `    inputs.value: absent -> ${shown}\n`,
    );
  });

  it.each([
    [400, 400, undefined],
    [401, 400, "    and 1 more line"],
  ])("truncates a stage to 400 lines: %d resources", (count, shown, rest) => {
    const after = graph(...Array.from({ length: count }, (_, index) => resource(`Q${index}`)));
    const lines = reportMarkdown([{ stage: "dev", before: graph(), after }]).split("\n");
    expect(lines.filter((line) => line.startsWith("+ "))).toHaveLength(shown);
    expect(lines.find((line) => line.includes("more line"))).toBe(rest);
  });

  it("stays in its code block, even if a value contains a code fence", () => {
    const after = graph(resource("A", { value: "x\n```\n<b>" }));
    const lines = reportMarkdown([{ stage: "dev", before: graph(resource("A")), after }]).split("\n");
    expect(lines.filter((line) => line.startsWith("```"))).toEqual(["```diff", "```"]);
  });
});
