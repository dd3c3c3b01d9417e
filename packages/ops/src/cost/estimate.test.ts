import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { loadGraph } from "@secure-backend/graph/load";
import { resolve } from "@secure-backend/graph/resolve";
import { describe, expect, it } from "vitest";

import { type CostLine, estimate, total } from "./estimate";
import { PRICES } from "./prices";

const pathOf = (file: string) => fileURLToPath(new URL(`../../../../${file}`, import.meta.url));
const graphOf = (stage: string) => resolve(loadGraph(pathOf(`infra/graph/${stage}.json`)));
const REQUESTS = [1e6, 1e7, 1e8];
const dollars = (usd: number) => usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

describe("estimate", () => {
  it.each<[string, number, Partial<Record<keyof typeof PRICES, number>>]>([
    // By hand, from the prices and what is declared: 1,000,000 requests at $1.00; a web ACL at $5 with four rules at $1, 1,000,000 at $0.60;
    // 1,002,000 invocations of 0.03 s and 43,200 of 0.1 s (one a minute) at 0.5 GB are 17,190 GB-s at $0.0000133334; 100,000 events of 4
    // units, 2,000 deliveries of 5 and 43,200 compactions of 2 at $0.625 a million; a dashboard at $3, two metrics at $0.30.
    [
      "prod",
      1e6,
      {
        httpApi: 1,
        wafAcl: 5,
        wafRule: 4,
        wafRequests: 0.6,
        lambdaTime: 0.2292,
        tableWrite: 0.31025,
        dashboard: 3,
        metric: 0.6,
      },
    ],
    ["dev", 1e8, { httpApi: 100, lambdaRequests: 20.04864, transfer: 13.5, machineClient: 6, machineToken: 1.62 }],
  ])("of %s at %d requests has these lines", (stage, requests, expected) => {
    const lines = new Map(estimate(graphOf(stage), requests).map(({ price, usd }) => [price, usd]));
    for (const [price, usd] of Object.entries(expected)) {
      expect(lines.get(price as keyof typeof PRICES), price).toBeCloseTo(usd, 4);
    }
  });

  it("has no edge where the stage has none", () => {
    const prices = estimate(graphOf("dev"), 1e6).map(({ price }) => price);
    expect(prices).toEqual(expect.not.arrayContaining(["wafAcl", "cdnRequests"]));
  });
});

describe("docs/operating.md", () => {
  const document = readFileSync(pathOf("docs/operating.md"), "utf8");

  it("has the table of costs that the graphs and the prices give", () => {
    expect(document).toContain(costTable());
  });

  it("has every price", () => {
    const rows = Object.values(PRICES).map(({ what, usd, per, unit, source }) => {
      return `| ${what} | ${usd} | ${per.toLocaleString("en-US")} ${unit} | ${source} |`;
    });
    expect(document).toContain(rows.join("\n"));
  });

  it("has a section for every alarm", () => {
    const alarms = graphOf("prod").resources.filter(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm");
    const names = alarms.map(({ inputs }) => String(inputs.name).replace("SecureBackend-prod-", ""));
    const kinds = names.map((name) =>
      name.replace(/^.+(Errors|Throttles)$/, (all, kind) => (all === "ServerErrors" ? all : `<function>${kind}`)),
    );
    for (const kind of new Set(kinds)) expect(document).toContain(`### ${kind}\n`);
    expect(new Set(kinds).size).toBe(8);
  });
});

/** A row for each price that some stage has to pay, dev and prod at each load. */
function costTable(): string {
  const columns = ["dev", "prod"].flatMap((stage) => REQUESTS.map((requests) => estimate(graphOf(stage), requests)));
  const of = (lines: CostLine[], price: string) => lines.find((line) => line.price === price)?.usd;
  const rows = Object.entries(PRICES).map(([price, { what, unit }]) => {
    const cells = columns.map((lines) => of(lines, price)).map((usd) => (usd === undefined ? "" : dollars(usd)));
    return `| ${what}, ${unit} | ${cells.join(" | ")} |`;
  });
  const totals = columns.map((lines) => `**${dollars(total(lines))}**`);
  return [...rows, `| **Total, USD a month** | ${totals.join(" | ")} |`].join("\n");
}
