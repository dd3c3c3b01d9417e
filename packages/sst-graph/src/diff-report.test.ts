import { describe, expect, it } from "vitest";

import { reportMarkdown, reportText } from "./diff-report";
import type { Graph, Resource } from "./graph";
import { paintFor } from "./screen";

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
  it("summarizes each stage in a sentence, and lists changed properties below each resource", () => {
    const before = graph(resource("Old"), resource("Kept", { a: 1, b: "x" }), resource("Same"));
    const after = graph(resource("Kept", { a: 2, b: "y" }), resource("Same"), resource("New"), resource("Newer"));
    expect(reportMarkdown([{ stage: "dev", before, after }])).toBe(
      [
        "## Deployment graph",
        "",
        "- **dev**: +2 queues, -1 queue; 1 queue changed",
        "",
        "### dev",
        "",
        "```diff",
        "- queue Old",
        "! queue Kept",
        "    a: 1 -> 2",
        '    b: "x" -> "y"',
        "+ queue New",
        "+ queue Newer",
        "```",
        "",
      ].join("\n"),
    );
  });

  it("says that a stage is equal", () => {
    expect(reportMarkdown([{ stage: "test", before: graph(resource("A")), after: graph(resource("A")) }])).toBe(
      "## Deployment graph\n\n- **test**: no differences\n",
    );
  });

  it("names routes first and by their route key, and omits components and the files of a site", () => {
    const typed = (type: string, name: string, inputs: Resource["inputs"] = {}) => {
      return { ...resource(name, inputs), type, urn: `urn:${type}::${name}` };
    };
    const after = graph(
      typed("sst:aws:Function", "Read"),
      typed("aws:iam/rolePolicy:RolePolicy", "ReadPolicy"),
      typed("aws:iam/rolePolicy:RolePolicy", "WritePolicy"),
      typed("aws:apigatewayv2/route:Route", "RouteAbc", { routeKey: "GET /events" }),
      typed("aws:s3/bucketObjectv2:BucketObjectv2", "Map"),
    );
    const text = reportMarkdown([{ stage: "dev", before: graph(), after }]);
    expect(text).toContain("- **dev**: +1 route, +2 role policies, +1 file\n");
    expect(text.split("\n").filter((line) => line.startsWith("+ "))).toEqual([
      "+ role policy ReadPolicy",
      "+ role policy WritePolicy",
      "+ route GET /events",
    ]);
  });

  it("lists new and missing members of a list, and references by name", () => {
    const urn = "urn:pulumi:dev::app::sst:aws:Dynamo$aws:dynamodb/table:Table::OrdersTable";
    const before = graph(resource("A", { list: ["a", "b"] }));
    const after = graph(resource("A", { list: [{ ref: `${urn}#arn` }, "a", "b"] }));
    expect(reportMarkdown([{ stage: "dev", before, after }])).toContain(
      '! queue A\n    list: + {"ref":"OrdersTable.arn"}\n',
    );
  });

  it("lists changed settings of the stage", () => {
    const text = reportMarkdown([{ stage: "dev", before: graph(), after: { ...graph(), protect: true } }]);
    expect(text).toContain("- **dev**: settings of the stage changed\n");
    expect(text).toContain("! settings of the stage\n    protect: false -> true\n");
  });

  it("counts the resources of a new or removed stage", () => {
    const some = graph(resource("A"), resource("B"));
    expect(reportMarkdown([{ stage: "x", before: undefined, after: some }])).toContain("- **x**: +2 queues\n");
    expect(reportMarkdown([{ stage: "x", before: some, after: undefined }])).toContain("- **x**: -2 queues\n");
  });

  it.each([
    [118, `"${"v".repeat(118)}"`],
    [119, `"${"v".repeat(119)}...`],
  ])("truncates a value to 120 characters: %d characters", (length, shown) => {
    const after = graph(resource("A", { value: "v".repeat(length) }));
    expect(reportMarkdown([{ stage: "dev", before: graph(resource("A")), after }])).toContain(
      `    value: absent -> ${shown}\n`,
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

describe("reportText", () => {
  it("fits the width, and is coloured by the kind of change", () => {
    const after = graph(resource("A", { value: "v".repeat(200) }), ...["B", "C"].map((name) => resource(name)));
    const pairs = [
      { stage: "dev", before: graph(resource("A"), resource("D")), after },
      { stage: "prod", before: graph(), after: graph() },
    ];
    const plain = reportText(pairs, { width: 40, paint: paintFor({}, {}) });
    expect(plain).toBe(
      [
        "dev   +2 queues, -1 queue; 1 queue",
        "      changed",
        "prod  no differences",
        "",
        "dev",
        "- queue D",
        "! queue A",
        `    value: absent -> "${"v".repeat(17)}…`,
        "+ queue B",
        "+ queue C",
        "",
      ].join("\n"),
    );
    const coloured = reportText(pairs, { width: 40, paint: paintFor({ isTTY: true }, {}) });
    expect(coloured).toContain("\u001b[32m+ queue B\u001b[0m");
    expect(coloured).toContain("\u001b[31m- queue D\u001b[0m");
  });
});
