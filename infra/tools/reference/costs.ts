import { type CostLine, estimate, total } from "@backend/ops/cost/estimate";
import { PRICES } from "@backend/ops/cost/prices";
import type { Graph } from "@backend/sst-graph/graph";
import { resolve } from "@backend/sst-graph/resolve";

import { page, table } from "./markdown";

const STAGES = ["dev", "prod"];
const MILLIONS = [1, 10, 100];

export function costsPage(graphs: Graph[]): string {
  return page(
    "Costs",
    "the committed graphs in `infra/graph` (alarms, rules, memory, retention) and `packages/ops/src/cost/prices.ts`",
    "US dollars a month, for 1, 10 and 100 million requests. Assumptions:",
    "- Where a noun has a table, one request in ten writes a record, and one in ten reads a page of records.\n" +
      "- Logs and records are stored for as long as the stage keeps them (records: at most a year).\n" +
      "- 100 people sign in.\n" +
      "- Functions write three metrics in every hour, and others so rarely that they cost nothing.\n" +
      "- Free tiers are left out. They make a small stage a few dollars cheaper.",
    costTable(graphs),
    "## Prices",
    "On demand, us-east-1, first paid tier, as of November 2026. Ireland is about a tenth more expensive.",
    "The prices of HTTP APIs, WAF, Cognito's machine clients and CloudFront Functions were compared with\n" +
      "published texts. The others are AWS's list prices from memory. Compare them with AWS's pages before\n" +
      "you make a budget.",
    table(
      ["price", "USD:", "for", "page"],
      Object.values(PRICES).map(({ what, usd, per, unit, source }) => {
        return [what, String(usd), `${per.toLocaleString("en-US")} ${unit}`, source];
      }),
    ),
  );
}

/** Returns a row for each price that at least one stage pays. */
function costTable(graphs: Graph[]): string {
  const paid = graphs.filter(({ stage }) => STAGES.includes(stage)).map((graph) => resolve(graph));
  const columns = paid.flatMap((graph) => MILLIONS.map((millions) => estimate(graph, millions * 1e6)));
  const rows = Object.entries(PRICES).flatMap(([price, { what, unit }]) => {
    const cells = columns.map((lines) => costOf(lines, price));
    return cells.every((cell) => cell === "") ? [] : [[`${what}, ${unit}`, ...cells]];
  });
  const totals = columns.map((lines) => `**${dollars(total(lines))}**`);
  const headers = paid.flatMap(({ stage }) => MILLIONS.map((millions) => `${stage}, ${millions} M:`));
  return table(["", ...headers], [...rows, ["**Total, USD a month**", ...totals]]);
}

function costOf(lines: CostLine[], price: string): string {
  const line = lines.find((one) => one.price === price);
  return line === undefined ? "" : dollars(line.usd);
}

function dollars(usd: number): string {
  return usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
