import { idFactory } from "@backend/platform/id";
import { lambdaContext } from "@backend/testing/event";
import { type RouteRequest, routeEvent } from "@backend/testing/route-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

// #if generated
import { FIELDS, NOTE_DOCS, OTHER_FIELDS } from "../../core/notes/docs";
// #else
//: import { FIELDS, NEW, NOTE_DOCS, OTHER_FIELDS } from "../../core/notes/docs";
// #endif
import { memoryStore } from "../../core/notes/memory-store";

vi.hoisted(() => Object.assign(process.env, { NOTES_TABLE: "notes", AWS_REGION: "eu-west-1" }));
const { manageNotes } = await import("./handler");

const PERSON = {
  ...{ token_use: "access", sub: "ada", username: "ada", client_id: "web", scope: "notes/write notes/read" },
  // #if tenant
  "cognito:groups": "[notes tenant:acme]",
  // #else
  //: "cognito:groups": "[notes]",
  // #endif
};
const MACHINE = {
  ...{ token_use: "access", sub: "billing", client_id: "billing" },
  // #if tenant
  scope: "notes/write notes/read tenant/acme",
  // #else
  //: scope: "notes/write notes/read",
  // #endif
};

let handler: ReturnType<typeof manageNotes>;
beforeEach(() => {
  // #if tenant
  const stores = new Map([
    ["acme", memoryStore()],
    ["globex", memoryStore()],
  ]);
  const storeOf = (tenant: string) => stores.get(tenant) ?? memoryStore();
  // #else
  //: const store = memoryStore();
  // #endif
  // #if tenant generated
  handler = manageNotes({ storeOf, newId: idFactory(), now: Date.now });
  // #endif
  // #if tenant key
  //: handler = manageNotes({ storeOf, now: Date.now });
  // #endif
  // #if shared generated
  //: handler = manageNotes({ store, newId: idFactory(), now: Date.now });
  // #endif
  // #if shared key
  //: handler = manageNotes({ store, now: Date.now });
  // #endif
  vi.spyOn(console, "info").mockImplementation(() => {});
});

async function call(routeKey: string, request: RouteRequest) {
  const { statusCode, body = "null" } = await handler(routeEvent(routeKey, request), lambdaContext);
  return { status: statusCode, body: JSON.parse(body) };
}

// #if generated
const create = (as: Record<string, string>) => call("POST /notes", { as, body: FIELDS });
// #else
//: const create = (as: Record<string, string>) => call("POST /notes", { as, body: NEW });
// #endif

describe("every example of the documentation", () => {
  const examples = NOTE_DOCS.flatMap(({ key, examples }) => Object.values(examples).map((one) => ({ key, ...one })));

  it.each(examples)("$key: $summary returns $status", async ({ key, summary, status, ...request }) => {
    expect((await call(key, { as: PERSON, ...request })).status).toBe(status);
  });
});

describe.each([
  ["a person in the group", PERSON],
  ["a machine client", MACHINE],
])("%s", (_caller, as) => {
  it("creates, lists, gets, replaces and deletes a note", async () => {
    const { status, body: note } = await create(as);
    expect([status, note]).toEqual([201, expect.objectContaining(FIELDS)]);
    const path = { id: note.id };
    expect(await call("GET /notes", { as })).toEqual({ status: 200, body: { items: [note] } });
    expect(await call("GET /notes/{id}", { as, path })).toEqual({ status: 200, body: note });

    const { body: replaced } = await call("PUT /notes/{id}", { as, path, body: OTHER_FIELDS });
    expect(replaced).toEqual({ ...note, ...OTHER_FIELDS, updatedAt: replaced.updatedAt });
    expect(await call("DELETE /notes/{id}", { as, path })).toEqual({ status: 200, body: replaced });
    expect((await call("GET /notes/{id}", { as, path })).status).toBe(404);
  });
});

it("lets a person outside the group only read", async () => {
  const { body: note } = await create(PERSON);
  // #if tenant
  const as = { ...PERSON, "cognito:groups": "[tenant:acme]" };
  // #else
  //: const as = { ...PERSON, "cognito:groups": "[]" };
  // #endif
  const path = { id: note.id };
  expect((await create(as)).status).toBe(403);
  expect((await call("PUT /notes/{id}", { as, path, body: OTHER_FIELDS })).status).toBe(403);
  expect((await call("DELETE /notes/{id}", { as, path })).status).toBe(403);
  expect(await call("GET /notes/{id}", { as, path })).toEqual({ status: 200, body: note });
});
// #if tenant

it("hides the notes of one tenant from another", async () => {
  const { body: note } = await create(PERSON);
  const as = { ...PERSON, "cognito:groups": "[notes tenant:globex]" };
  const path = { id: note.id };
  expect((await call("GET /notes", { as })).body).toEqual({ items: [] });
  expect((await call("GET /notes/{id}", { as, path })).status).toBe(404);
  expect((await call("PUT /notes/{id}", { as, path, body: OTHER_FIELDS })).status).toBe(404);
  expect((await call("DELETE /notes/{id}", { as, path })).status).toBe(404);
});
// #endif
// #if key

//: it("returns 409 if the key is in use", async () => {
//:   await create(PERSON);
//:   expect((await create(PERSON)).status).toBe(409);
//: });
// #endif

it.each(["..", "a/b", " ", "x".repeat(2000)])("returns 400 for the invalid id %j", async (id) => {
  expect((await call("GET /notes/{id}", { as: PERSON, path: { id } })).status).toBe(400);
});
