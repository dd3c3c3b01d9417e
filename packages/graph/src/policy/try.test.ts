import { it } from "vitest";
import { loadGraph } from "../load";
import { findingsIn } from "./judge";
import { mutantsOf } from "./mutants";
import { PROMISES } from "./promises";

it("x", () => {
  for (const s of ["dev", "test", "prod"]) {
    const graph = loadGraph(`infra/graph/${s}.json`);
    const keyOf = (f: any) => `${f.rule.id} ${f.urn} ${f.path} ${f.message}`;
    const base = new Set(findingsIn(graph, PROMISES).map(keyOf));
    const t = performance.now();
    let n = 0,
      c = 0;
    const surv: Record<string, Set<string>> = {};
    for (const m of mutantsOf(graph)) {
      n++;
      if (findingsIn(m.graph, PROMISES).some((f) => !base.has(keyOf(f)))) c++;
      else (surv[m.where] ??= new Set()).add(m.how);
    }
    console.log(s, n, c, performance.now() - t);
    if (s === "prod")
      console.log(
        Object.entries(surv)
          .map(([k, v]) => `${k}: ${[...v].join(", ")}`)
          .join("\n"),
      );
    else continue;
  }
}, 300000);
