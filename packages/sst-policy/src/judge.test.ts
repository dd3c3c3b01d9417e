import type { Graph } from "@backend/sst-graph/graph";
import { APP, recordedGraph } from "@backend/testing/recorded";
import { PROMISES } from "@backend/testing/recorded-promises";
import { describe, expect, it } from "vitest";
import { findingsIn, type Judged, judge } from "./judge";
import { RULES } from "./rules";
import type { Waiver } from "./waivers";

const TODAY = "2026-11-24";
const promises = PROMISES;
const graphOf = recordedGraph;
const judgeBy = (graph: Graph, found: Judged[], ...waivers: Waiver[]) => judge(graph, { waivers }, TODAY, found);
const idsOf = ({ findings }: ReturnType<typeof judge>) => findings.map(({ rule }) => rule.id);

describe("a graph", () => {
  it("has the same findings if the app has another name", () => {
    const renamed = JSON.parse(JSON.stringify(graphOf("prod")).replaceAll(APP.name, "another-app")) as Graph;
    const verdict = judge(renamed, promises, TODAY);
    expect(verdict.findings).toEqual([]);
    expect(verdict.waived).toHaveLength(judge(graphOf("prod"), promises, TODAY).waived.length);
  });

  it("has no additional findings because of the promises", () => {
    const own = findingsIn(graphOf("prod"), promises).map(({ rule, urn, path }) => `${rule.id} ${urn} ${path}`);
    const bare = findingsIn(graphOf("prod"), {}).map(({ rule, urn, path }) => `${rule.id} ${urn} ${path}`);
    expect(bare).toEqual(expect.arrayContaining(own));
    const more = bare.filter((one) => !own.includes(one)).map((one) => one.replace(/urn\S*/, "").split(" ")[0]);
    expect(new Set(more)).toEqual(new Set(["route-has-authorizer", "edge-locked", "edge-headers"]));
  });

  it.each(["production", "live"])("of stage %s is checked as strictly as prod", (stage) => {
    const found = findingsIn({ ...graphOf("dev"), stage }, promises).map(({ rule }) => rule.id);
    const strict = ["table-backed-up", "user-pool-threat-protection", "log-group-year", "stage-protected"];
    expect(found).toEqual(expect.arrayContaining(strict));
  });
});

describe("the stages of a waiver", () => {
  const waiver = {
    rule: "table-backed-up",
    resource: "*Table",
    reason: "There is nothing in it.",
    expires: "2027-01-01",
  };

  it("that the project does not have are findings in every stage", () => {
    const strayed = { ...waiver, stages: ["prod", "production"] };
    for (const stage of ["dev", "prod"]) {
      const { findings } = judge(graphOf(stage), { stages: ["dev", "prod"], waivers: [strayed] }, TODAY, []);
      expect(findings.map(({ message }) => message)).toContain(
        "the waiver of table-backed-up for *Table names a stage that does not exist: production",
      );
    }
  });
});

describe("a waiver", () => {
  const graph = graphOf("dev");
  const found = findingsIn(graph, promises).filter(({ rule }) => rule.id === "lambda-dead-letters");
  const waiver: Waiver = {
    rule: "lambda-dead-letters",
    resource: "CompactTrafficFunction",
    reason: "Its event is empty: there is nothing to keep.",
    expires: "2026-11-25",
  };

  it("removes the findings that it names, and is listed with them", () => {
    const verdict = judgeBy(graph, found, waiver);
    expect(verdict.findings).toEqual([]);
    expect(verdict.waived).toMatchObject([{ rule: { id: "lambda-dead-letters" }, waiver }]);
  });

  it.each<[string, Partial<Waiver>, string]>([
    ["expires today", { expires: TODAY }, "expired on 2026-11-24"],
    ["has an impossible date", { expires: "2026-13-01" }, "has no valid expiry date"],
    ["has too short a reason", { reason: "not needed" }, "needs a reason of at least 20 characters"],
  ])("covers nothing if it %s, and is a finding itself", (_title, change, message) => {
    const verdict = judgeBy(graph, found, { ...waiver, ...change });
    expect(idsOf(verdict)).toEqual(["lambda-dead-letters", "waiver-valid"]);
    expect(verdict.findings.at(-1)?.message).toContain(message);
  });

  it.each<[string, Partial<Waiver>, string]>([
    ["for an unknown rule", { rule: "lambda-dead-leters" }, "names a rule that does not exist"],
    ["for a resource without a finding", { resource: "RollUpTrafficFunction" }, "covers no finding"],
    ["whose pattern matches only a part of the name", { resource: "CompactTraffic" }, "covers no finding"],
  ])("%s is an additional finding", (_title, change, message) => {
    const verdict = judgeBy(graph, found, { ...waiver, ...change });
    expect(idsOf(verdict)).toEqual(["lambda-dead-letters", "waiver-valid"]);
    expect(verdict.findings.at(-1)?.message).toContain(message);
  });

  it("of another stage is ignored, and the pattern * matches any name", () => {
    expect(idsOf(judgeBy(graph, found, { ...waiver, stages: ["prod"] }))).toEqual(["lambda-dead-letters"]);
    expect(idsOf(judgeBy(graph, found, { ...waiver, resource: "Compact*Function" }))).toEqual([]);
  });
});

describe("the rules", () => {
  it("have unique ids in kebab case", () => {
    const ids = RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([]);
  });

  it.each([
    ["a secret", { secret: "Retention" }],
    ["an output that AWS generates", { ref: `${graphOf("dev").resources[0]?.urn}#somethingNew` }],
    ["a value that is known only after the deployment", { unknown: "it is computed" }],
  ])("report an unknown finding if a property is %s", (_title, value) => {
    const graph = graphOf("dev");
    const resources = graph.resources.map((one) =>
      one.type === "aws:cloudwatch/logGroup:LogGroup"
        ? { ...one, inputs: { ...one.inputs, retentionInDays: value } }
        : one,
    );
    const groups = resources.filter(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup");
    const unknown = findingsIn({ ...graph, resources }, promises).filter((one) => one.unknown);
    expect(unknown.filter(({ rule }) => rule.id === "log-group-retention")).toHaveLength(groups.length);
    expect(unknown.filter(({ rule }) => rule.id === "access-log-retention")).toHaveLength(1);
  });
});
