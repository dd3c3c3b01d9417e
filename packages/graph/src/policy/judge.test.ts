import path from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import type { Graph } from "../graph";
import { loadGraph } from "../load";
import { findingsIn, judge } from "./judge";
import { PROMISES } from "./promises";
import { RULES } from "./rules";
import { WAIVERS, type Waiver } from "./waivers";

const TODAY = "2026-11-24";
const folder = fileURLToPath(new URL("../../../../infra/graph", import.meta.url));
const graphOf = (stage: string) => loadGraph(path.join(folder, `${stage}.json`));
const idsOf = ({ findings }: ReturnType<typeof judge>) => findings.map(({ rule }) => rule.id);

describe("this repository's own graphs", () => {
  it.each(["dev", "test", "prod"])("%s has no finding that nobody has accepted, and no waiver too many", (stage) => {
    const { findings } = judge(graphOf(stage), findingsIn(graphOf(stage), PROMISES), WAIVERS, TODAY);
    expect(findings.map(({ rule, urn, message }) => [rule.id, urn, message])).toEqual([]);
  });

  it.each(["dev", "test", "prod"])("%s leaves nothing that cannot be told", (stage) => {
    expect(findingsIn(graphOf(stage), PROMISES).filter(({ unknown }) => unknown)).toEqual([]);
  });

  it("are judged alike by every rule that knows no promise, whoever's they are", () => {
    const foreign: Graph = { ...graphOf("prod"), app: "another-app" };
    const tags = findingsIn(foreign, undefined).filter(({ rule }) => rule.id !== "required-tags");
    const own = findingsIn(graphOf("prod"), PROMISES);
    expect(tags.map(({ rule, urn }) => [rule.id, urn])).toEqual(
      expect.arrayContaining(own.map(({ rule, urn }) => [rule.id, urn])),
    );
    const more = tags.filter((one) => !own.some(({ rule, urn }) => rule === one.rule && urn === one.urn));
    expect(more.map(({ rule, path }) => `${rule.id} ${path}`)).toEqual([
      "route-has-authorizer inputs.authorizationType",
      "route-has-authorizer inputs.authorizationType",
    ]);
  });
});

describe("the stages of a waiver", () => {
  const waiver = {
    rule: "table-backed-up",
    resource: "*Table",
    reason: "There is nothing in it.",
    expires: "2027-01-01",
  };
  const found = (stage: string) =>
    findingsIn({ ...graphOf("prod"), stage }, PROMISES).filter(({ rule }) => rule.id === "table-backed-up");

  it("are those that the promises list: any other is a finding in every stage", () => {
    const strayed = { ...waiver, stages: ["prod", "production"] };
    for (const stage of ["dev", "prod"]) {
      const { findings } = judge({ ...graphOf(stage), stage }, [], [strayed], TODAY, PROMISES);
      expect(findings.map(({ message }) => message)).toContain(
        "the waiver of table-backed-up for *Table is for production, which promises.ts does not list",
      );
    }
  });

  it("hold for a stage of somebody's own as for the one that it is like", () => {
    const graph = { ...graphOf("prod"), stage: "ada" };
    const { waived } = judge(graph, found("ada"), [{ ...waiver, stages: ["dev"] }], TODAY, PROMISES);
    expect(waived.length).toBeGreaterThan(0);
  });
});

describe("a waiver", () => {
  const graph = graphOf("dev");
  const found = findingsIn(graph, PROMISES).filter(({ rule }) => rule.id === "lambda-dead-letters");
  const waiver: Waiver = {
    rule: "lambda-dead-letters",
    resource: "CompactTrafficFunction",
    reason: "Its event is empty: there is nothing to keep.",
    expires: "2026-11-25",
  };

  it("takes away what it names, and is shown beside it", () => {
    const verdict = judge(graph, found, [waiver], TODAY);
    expect(verdict.findings).toEqual([]);
    expect(verdict.waived).toMatchObject([{ rule: { id: "lambda-dead-letters" }, waiver }]);
  });

  it.each<[string, Partial<Waiver>, string]>([
    ["has expired today", { expires: TODAY }, "has expired on 2026-11-24"],
    ["has no day that exists", { expires: "2026-13-01" }, "has no day of expiry"],
    ["gives next to no reason", { reason: "not needed" }, "gives no reason"],
  ])("covers nothing once it %s, and is a finding itself", (_title, change, message) => {
    const verdict = judge(graph, found, [{ ...waiver, ...change }], TODAY);
    expect(idsOf(verdict)).toEqual(["lambda-dead-letters", "waiver-valid"]);
    expect(verdict.findings.at(-1)?.message).toContain(message);
  });

  it.each<[string, Partial<Waiver>, string]>([
    ["of a rule that there is not", { rule: "lambda-dead-leters" }, "names no rule"],
    ["of a resource that keeps the rule", { resource: "RollUpTrafficFunction" }, "covers nothing"],
    ["whose pattern fits a part of the name alone", { resource: "CompactTraffic" }, "covers nothing"],
  ])("%s is a finding beside what it was for", (_title, change, message) => {
    const verdict = judge(graph, found, [{ ...waiver, ...change }], TODAY);
    expect(idsOf(verdict)).toEqual(["lambda-dead-letters", "waiver-valid"]);
    expect(verdict.findings.at(-1)?.message).toContain(message);
  });

  it("of another stage is left alone, a pattern with * takes any name", () => {
    expect(idsOf(judge(graph, found, [{ ...waiver, stages: ["prod"] }], TODAY))).toEqual(["lambda-dead-letters"]);
    expect(idsOf(judge(graph, found, [{ ...waiver, resource: "Compact*Function" }], TODAY))).toEqual([]);
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
    const unknown = findingsIn({ ...graph, resources }, PROMISES).filter((one) => one.unknown);
    expect(unknown.filter(({ rule }) => rule.id === "log-group-retention")).toHaveLength(groups.length);
    expect(unknown.filter(({ rule }) => rule.id === "access-log-retention")).toHaveLength(1);
  });
});
