import { lambdaContext, type RequestChanges, requestEvent } from "@backend/testing/event";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import * as z from "zod/mini";
import { contract, type Permissions } from "../api/contract";
import type { Count } from "../quota/quotas";

import { implement, serveWith } from "./serve";

const operation = contract({
  "orders/read": { description: "Read orders" },
  "orders/write": { description: "Place orders", group: "clerks", perTenant: true },
});

const Order = z.strictObject({ id: z.string() });
const place = operation("POST /orders", {
  id: "placeOrder",
  permission: "orders/write",
  headers: z.object({ "idempotency-key": z.optional(z.string()) }),
  body: z.strictObject({ total: z.number() }),
  bodyLimit: 100,
  answers: { 201: Order, 400: "problem" },
});
const find = operation("GET /orders/{id}", { id: "findOrder", permission: "orders/read", answers: { 200: Order } });
const hello = operation("GET /hello", { id: "hello", permission: "public", answers: { 200: z.string() } });

const quiet = () => vi.spyOn(console, "info").mockImplementation(() => {});

/** The event of an operation's route, with a token where claims are given. */
function eventOf(routeKey: string, { claims, path, query = "", ...changes }: EventChanges = {}) {
  const event = requestEvent({ method: routeKey.split(" ", 1)[0] ?? "", ...changes });
  Object.assign(event.requestContext, { routeKey, ...(claims && { authorizer: { jwt: { claims, scopes: null } } }) });
  return Object.assign(event, { rawQueryString: query, ...(path && { pathParameters: path }) });
}
interface EventChanges extends RequestChanges {
  claims?: Record<string, string>;
  path?: Record<string, string>;
  query?: string;
}

// Claims as API Gateway writes them for an access token of Cognito:
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
const ada = { token_use: "access", sub: "ada-sub", username: "ada", client_id: "web", scope: "openid orders/write" };
const clerk = { ...ada, "cognito:groups": "[clerks tenant:acme]" };
const machine = { token_use: "access", sub: "m1", client_id: "m1", scope: "orders/write tenant/acme" };
const json = { "content-type": "application/json" };

describe("an operation per tenant", () => {
  const seen: unknown[] = [];
  const handler = serveWith(
    { secrets: [] },
    implement(place, ({ body, headers, caller, request }) => {
      seen.push({ body, headers, caller, id: request.id });
      return { status: 201, body: { id: "1" } };
    }),
  );
  const call = async (changes: EventChanges) => {
    const event = eventOf("POST /orders", { body: '{"total":1}', headers: json, ...changes });
    const { statusCode, body = "{}" } = await handler(event, lambdaContext);
    const { type = "" } = JSON.parse(body) as { type?: string };
    return type === "" ? statusCode : [statusCode, type.split(":").at(-1)];
  };

  it("gets what its schemas allow, and who calls", async () => {
    quiet();
    const headers = { ...json, "idempotency-key": "k", "x-other": "ignored" };
    expect(await call({ claims: clerk, headers })).toBe(201);
    expect(await call({ claims: machine })).toBe(201);
    expect(seen).toEqual([
      {
        body: { total: 1 },
        headers: { "idempotency-key": "k" },
        caller: { type: "user", id: "ada-sub", client: "web", tenant: "acme" },
        id: expect.any(String),
      },
      {
        body: { total: 1 },
        headers: {},
        caller: { type: "client", id: "m1", client: "m1", tenant: "acme" },
        id: expect.any(String),
      },
    ]);
  });

  const two = "[clerks tenant:acme tenant:globex]";
  it.each<[string, EventChanges, unknown]>([
    ["no token", {}, [401, "access.token"]],
    ["an ID token", { claims: { ...clerk, token_use: "id" } }, [403, "access.token"]],
    ["a token without a subject", { claims: { ...clerk, sub: "" } }, [403, "access.token"]],
    ["a token without the scope", { claims: { ...clerk, scope: "openid" } }, [403, "access.scope"]],
    ["a scope that only starts like it", { claims: { ...clerk, scope: "orders/writer" } }, [403, "access.scope"]],
    ["a person without the group", { claims: { ...ada, "cognito:groups": "[tenant:acme]" } }, [403, "access.group"]],
    ["a person without a tenant", { claims: { ...ada, "cognito:groups": "[clerks]" } }, [403, "access.tenant"]],
    [
      "a person with a tenant's scope only",
      { claims: { ...ada, scope: "orders/write tenant/acme", "cognito:groups": "[clerks]" } },
      [403, "access.tenant"],
    ],
    [
      "a tenant that is not well-formed",
      { claims: { ...ada, "cognito:groups": "[clerks tenant:A_]" } },
      [403, "access.tenant"],
    ],
    ["several tenants and no choice", { claims: { ...ada, "cognito:groups": two } }, [400, "access.tenant"]],
    [
      "a choice among several tenants",
      { claims: { ...ada, "cognito:groups": two }, headers: { ...json, "x-tenant": "globex" } },
      201,
    ],
    [
      "the choice of a foreign tenant",
      { claims: clerk, headers: { ...json, "x-tenant": "initech" } },
      [403, "access.tenant"],
    ],
    ["a client without the scope", { claims: { ...machine, scope: "tenant/acme" } }, [403, "access.scope"]],
    ["a client without a tenant", { claims: { ...machine, scope: "orders/write" } }, [403, "access.tenant"]],
    [
      "a client with a person's groups",
      { claims: { ...machine, scope: "orders/write", "cognito:groups": "[clerks tenant:acme]" } },
      [403, "access.tenant"],
    ],
    ["a client's token for another subject", { claims: { ...machine, sub: "m2" } }, [403, "access.token"]],
    ["a body that the schema refuses", { claims: clerk, body: '{"total":"1"}' }, [400, "input.invalid"]],
    [
      "a body over the operation's limit",
      { claims: clerk, body: `{"total":${"1".repeat(100)}}` },
      [413, "body.too-large"],
    ],
    ["no body", { claims: clerk, body: "" }, [400, "body.missing"]],
  ])("answers %s", async (_title, changes, expected) => {
    quiet();
    expect(await call(changes)).toEqual(expected);
  });

  it("checks access before the body", async () => {
    quiet();
    expect(await call({ body: "not JSON" })).toEqual([401, "access.token"]);
  });
});

describe("a caller with quotas", () => {
  // 10.5 s before the end of a minute.
  const now = () => Date.parse("2026-11-23T09:29:49.500Z");
  const list = operation("POST /order-lists", {
    id: "placeOrders",
    permission: "orders/write",
    body: z.array(z.string()),
    metered: true,
    answers: { 201: z.string(), 400: "problem", 403: "problem" },
  });
  const quotas = { tenant: { requestsPerMinute: 5, unitsPerDay: 9 } };
  const serveList = (count: Count) => {
    const place = vi.fn(() => ({ status: 201 as const, body: "placed" }));
    const handler = serveWith({ now, secrets: [], limits: { quotas, count } }, implement(list, place));
    const call = async (body: string) => {
      const {
        statusCode,
        headers = {},
        body: text = "",
      } = await handler(eventOf("POST /order-lists", { claims: machine, headers: json, body }), lambdaContext);
      return { status: statusCode, retryAfter: headers["retry-after"], answer: JSON.parse(text) };
    };
    return { call, place };
  };

  it("takes a request, and a unit for each item of a metered body", async () => {
    quiet();
    const count = vi.fn<Count>(async () => "counted");
    const { call } = serveList(count);
    expect((await call('["a","b","c"]')).status).toBe(201);
    expect(count.mock.calls.map(([{ key, amounts }]) => [key, amounts])).toEqual([
      ["tenant#acme#2026-11-23T09:29", [{ name: "requests", amount: 1, limit: 5 }]],
      ["tenant#acme#2026-11-23", [{ name: "units", amount: 3, limit: 9 }]],
    ]);
  });

  // RFC 6585, section 4; Retry-After in seconds: RFC 9110, section 10.2.3.
  it.each<[string, "full" | "busy", string, string, string]>([
    ["whose window is full", "full", "11", "quota.exceeded", "The tenant's quota of 5 requests per minute has no room"],
    ["that is too fast for the counter", "busy", "1", "quota.busy", "The caller sends requests faster than"],
  ])("%s is answered 429 before the handler runs", async (_title, outcome, retryAfter, code, detail) => {
    quiet();
    const { call, place } = serveList(async () => outcome);
    const refused = await call('["a"]');
    expect([refused.status, refused.retryAfter]).toEqual([429, retryAfter]);
    expect(refused.answer).toMatchObject({
      type: `urn:problem-type:${code}`,
      title: "Too Many Requests",
      detail: expect.stringContaining(detail),
    });
    expect(place).not.toHaveBeenCalled();
  });

  it("pays for a request that is not valid, but for no units", async () => {
    quiet();
    const count = vi.fn<Count>(async () => "counted");
    expect((await serveList(count).call('["a",1]')).status).toBe(400);
    expect(count.mock.calls.map(([{ amounts }]) => amounts)).toEqual([[{ name: "requests", amount: 1, limit: 5 }]]);
    expect((await serveList(async () => "full").call("not JSON")).status).toBe(429);
  });

  it("is served while nothing can be counted, and the reason is logged as an error", async () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    const { call } = serveList(() => Promise.reject(new Error("connect ECONNREFUSED")));
    expect((await call('["a"]')).status).toBe(201);
    expect(error).toHaveBeenCalledWith(
      expect.objectContaining({
        status: 201,
        quotaError: expect.objectContaining({ message: "connect ECONNREFUSED" }),
      }),
    );
  });
});

describe("types", () => {
  it("follow from the operation", () => {
    implement(place, ({ body, headers, caller, path }) => {
      expectTypeOf(body).toEqualTypeOf<{ total: number }>();
      expectTypeOf(headers["idempotency-key"]).toEqualTypeOf<string | undefined>();
      expectTypeOf(caller.tenant).toEqualTypeOf<string>();
      expectTypeOf(path).toEqualTypeOf<Readonly<Record<never, string>>>();
      return { status: 201, body: { id: "1" } };
    });
    implement(find, ({ path, caller, body }) => {
      expectTypeOf(path.id).toEqualTypeOf<string>();
      expectTypeOf(caller).not.toHaveProperty("tenant");
      expectTypeOf(body).toEqualTypeOf<undefined>();
      return { status: 200, body: { id: path.id } };
    });
    implement(hello, ({ caller }) => {
      expectTypeOf(caller).toEqualTypeOf<undefined>();
      return { status: 200, body: "Hello" };
    });
  });

  it("refuse what the operation does not say", () => {
    // @ts-expect-error an operation states its permission
    operation("GET /a", { id: "a", answers: { 200: Order } });
    // @ts-expect-error an operation has no group: its permission has one
    operation("GET /a", { id: "a", permission: "orders/read", group: "clerks", answers: { 200: Order } });
    // @ts-expect-error a permission has no groups
    contract({ "orders/refund": { description: "Refund", groups: "clerks" } } satisfies Permissions);
    // @ts-expect-error the permission must be one of the contract's
    operation("GET /a", { id: "a", permission: "orders/delete", answers: { 200: Order } });
    // @ts-expect-error the body is not the answer's
    implement(find, () => ({ status: 200, body: { number: 1 } }));
    // @ts-expect-error the body has a property that the answer has not
    implement(find, () => ({ status: 200, body: { id: "1", password: "x" } }));
    const row = { id: "1", password: "x" };
    // @ts-expect-error nor may a value from elsewhere have one
    implement(find, async () => ({ status: 200, body: row }));
    implement(find, async () => ({ status: 200, body: { id: row.id } }));
    // @ts-expect-error the status is not the operation's
    implement(find, () => ({ status: 201, body: { id: "1" } }));
  });
});

describe("a handler", () => {
  const greet = operation("POST /hello", {
    id: "greet",
    permission: "public",
    body: z.strictObject({ name: z.string() }),
    answers: { 200: z.string(), 400: "problem" },
  });
  const handler = serveWith(
    { secrets: [] },
    implement(hello, () => ({ status: 200, body: "Hello" })),
    implement(greet, ({ body }) => ({ status: 200, body: `Hello ${body.name}` })),
  );
  const ask = (method: string, changes: EventChanges = {}) =>
    handler(eventOf("ANY /hello", { ...changes, method }), lambdaContext);

  it("answers each method of an ANY route by its operation, and HEAD as GET without a body", async () => {
    quiet();
    expect(await ask("GET")).toMatchObject({ statusCode: 200, body: '"Hello"' });
    expect(await ask("POST", { body: '{"name":"Ada"}', headers: json })).toMatchObject({ body: '"Hello Ada"' });
    const head = await ask("HEAD");
    expect([head.statusCode, head.body]).toEqual([200, undefined]);
  });

  it("fails for a route that it does not serve, as for any fault of the deployment", async () => {
    quiet();
    vi.spyOn(console, "error").mockImplementation(() => {});
    expect((await handler(eventOf("GET /elsewhere"), lambdaContext)).statusCode).toBe(500);
  });

  it("does not start with two implementations of one operation, or with a header in upper case", () => {
    const twice = implement(hello, () => ({ status: 200, body: "Hello" }));
    expect(() => serveWith({ secrets: [] }, twice, twice)).toThrow("the same route key");
    const headers = z.object({ "Idempotency-Key": z.string() });
    expect(() => operation("GET /a", { id: "a", permission: "public", headers, answers: { 200: Order } })).toThrow(
      'GET /a: expected header "idempotency-key", found "Idempotency-Key"',
    );
  });

  it("answers other methods with 405, and OPTIONS with the methods", async () => {
    quiet();
    const refused = await ask("DELETE");
    expect([refused.statusCode, refused.headers?.allow]).toEqual([405, "GET, HEAD, OPTIONS, POST"]);
    const options = await ask("OPTIONS");
    expect([options.statusCode, options.headers?.allow]).toEqual([204, "GET, HEAD, OPTIONS, POST"]);
  });
});
