import { Id, Integer, PageLimit, Text, Timestamp } from "@backend/platform/fields";
import * as z from "zod/mini";

/** The fields of a note that callers may set. */
export const NoteFields = z.strictObject({
  // #region fields
  title: Text,
  priority: Integer,
  dueAt: z.optional(Timestamp),
  // #endregion fields
});
export type NoteFields = z.output<typeof NoteFields>;

// #if key
//: /** A note as callers create it. Its key can't be changed. */
//: export const NewNote = z.strictObject({ id: Key, ...NoteFields.shape });
//: export type NewNote = z.output<typeof NewNote>;
//:
// #endif
/** A stored note. `createdAt` and `updatedAt` are server times. */
export const Note = z.object({
  id: Id,
  ...NoteFields.shape,
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type Note = z.output<typeof Note>;

export const NotePath = z.object({ id: Id });

export const NoteQuery = z.strictObject({ limit: z.optional(PageLimit), cursor: z.optional(Id) });
export type NoteQuery = z.output<typeof NoteQuery>;

/** A page of notes. The last page has no `cursor`; a page before it may have no notes. */
export const NotePage = z.object({ items: z.array(Note), cursor: z.optional(z.string()) });
export type NotePage = z.output<typeof NotePage>;
