import { readFileSync } from "node:fs";

import { OPERATIONS } from "@backend/core/operations";
import { expect, it } from "vitest";

import { operationsOf, requestOf } from "./openapi";

const documentAt = (file: string) => JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));
const operations = operationsOf(documentAt("../../../testing/recorded/openapi.json"));
const named = (id: string) => operations.find((operation) => operation.id === id) ?? expect.fail(`no ${id}`);

it("reads every operation of the API", () => {
  const committed = operationsOf(documentAt("../../../functions/src/openapi.json"));
  const keys = committed.map(({ method, path }) => `${method} ${path}`);
  expect(keys.sort()).toEqual(Object.keys(OPERATIONS).sort());
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
    summary: expect.any(String),
    typed: { action: "invoice.*", outcome: "denied" },
    body: "",
  });
  expect(named("hello").scopes).toBeUndefined();
});

const API = "http://127.0.0.1:3000/dev";

it("builds the request from the typed values, encoded", () => {
  const urlOf = (id: string, typed: Record<string, string>) => requestOf(named(id), typed, API);
  expect(urlOf("getEvent", { id: "a/b?c$&" }).url.href).toBe(`${API}/events/a%2Fb%3Fc%24%26`);
  expect(urlOf("listEvents", { actor: "user:ada&x=1", limit: "" }).url.href).toBe(
    `${API}/events?actor=user%3Aada%26x%3D1`,
  );
  const { url, headers } = urlOf("recordEvents", { "idempotency-key": "k" });
  expect([url.href, [...headers]]).toEqual([`${API}/events`, [["idempotency-key", "k"]]]);
});

it.each([
  ["getEvent", { id: ".." }, 'id: ".."'],
  ["getEvent", { id: "." }, 'id: "."'],
  ["getEvent", {}, "id is required"],
  ["recordEvents", { "idempotency-key": "ключ" }, "idempotency-key"],
  ["recordEvents", { "idempotency-key": "a\nb" }, "idempotency-key"],
])("names the value that cannot be sent to %s with %j", (id, typed, expected) => {
  expect(() => requestOf(named(id), typed as Record<string, string>, API)).toThrow(expected);
});

it.each([[undefined], [null], ["<html>"], [{ paths: { "/x": { get: null } } }]])(
  "reads %j without an error",
  (given) => {
    expect(operationsOf(given).length).toBeLessThanOrEqual(1);
  },
);
