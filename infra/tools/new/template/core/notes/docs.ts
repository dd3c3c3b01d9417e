import { document, FORBIDDEN } from "@backend/platform/api/document";
import { describeParameters, nameSchema } from "@backend/platform/api/schemas";

// #if generated
import { Note, NoteFields, NotePage, NoteQuery } from "./note";
// #else
//: import { NewNote, Note, NoteFields, NotePage, NoteQuery } from "./note";
// #endif
import { createNote, deleteNote, getNote, listNotes, replaceNote } from "./operations";

/** Fields of a note, for examples and tests. */
export const FIELDS = {
  // #region example
  title: "A title",
  priority: 3,
  // #endregion example
};
export const OTHER_FIELDS = {
  // #region other
  title: "Another title",
  priority: 4,
  dueAt: "2026-11-24T18:00:00Z",
  // #endregion other
};
// #if key
//: export const NEW = { id: "KEY", ...FIELDS };
// #endif

// #if generated
const path = { id: "01KAR9Z0000000000000000000" };
// #else
//: const path = { id: "unknown" };
// #endif
const ERRORS = {
  400: "Invalid request; `errors` lists each problem",
  403: FORBIDDEN,
  503: "The notes are unavailable; try again",
};
const BODY_ERRORS = {
  ...ERRORS,
  413: "The body is larger than 64 KB",
  415: "The body is not `application/json`",
};
const NOT_FOUND = { 404: "No note has this id" };

/** Texts and examples of the operations, for OpenAPI and tests. */
export const NOTE_DOCS = [
  document(createNote, {
    summary: "Create a note",
    // #if generated
    answers: { 201: "The note, with its new id", ...BODY_ERRORS },
    examples: {
      one: { summary: "A note", body: FIELDS, status: 201 },
      unknown: { summary: "Unknown field", body: { ...FIELDS, unknown: true }, status: 400 },
    },
    // #else
    //: answers: { 201: "The note", 409: "A note with this id already exists", ...BODY_ERRORS },
    //: examples: {
    //:   one: { summary: "A note", body: NEW, status: 201 },
    //:   unknown: { summary: "Unknown field", body: { ...NEW, unknown: true }, status: 400 },
    //: },
    // #endif
  }),
  document(listNotes, {
    // #if generated
    summary: "List notes, newest first",
    // #else
    //: summary: "List notes in the order of their keys",
    // #endif
    answers: { 200: "A page of notes", ...ERRORS },
    examples: {
      first: { summary: "First page", query: { limit: "10" }, status: 200 },
      unknown: { summary: "Unknown parameter", query: { sort: "title" }, status: 400 },
    },
  }),
  document(getNote, {
    summary: "Get a note",
    path: { id: "Id of the note" },
    answers: { 200: "The note", ...ERRORS, ...NOT_FOUND },
    examples: { missing: { summary: "Unknown id", path, status: 404 } },
  }),
  document(replaceNote, {
    summary: "Replace a note",
    description: "Sets all fields. Optional fields that are missing in the body are removed.",
    path: { id: "Id of the note" },
    answers: { 200: "The new note", ...BODY_ERRORS, ...NOT_FOUND },
    examples: { missing: { summary: "Unknown id", path, body: OTHER_FIELDS, status: 404 } },
  }),
  document(deleteNote, {
    summary: "Delete a note",
    path: { id: "Id of the note" },
    answers: { 200: "The deleted note", ...ERRORS, ...NOT_FOUND },
    examples: { missing: { summary: "Unknown id", path, status: 404 } },
  }),
];

nameSchema(NoteFields, "NoteFields", "The fields of a note.");
// #if key
//: nameSchema(NewNote, "NewNote", "A new note.");
// #endif
nameSchema(Note, "Note", "A stored note. `createdAt` and `updatedAt` are server times.");
nameSchema(NotePage, "NotePage", "If there is a `cursor`, there may be more notes, even if `items` is empty.");
describeParameters(NoteQuery.shape, {
  limit: "Page size, 1–100. Default: 50.",
  cursor: "Cursor of the previous page.",
});
