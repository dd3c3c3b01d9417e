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
  it("is judged alike whatever the app is called", () => {
    const renamed = JSON.parse(JSON.stringify(graphOf("prod")).replaceAll(APP.name, "another-app")) as Graph;
    const verdict = judge(renamed, promises, TODAY);
    expect(verdict.findings).toEqual([]);
    expect(verdict.waived).toHaveLength(judge(graphOf("prod"), promises, TODAY).waived.length);
  });

  it("has no finding that only the promises cause, but for tags: they allow more than a project without them", () => {
    const own = findingsIn(graphOf("prod"), promises).map(({ rule, urn, path }) => `${rule.id} ${urn} ${path}`);
    const bare = findingsIn(graphOf("prod"), {}).map(({ rule, urn, path }) => `${rule.id} ${urn} ${path}`);
    expect(bare).toEqual(expect.arrayContaining(own));
    const more = bare.filter((one) => !own.includes(one)).map((one) => one.replace(/urn\S*/, "").split(" ")[0]);
    expect(new Set(more)).toEqual(new Set(["route-has-authorizer", "edge-locked", "edge-headers"]));
  });

  it.each(["production", "live"])("is judged as strictly as prod in a stage called %s", (stage) => {
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

  it("are those of the project: any other is a finding in every stage", () => {
    const strayed = { ...waiver, stages: ["prod", "production"] };
    for (const stage of ["dev", "prod"]) {
      const { findings } = judge(graphOf(stage), { stages: ["dev", "prod"], waivers: [strayed] }, TODAY, []);
      expect(findings.map(({ message }) => message)).toContain(
        "the waiver of table-backed-up for *Table is for production, which the project does not have",
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

  it("takes away what it names, and is shown beside it", () => {
    const verdict = judgeBy(graph, found, waiver);
    expect(verdict.findings).toEqual([]);
    expect(verdict.waived).toMatchObject([{ rule: { id: "lambda-dead-letters" }, waiver }]);
  });

  it.each<[string, Partial<Waiver>, string]>([
    ["has expired today", { expires: TODAY }, "has expired on 2026-11-24"],
    ["has no day that exists", { expires: "2026-13-01" }, "has no day of expiry"],
    ["gives next to no reason", { reason: "not needed" }, "gives no reason"],
  ])("covers nothing once it %s, and is a finding itself", (_title, change, message) => {
    const verdict = judgeBy(graph, found, { ...waiver, ...change });
    expect(idsOf(verdict)).toEqual(["lambda-dead-letters", "waiver-valid"]);
    expect(verdict.findings.at(-1)?.message).toContain(message);
  });

  it.each<[string, Partial<Waiver>, string]>([
    ["of a rule that there is not", { rule: "lambda-dead-leters" }, "names no rule"],
    ["of a resource that keeps the rule", { resource: "RollUpTrafficFunction" }, "covers nothing"],
    ["whose pattern fits a part of the name alone", { resource: "CompactTraffic" }, "covers nothing"],
  ])("%s is a finding beside what it was for", (_title, change, message) => {
    const verdict = judgeBy(graph, found, { ...waiver, ...change });
    expect(idsOf(verdict)).toEqual(["lambda-dead-letters", "waiver-valid"]);
    expect(verdict.findings.at(-1)?.message).toContain(message);
  });

  it("of another stage is left alone, a pattern with * takes any name", () => {
    expect(idsOf(judgeBy(graph, found, { ...waiver, stages: ["prod"] }))).toEqual(["lambda-dead-letters"]);
    expect(idsOf(judgeBy(graph, found, { ...waiver, resource: "Compact*Function" }))).toEqual([]);
  });
});

describe("the rules", () => {
  it("have ids of their own, in kebab case", () => {
    const ids = RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([]);
  });

  it.each([
    ["a secret", { secret: "Retention" }],
    ["an output that AWS makes up", { ref: `${graphOf("dev").resources[0]?.urn}#somethingNew` }],
    ["a value that the deployment alone tells", { unknown: "it is computed" }],
  ])("call it unknown where a property is %s, and let it pass nowhere", (_title, value) => {
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
