import path from "node:path";

import { describe, expect, it } from "vitest";

import type { Graph } from "../graph";
import { loadGraph } from "../load";
import { REPOSITORY } from "../repository";
import { verdictOf } from "./verdict";

const TODAY = "2026-11-24";
const graphOf = (stage: string) => loadGraph(path.join(REPOSITORY, "infra/graph", `${stage}.json`));

/** The graph after a search and replace over the whole repository but promises.ts. */
function renamed(graph: Graph, from: string, to: string): Graph {
  return JSON.parse(JSON.stringify(graph).replaceAll(from, to)) as Graph;
}

describe("the verdict on this repository's graph", () => {
  it.each(["dev", "test", "prod"])("of %s after the app was renamed is that promises.ts has the old name", (stage) => {
    const { findings, waived, notes } = verdictOf(
      renamed(graphOf(stage), "secure-backend", "acme-api"),
      REPOSITORY,
      TODAY,
    );
    expect(findings.map(({ rule, message }) => [rule.id, message])).toEqual([
      ["promises-apply", 'the app is called "acme-api", the promises are for "secure-backend"'],
    ]);
    expect(waived.length).toBe(verdictOf(graphOf(stage), REPOSITORY, TODAY).waived.length);
    expect(notes).toEqual([]);
  });

  // infra/stage.ts gives a stage without a row of its own what dev has.
  it("of a stage that the promises do not list is dev's, and says so", () => {
    const own = { ...graphOf("dev"), stage: "ada" };
    const { notes } = verdictOf(own, REPOSITORY, TODAY);
    expect(notes).toEqual(['secure-backend ada: judged as dev, since promises.ts has no stage "ada"']);
    const throttled = verdictOf(own, REPOSITORY, TODAY).findings.filter(({ rule }) => rule.id === "stage-throttle");
    expect(throttled).toEqual([]);
  });

  it.each(["production", "live"])("of prod renamed to %s is as strict", (stage) => {
    const strict = ["table-backed-up", "user-pool-threat-protection", "log-group-year"];
    const graph = { ...renamed(graphOf("dev"), "::dev::", "::x::"), stage, removal: "remove" as const };
    const found = verdictOf(graph, REPOSITORY, TODAY).findings.map(({ rule }) => rule.id);
    expect(found).toEqual(expect.arrayContaining([...strict, "stage-protected"]));
  });
});

describe("the verdict on another project's graph", () => {
  it("leaves promises and waivers out, and says so", () => {
    const { waived, notes } = verdictOf(renamed(graphOf("prod"), "secure-backend", "theirs"), "/elsewhere", TODAY);
    expect(waived).toEqual([]);
    expect(notes).toEqual(["theirs prod: judged without promises and waivers, which are those of secure-backend"]);
  });
});
