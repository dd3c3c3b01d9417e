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
//: /** A note as callers create it. Its key never changes. */
//: export const NewNote = z.strictObject({ id: Key, ...NoteFields.shape });
//: export type NewNote = z.output<typeof NewNote>;
//:
// #endif
/** A note as it is stored. `createdAt` and `updatedAt` are by the server's clock. */
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

/** A page of notes. `cursor` leads to the next page, which may be empty; the last page has none. */
export const NotePage = z.object({ items: z.array(Note), cursor: z.optional(z.string()) });
export type NotePage = z.output<typeof NotePage>;
