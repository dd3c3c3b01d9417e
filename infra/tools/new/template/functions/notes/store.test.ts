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

it("returns an added note without the table's keys", async () => {
  expect(await store.add(noteOf("a"))).toBe(true);
  expect(await store.get("a")).toEqual(noteOf("a"));
  expect(await store.get("b")).toBeUndefined();
});

it("adds one note if ten with the same id arrive at once", async () => {
  const added = await Promise.all(Array.from({ length: 10 }, () => store.add(noteOf("a"))));
  expect(added.filter(Boolean)).toHaveLength(1);
  expect(await store.add(noteOf("a", OTHER_FIELDS))).toBe(false);
  expect(await store.get("a")).toEqual(noteOf("a"));
});

it("replaces all fields of a note, and never adds one", async () => {
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

it("returns pages in order, each after the previous one", async () => {
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

it("separates the notes of two tenants, even with the same id", async () => {
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
