import { AppError } from "@backend/platform/error";
import type { NewId } from "@backend/platform/id";

// #if generated
import type { Note, NoteFields, NotePage, NoteQuery } from "./note";
// #else
//: import type { NewNote, Note, NoteFields, NotePage, NoteQuery } from "./note";
// #endif
import type { NoteStore } from "./store";

const DEFAULT_LIMIT = 50;

export interface NoteDependencies {
  store: NoteStore;
  // #if generated
  newId: NewId;
  // #endif
  /** Epoch milliseconds. */
  now: () => number;
}

// #if generated
export async function createNote(body: NoteFields, { store, newId, now }: NoteDependencies): Promise<Note> {
  const time = now();
  const createdAt = new Date(time).toISOString();
  const note: Note = { id: newId(time), ...body, createdAt, updatedAt: createdAt };
  if (await store.add(note)) return note;
  throw new AppError("unavailable", "store.unavailable", "The new id is in use. Try again.");
}
// #else
//: /** @throws AppError of kind `conflict` if the key is in use */
//: export async function createNote(body: NewNote, { store, now }: NoteDependencies): Promise<Note> {
//:   const createdAt = new Date(now()).toISOString();
//:   const note: Note = { ...body, createdAt, updatedAt: createdAt };
//:   if (await store.add(note)) return note;
//:   const exists = `A note with the id "${body.id}" already exists. Replace it, or choose another id.`;
//:   throw new AppError("conflict", "notes.exists", exists);
//: }
// #endif

// #if generated
/** Returns a page, newest first. */
// #else
//: /** Returns a page in the order of the keys. */
// #endif
export async function listNotes({ limit, cursor }: NoteQuery, store: NoteStore): Promise<NotePage> {
  const { notes, readTo } = await store.page(Number(limit ?? DEFAULT_LIMIT), cursor);
  return { items: notes, ...(readTo !== undefined && { cursor: readTo }) };
}

/** @throws AppError of kind `not-found` */
export async function getNote(id: string, store: NoteStore): Promise<Note> {
  return (await store.get(id)) ?? notFound(id);
}

/**
 * Replaces all fields of a note. If two callers replace it at once, the last one wins.
 *
 * @throws AppError of kind `not-found`
 */
export async function replaceNote(
  id: string,
  body: NoteFields,
  { store, now }: Pick<NoteDependencies, "store" | "now">,
): Promise<Note> {
  const { createdAt } = await getNote(id, store);
  const note: Note = { id, ...body, createdAt, updatedAt: new Date(now()).toISOString() };
  return (await store.replace(note)) ? note : notFound(id);
}

/**
 * Deletes a note, and returns it.
 *
 * @throws AppError of kind `not-found`
 */
export async function deleteNote(id: string, store: NoteStore): Promise<Note> {
  return (await store.delete(id)) ?? notFound(id);
}

function notFound(id: string): never {
  throw new AppError("not-found", "notes.not-found", `There is no note with the id "${id}".`);
}
