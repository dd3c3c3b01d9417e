import type { Note } from "./note";

// #if tenant
/** Stores the notes of one tenant. */
// #else
//: /** Stores notes. */
// #endif
export interface NoteStore {
  /** Adds a note. Returns false if its id is in use. */
  add(note: Note): Promise<boolean>;
  get(id: string): Promise<Note | undefined>;
  /** Replaces the note with the same id. Returns false if there isn't one. */
  replace(note: Note): Promise<boolean>;
  /** Deletes a note, and returns it. Returns undefined if there wasn't one. */
  delete(id: string): Promise<Note | undefined>;
  // #if generated
  /** Returns at most `limit` notes, newest first, starting after the note `after`. */
  // #else
  //: /** Returns at most `limit` notes in the order of their keys, starting after the note `after`. */
  // #endif
  page(limit: number, after?: string): Promise<StorePage>;
}

export interface StorePage {
  notes: Note[];
  /** The id of the last note, if there may be more. */
  readTo?: string;
}
