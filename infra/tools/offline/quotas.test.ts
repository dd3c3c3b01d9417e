import path from "node:path";

import { loadGraph } from "@backend/sst-graph/load";
import type { Offline } from "@backend/sst-offline/offline";
import { printedToken } from "@backend/testing/printed-token";
import { REPOSITORY, repositoryCopy } from "@backend/testing/repository-copy";
import { serve } from "@backend/testing/serving";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { OFFLINE_APP } from "../offline-app";

/** By the day, so that no window ends during the test. */
const QUOTAS = { user: { requestsPerDay: 2 }, tenant: { unitsPerDay: 30 } };

const { folder, remove } = repositoryCopy((graph) => {
  Object.assign(graph, loadGraph(path.join(REPOSITORY, "infra/graph/prod.json")), { stage: "dev" });
  for (const { type, inputs } of graph.resources) {
    if (type !== "aws:lambda/function:Function") continue;
    const { variables } = Object(inputs.environment);
    if (variables.QUOTAS !== undefined) variables.QUOTAS = JSON.stringify(QUOTAS);
  }
});
let offline: Offline;
beforeAll(async () => {
  offline = await serve(folder, OFFLINE_APP);
});
afterAll(async () => {
  await offline.stop();
  remove();
});

const tokenOf = (...args: string[]) => printedToken(args, folder, OFFLINE_APP);

async function ask(target: string, bearer: string, body?: unknown) {
  const response = await fetch(`${new URL(offline.url()).origin}/prod${target}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { status, headers } = response;
  return { status, retryAfter: Number(headers.get("retry-after")), body: (await response.json()) as { type?: string } };
}

describe("quotas of prod, served offline", () => {
  it("let one of 50 requests at once take the last of a person's day", async () => {
    const operator = await tokenOf("--user", "ada", "--scope", "traffic/read", "--group", "operators");
    expect((await ask("/traffic", operator)).status).toBe(200);
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask("/traffic", operator)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(49);
    for (const { retryAfter, body } of refused) {
      expect(body.type).toBe("urn:problem-type:quota.exceeded");
      expect(retryAfter).toBeGreaterThan(0);
      expect(retryAfter).toBeLessThanOrEqual(86_400);
    }
    const another = await tokenOf("--user", "grace", "--scope", "traffic/read", "--group", "operators");
    expect((await ask("/traffic", another)).status).toBe(200);
  });

  // #region audit
  it("take the events of a list at once or refuse the list", async () => {
    const groups = ["--group", "writers", "--group", "tenant:acme"];
    const tokens = ["alan", "barbara", "edsger", "frances"].map((user) =>
      tokenOf("--user", user, "--scope", "audit/write", ...groups),
    );
    const event = {
      action: "invoice.paid",
      actor: { type: "user", id: "ada" },
      outcome: "success",
      occurredAt: "2026-11-23T09:30:00Z",
    };
    const statuses: number[] = [];
    for (const [index, events] of [25, 6, 5, 1].entries())
      statuses.push((await ask("/events", (await tokens[index]) ?? "", Array(events).fill(event))).status);
    expect(statuses).toEqual([201, 429, 201, 429]);
  });
  // #endregion audit
});
