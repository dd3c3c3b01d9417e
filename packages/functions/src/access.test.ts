import { readdirSync, readFileSync } from "node:fs";

import { EDGE_HEADERS } from "@secure-backend/core/access/edge";
import { OPERATIONS } from "@secure-backend/core/api/operations";
import { PERMISSIONS, type Permission } from "@secure-backend/core/permissions";
import { lambdaContext } from "@secure-backend/testing/event";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";

import { type RouteRequest, routeEvent } from "../test/route-event";
import type { ServedHandler } from "./serve";

const SECRET = "s".repeat(32);
const ENVIRONMENT = {
  ...{ AUDIT_TABLE: "audit", AUDIT_RETENTION_DAYS: "30", TRAFFIC_TABLE: "traffic", AWS_REGION: "eu-west-1" },
  ...{ ACCESS_LOG_GROUP: "group", FUNCTION_LOG_GROUPS: "{}", BASE_PATH: "/", AUTH_URL: "https://auth.example" },
};
const HANDLERS = await importHandlers({});
const BEHIND_EDGE = await importHandlers({ ORIGIN_SECRETS: SECRET });
afterAll(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

/** Imports the modules that serve operations, with these variables besides. */
async function importHandlers(more: Record<string, string>): Promise<ServedHandler[]> {
  for (const [name, value] of Object.entries({ ...ENVIRONMENT, ...more })) vi.stubEnv(name, value);
  vi.resetModules();
  const sources = readdirSync(import.meta.dirname).filter((file) => /^(?!.*test).*\.ts$/.test(file));
  const serving = sources.filter((file) =>
    /from "\.\/serve"/.test(readFileSync(`${import.meta.dirname}/${file}`, "utf8")),
  );
  const modules = await Promise.all(serving.map((file) => import(`./${file}`) as Promise<{ handler: never }>));
  vi.unstubAllEnvs();
  return modules.map(({ handler }) => handler);
}

beforeEach(() => {
  for (const [name, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(name, value);
  for (const level of ["info", "error"] as const) vi.spyOn(console, level).mockImplementation(() => {});
});

const guarded = Object.values(OPERATIONS).flatMap(({ key, scope }) =>
  scope === undefined ? [] : [{ key, permission: scope as keyof typeof PERMISSIONS }],
);
const PATH = { id: "01KAR9Z0000000000000000000" };

async function statusesOf(key: string, request: RouteRequest, handlers = HANDLERS): Promise<number[]> {
  const event = routeEvent(key, { path: PATH, ...request });
  const answers = await Promise.all(handlers.map((handler) => handler(event, lambdaContext)));
  return answers.map(({ statusCode = 500 }) => statusCode).filter((status) => status !== 500); // not served
}

describe.each(Object.keys(OPERATIONS))("%s", (key) => {
  it("is served by exactly one function", async () => {
    expect(await statusesOf(key, { as: null, headers: {} })).toHaveLength(1);
  });

  it("is refused without the edge's secret where there is an edge", async () => {
    const refused = BEHIND_EDGE.map(() => 403);
    expect(await statusesOf(key, { as: null }, BEHIND_EDGE)).toEqual(refused);
    const headers = { [EDGE_HEADERS.secret]: "t".repeat(32) };
    expect(await statusesOf(key, { as: null, headers }, BEHIND_EDGE)).toEqual(refused);
  });
});

describe.each(guarded)("$key", ({ key, permission }) => {
  const { group, perTenant }: Permission = PERMISSIONS[permission];
  const person = { token_use: "access", sub: "ada", username: "ada", client_id: "web" };
  const machine = { token_use: "access", sub: "m", client_id: "m" };
  const others = Object.keys(PERMISSIONS).filter((name) => name !== permission);
  const groupsOf = (...names: (string | undefined)[]) => ({
    "cognito:groups": `[${names.filter((name) => name !== undefined).join(" ")}]`,
  });

  it.each<[string, Record<string, string> | null, number]>([
    ["without a token", null, 401],
    ["with an ID token", { ...person, token_use: "id", scope: permission, ...groupsOf(group, "tenant:acme") }, 403],
    ["by a person without the scope", { ...person, scope: others.join(" "), ...groupsOf(group, "tenant:acme") }, 403],
    ["by a machine client without the scope", { ...machine, scope: [...others, "tenant/acme"].join(" ") }, 403],
    ...(group === undefined
      ? []
      : [
          ["by a person without the group", { ...person, scope: permission, ...groupsOf("tenant:acme") }, 403] as never,
        ]),
    ...(perTenant !== true
      ? []
      : ([
          ["by a person without a tenant", { ...person, scope: permission, ...groupsOf(group) }, 403],
          [
            "by a person of two tenants who names none",
            { ...person, scope: permission, ...groupsOf(group, "tenant:a", "tenant:b") },
            400,
          ],
          ["by a machine client without a tenant", { ...machine, scope: permission }, 403],
        ] as never[])),
  ])("is refused %s", async (_title, claims, status) => {
    expect(await statusesOf(key, { as: claims })).toEqual([status]);
  });
});
