import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import { operationsOf, requestOf } from "./openapi";

// The committed document, as the API serves it.
const document = JSON.parse(readFileSync(new URL("../../../functions/src/openapi.json", import.meta.url), "utf8"));
const operations = operationsOf(document);
const named = (id: string) => operations.find((operation) => operation.id === id) ?? expect.fail(`no ${id}`);

it("reads every operation of the API", () => {
  expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
    expect.arrayContaining([
      "GET /SecureBackendFunction",
      "POST /events",
      "GET /events/{id}",
      "GET /traffic",
      "GET /access-log",
    ]),
  );
});

it("reads parameters, scopes and examples", () => {
  const list = named("listEvents");
  expect(list.scopes).toEqual(["audit/read"]);
  expect(list.parameters.find(({ name }) => name === "outcome")?.options).toEqual(["success", "failure", "denied"]);
  const record = named("recordEvents");
  expect(record.parameters.find(({ in: at }) => at === "header")?.name).toBe("idempotency-key");
  expect(JSON.parse(record.examples[0]?.body ?? "").action).toBe("invoice.paid");
  expect(list.examples.find(({ name }) => name === "denied")).toEqual({
    name: "denied",
    summary: "What was denied",
    typed: { action: "invoice.*", outcome: "denied" },
    body: "",
  });
  expect(named("hello").scopes).toBeUndefined();
});

it("makes the request of what was typed, encoded", () => {
  expect(requestOf(named("getEvent"), { id: "a/b?c" }).target).toBe("/events/a%2Fb%3Fc");
  expect(requestOf(named("listEvents"), { actor: "user:ada&x=1", limit: "" }).target).toBe(
    "/events?actor=user%3Aada%26x%3D1",
  );
  expect(requestOf(named("recordEvents"), { "idempotency-key": "k" })).toEqual({
    target: "/events",
    headers: { "idempotency-key": "k" },
  });
});

it.each([[undefined], [null], ["<html>"], [{ paths: { "/x": { get: null } } }]])(
  "takes %j without an error",
  (given) => {
    expect(operationsOf(given).length).toBeLessThanOrEqual(1);
  },
);
