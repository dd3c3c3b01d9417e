import { document, REFUSED } from "@backend/platform/api/document";
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
const REFUSALS = {
  400: "The request is not valid; `errors` points at each part that is wrong",
  403: REFUSED,
  503: "The notes cannot be reached: try again",
};
const BODY_REFUSALS = {
  ...REFUSALS,
  413: "The body is larger than 64 KB",
  415: "The body is not `application/json`",
};
const MISSING = { 404: "There is no note with this id" };

/** Texts and examples of the operations, for OpenAPI and tests. */
export const NOTE_DOCS = [
  document(createNote, {
    summary: "Create a note",
    // #if generated
    answers: { 201: "The note, with its new id", ...BODY_REFUSALS },
    examples: {
      one: { summary: "A note", body: FIELDS, status: 201 },
      unknown: { summary: "An unknown property", body: { ...FIELDS, unknown: true }, status: 400 },
    },
    // #else
    //: answers: { 201: "The note", 409: "A note with this id exists", ...BODY_REFUSALS },
    //: examples: {
    //:   one: { summary: "A note", body: NEW, status: 201 },
    //:   unknown: { summary: "An unknown property", body: { ...NEW, unknown: true }, status: 400 },
    //: },
    // #endif
  }),
  document(listNotes, {
    // #if generated
    summary: "List notes, newest first",
    // #else
    //: summary: "List notes in the order of their keys",
    // #endif
    answers: { 200: "A page of notes", ...REFUSALS },
    examples: {
      first: { summary: "The first page", query: { limit: "10" }, status: 200 },
      unknown: { summary: "An unknown parameter", query: { sort: "title" }, status: 400 },
    },
  }),
  document(getNote, {
    summary: "Get a note",
    path: { id: "Id of the note" },
    answers: { 200: "The note", ...REFUSALS, ...MISSING },
    examples: { missing: { summary: "An id of no note", path, status: 404 } },
  }),
  document(replaceNote, {
    summary: "Replace a note",
    description: "Sets all fields: an optional field that the body does not have is removed.",
    path: { id: "Id of the note" },
    answers: { 200: "The note as it is now", ...BODY_REFUSALS, ...MISSING },
    examples: { missing: { summary: "An id of no note", path, body: OTHER_FIELDS, status: 404 } },
  }),
  document(deleteNote, {
    summary: "Delete a note",
    path: { id: "Id of the note" },
    answers: { 200: "The note as it was", ...REFUSALS, ...MISSING },
    examples: { missing: { summary: "An id of no note", path, status: 404 } },
  }),
];

nameSchema(NoteFields, "NoteFields", "The fields of a note.");
// #if key
//: nameSchema(NewNote, "NewNote", "A note as it is created.");
// #endif
nameSchema(Note, "Note", "A note as it is stored. `createdAt` and `updatedAt` are by the server's clock.");
nameSchema(NotePage, "NotePage", "There are more notes as long as there is a `cursor`, even if `items` is empty.");
describeParameters(NoteQuery.shape, {
  limit: "Items that the page may have: 1 to 100, by default 50.",
  cursor: "The `cursor` of the page before.",
});
