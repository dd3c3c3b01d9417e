import { OPERATIONS } from "@backend/core/operations";
import { PERMISSIONS, type Permission } from "@backend/core/permissions";
import { EDGE_HEADERS } from "@backend/platform/access/edge";
import { lambdaContext } from "@backend/testing/event";
import { type RouteRequest, routeEvent } from "@backend/testing/route-event";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { importHandlers } from "../test/declared";

const SECRET = "s".repeat(32);
const AWS = { AWS_REGION: "eu-west-1" };
const BEHIND_EDGE = [...(await importHandlers({ ...AWS, ORIGIN_SECRETS: SECRET })).values()];
const HANDLERS = [...(await importHandlers(AWS)).values()];
afterAll(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

beforeEach(() => {
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

  it("rejects a request without the edge's secret on a stage with an edge", async () => {
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
            "by a person of two tenants who names neither",
            { ...person, scope: permission, ...groupsOf(group, "tenant:a", "tenant:b") },
            400,
          ],
          ["by a machine client without a tenant", { ...machine, scope: permission }, 403],
        ] as never[])),
  ])("rejects a request %s", async (_title, claims, status) => {
    expect(await statusesOf(key, { as: claims })).toEqual([status]);
  });
});
