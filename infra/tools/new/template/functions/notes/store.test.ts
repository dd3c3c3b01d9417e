import { afterEach, beforeEach, expect, it } from "vitest";

import { FIELDS, OTHER_FIELDS } from "../../core/notes/docs";
import type { Note } from "../../core/notes/note";
import type { NoteStore } from "../../core/notes/store";
import { declaredTables } from "../test/declared-tables";
import { noteStore } from "./store";

let tables: Awaited<ReturnType<typeof declaredTables>>;
let store: NoteStore;
beforeEach(async () => {
  tables = await declaredTables();
  // #if tenant
  store = noteStore(tables.client, tables.nameOf("Notes"), "acme");
  // #else
  //: store = noteStore(tables.client, tables.nameOf("Notes"));
  // #endif
});
afterEach(() => tables.close());

const TIMES = { createdAt: "2026-11-23T09:30:00.000Z", updatedAt: "2026-11-23T09:30:00.000Z" };
const noteOf = (id: string, fields: typeof FIELDS | typeof OTHER_FIELDS = FIELDS): Note => ({
  id,
  ...fields,
  ...TIMES,
});

it("gets back what was added, without the keys of the table", async () => {
  expect(await store.add(noteOf("a"))).toBe(true);
  expect(await store.get("a")).toEqual(noteOf("a"));
  expect(await store.get("b")).toBeUndefined();
});

it("adds one note under an id, if ten come at once", async () => {
  const added = await Promise.all(Array.from({ length: 10 }, () => store.add(noteOf("a"))));
  expect(added.filter(Boolean)).toHaveLength(1);
  expect(await store.add(noteOf("a", OTHER_FIELDS))).toBe(false);
  expect(await store.get("a")).toEqual(noteOf("a"));
});

it("replaces a note as a whole, and adds none", async () => {
  expect(await store.replace(noteOf("a"))).toBe(false);
  expect(await store.get("a")).toBeUndefined();
  await store.add(noteOf("a", OTHER_FIELDS));
  expect(await store.replace(noteOf("a"))).toBe(true);
  expect(await store.get("a")).toEqual(noteOf("a"));
});

it("deletes a note once, and returns it", async () => {
  await store.add(noteOf("a"));
  expect(await store.delete("a")).toEqual(noteOf("a"));
  expect(await store.delete("a")).toBeUndefined();
  expect(await store.get("a")).toBeUndefined();
});

it("has pages in order, each from where the one before ended", async () => {
  for (const id of ["b", "d", "a", "c"]) await store.add(noteOf(id));
  const first = await store.page(2);
  const second = await store.page(2, first.readTo);
  const rest = second.readTo === undefined ? { notes: [] } : await store.page(2, second.readTo);
  const ids = [first, second, rest].map(({ notes }) => notes.map(({ id }) => id));
  // #if generated
  expect(ids).toEqual([["d", "c"], ["b", "a"], []]);
  // #else
  //: expect(ids).toEqual([["a", "b"], ["c", "d"], []]);
  // #endif
});
// #if tenant

it("keeps the notes of two tenants apart, also under the same id", async () => {
  const other = noteStore(tables.client, tables.nameOf("Notes"), "globex");
  await store.add(noteOf("a"));
  expect(await other.get("a")).toBeUndefined();
  expect(await other.page(10)).toEqual({ notes: [] });
  expect(await other.replace(noteOf("a", OTHER_FIELDS))).toBe(false);
  expect(await other.delete("a")).toBeUndefined();
  expect(await other.add(noteOf("a", OTHER_FIELDS))).toBe(true);
  expect(await store.get("a")).toEqual(noteOf("a"));
});
// #endif
