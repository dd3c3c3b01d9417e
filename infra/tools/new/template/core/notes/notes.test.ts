import { idFactory } from "@backend/platform/id";
import { parse } from "@backend/platform/input";
import { beforeEach, describe, expect, it } from "vitest";

import { FIELDS, OTHER_FIELDS } from "./docs";
import { memoryStore } from "./memory-store";
import { type Note, NoteFields } from "./note";
import { createNote, deleteNote, getNote, listNotes, replaceNote } from "./notes";
import type { NoteStore } from "./store";

const NOW = Date.parse("2026-11-23T09:30:00.000Z");

let now: number;
let store: NoteStore;
beforeEach(() => {
  now = NOW;
  store = memoryStore();
});
// #if generated
const newId = idFactory();
const dependencies = () => ({ store, newId, now: () => now });
const create = async (): Promise<Note> => await createNote(FIELDS, dependencies());
// #else
//: const dependencies = () => ({ store, now: () => now });
//: let created = 0;
//: const create = async (): Promise<Note> => await createNote({ id: `key-${created++}`, ...FIELDS }, dependencies());
// #endif
const NOT_FOUND = { kind: "not-found", code: "notes.not-found" };

describe("a note", () => {
  it("is stored with its fields and the time", async () => {
    const note = await create();
    const time = "2026-11-23T09:30:00.000Z";
    expect(note).toEqual({ id: note.id, ...FIELDS, createdAt: time, updatedAt: time });
    expect(await getNote(note.id, store)).toEqual(note);
  });

  it("has new fields after a replacement, and keeps its id and creation time", async () => {
    const { id, createdAt } = await create();
    now += 1000;
    const replaced = await replaceNote(id, OTHER_FIELDS, dependencies());
    expect(replaced).toEqual({ id, ...OTHER_FIELDS, createdAt, updatedAt: "2026-11-23T09:30:01.000Z" });
    expect(await getNote(id, store)).toEqual(replaced);
  });

  it("is not found after it was deleted", async () => {
    const note = await create();
    expect(await deleteNote(note.id, store)).toEqual(note);
    await expect(getNote(note.id, store)).rejects.toMatchObject(NOT_FOUND);
    await expect(deleteNote(note.id, store)).rejects.toMatchObject(NOT_FOUND);
    await expect(replaceNote(note.id, FIELDS, dependencies())).rejects.toMatchObject(NOT_FOUND);
  });

  it("is not found if somebody deletes it during a replacement", async () => {
    const { id } = await create();
    const racing = { ...store, replace: async () => false };
    await expect(replaceNote(id, FIELDS, { ...dependencies(), store: racing })).rejects.toMatchObject(NOT_FOUND);
  });

  // #if generated
  it("with an id that is in use is not stored, and the caller can retry", async () => {
    const { id } = await create();
    const again = { ...dependencies(), newId: () => id };
    await expect(createNote(OTHER_FIELDS, again)).rejects.toMatchObject({ kind: "unavailable" });
    expect(await getNote(id, store)).toMatchObject(FIELDS);
  });
  // #else
  //: it("with a key that is in use is rejected, and the existing one is unchanged", async () => {
  //:   const { id } = await create();
  //:   const again = createNote({ id, ...OTHER_FIELDS }, dependencies());
  //:   await expect(again).rejects.toMatchObject({ kind: "conflict", code: "notes.exists" });
  //:   expect(await getNote(id, store)).toMatchObject(FIELDS);
  //: });
  // #endif
});

describe("the fields of a note", () => {
  it("accept the examples", () => {
    for (const fields of [FIELDS, OTHER_FIELDS]) expect(parse(NoteFields, fields)).toEqual(fields);
  });

  it.each<[name: string, value: unknown]>([
    // #region wrong
    ["title", ""],
    ["title", 7],
    ["priority", 1.5],
    ["dueAt", "tomorrow"],
    // #endregion wrong
  ])("reject %s %j", (name, value) => {
    const errors = [expect.objectContaining({ pointer: `/${name}` })];
    expect(() => parse(NoteFields, { ...FIELDS, [name]: value })).toThrow(expect.objectContaining({ errors }));
  });

  it.each(["id", "tenant", "createdAt", "updatedAt", "pk"])("reject %s, which callers cannot set", (name) => {
    expect(() => parse(NoteFields, { ...FIELDS, [name]: "x" })).toThrow("is not a known property");
  });
});

describe("a list", () => {
  // #if generated
  it("has the newest note first", async () => {
    const ids = [(await create()).id, (await create()).id];
    expect((await listNotes({}, store)).items.map(({ id }) => id)).toEqual(ids.toReversed());
  });
  // #else
  //: it("is in the order of the keys", async () => {
  //:   for (const id of ["b", "a", "c"]) await createNote({ id, ...FIELDS }, dependencies());
  //:   expect((await listNotes({}, store)).items.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  //: });
  // #endif

  it.each([
    [{}, [50, 1]],
    [{ limit: "20" }, [20, 20, 11]],
    [{ limit: "51" }, [51]],
  ])("of 51 notes returns each note once, in pages (%j)", async (query, sizes) => {
    const ids = [];
    for (let n = 0; n < 51; n++) ids.push((await create()).id);
    const pages = [];
    let cursor: string | undefined;
    do {
      const page = await listNotes({ ...query, ...(cursor !== undefined && { cursor }) }, store);
      pages.push(page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(pages.map(({ length }) => length)).toEqual(sizes);
    expect(new Set(pages.flat().map(({ id }) => id))).toEqual(new Set(ids));
  });
});
