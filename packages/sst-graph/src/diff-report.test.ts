import { describe, expect, it } from "vitest";

import { report } from "./diff-report";
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

describe("report", () => {
  it("counts each resource once and lists changed properties below it", () => {
    const before = graph(resource("Old"), resource("Kept", { a: 1, b: "x" }), resource("Same"));
    const after = graph(resource("Kept", { a: 2, b: "y" }), resource("Same"), resource("New"));
    expect(report([{ stage: "dev", before, after }])).toBe(
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

  it("is a row of zeros for a stage without a difference", () => {
    expect(report([{ stage: "test", before: graph(resource("A")), after: graph(resource("A")) }])).toBe(
      "## Deployment graph\n\n| stage | added | removed | changed |\n| --- | --: | --: | --: |\n| test | 0 | 0 | 0 |\n",
    );
  });

  it("lists what the stage says of itself", () => {
    const text = report([{ stage: "dev", before: graph(), after: { ...graph(), protect: true } }]);
    expect(text).toContain("| dev | 0 | 0 | 1 |");
    expect(text).toContain("! the stage itself\n    protect: false -> true\n");
  });

  it("shows a stage that is new, or gone, as its resources", () => {
    const some = graph(resource("A"), resource("B"));
    expect(report([{ stage: "x", before: undefined, after: some }])).toContain("| x | 2 | 0 | 0 |");
    expect(report([{ stage: "x", before: some, after: undefined }])).toContain("| x | 0 | 2 | 0 |");
  });

  it.each([
    [118, `"${"v".repeat(118)}"`],
    [119, `"${"v".repeat(119)}...`],
  ])("shows 120 characters of a value: of a string of %d", (length, shown) => {
    const after = graph(resource("A", { value: "v".repeat(length) }));
    expect(report([{ stage: "dev", before: graph(resource("A")), after }])).toContain(
      `    inputs.value: absent -> ${shown}\n`,
    );
  });

  it.each([
    [400, 400, undefined],
    [401, 400, "    and 1 lines more"],
  ])("shows 400 lines of a stage: of %d resources", (count, shown, rest) => {
    const after = graph(...Array.from({ length: count }, (_, index) => resource(`Q${index}`)));
    const lines = report([{ stage: "dev", before: graph(), after }]).split("\n");
    expect(lines.filter((line) => line.startsWith("+ "))).toHaveLength(shown);
    expect(lines.find((line) => line.includes("lines more"))).toBe(rest);
  });

  it("stays in its code block, whatever a value holds", () => {
    const after = graph(resource("A", { value: "x\n```\n<b>" }));
    const lines = report([{ stage: "dev", before: graph(resource("A")), after }]).split("\n");
    expect(lines.filter((line) => line.startsWith("```"))).toEqual(["```diff", "```"]);
  });
});
