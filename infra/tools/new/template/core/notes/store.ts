import type { Note } from "./note";

// #if tenant
/** Where the notes of one tenant are kept. */
// #else
//: /** Where notes are kept. */
// #endif
export interface NoteStore {
  /** Adds a note. Returns false if there is one with its id. */
  add(note: Note): Promise<boolean>;
  get(id: string): Promise<Note | undefined>;
  /** Replaces the note that has the same id. Returns false if there is none. */
  replace(note: Note): Promise<boolean>;
  /** Returns the deleted note, or undefined if there was none. */
  delete(id: string): Promise<Note | undefined>;
  // #if generated
  /** Returns at most `limit` notes, newest first: those before the note `after`. */
  // #else
  //: /** Returns at most `limit` notes in the order of their keys: those behind the note `after`. */
  // #endif
  page(limit: number, after?: string): Promise<StorePage>;
}

export interface StorePage {
  notes: Note[];
  /** The id of the last note, if there may be more. */
  readTo?: string;
}
