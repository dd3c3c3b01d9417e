import { operation } from "../permissions";
// #if generated
import { Note, NoteFields, NotePage, NotePath, NoteQuery } from "./note";
// #else
//: import { NewNote, Note, NoteFields, NotePage, NotePath, NoteQuery } from "./note";
// #endif

export const createNote = /* @__PURE__ */ operation("POST /notes", {
  id: "createNote",
  permission: "notes/write",
  metered: true,
  // #if generated
  body: NoteFields,
  answers: { 201: Note, 400: "problem", 403: "problem", 413: "problem", 415: "problem", 503: "problem" },
  // #else
  //: body: NewNote,
  //: answers: {
  //:   201: Note,
  //:   400: "problem",
  //:   403: "problem",
  //:   409: "problem",
  //:   413: "problem",
  //:   415: "problem",
  //:   503: "problem",
  //: },
  // #endif
});

export const listNotes = /* @__PURE__ */ operation("GET /notes", {
  id: "listNotes",
  permission: "notes/read",
  query: NoteQuery,
  answers: { 200: NotePage, 400: "problem", 403: "problem", 503: "problem" },
});

export const getNote = /* @__PURE__ */ operation("GET /notes/{id}", {
  id: "getNote",
  permission: "notes/read",
  path: NotePath,
  answers: { 200: Note, 400: "problem", 403: "problem", 404: "problem", 503: "problem" },
});

export const replaceNote = /* @__PURE__ */ operation("PUT /notes/{id}", {
  id: "replaceNote",
  permission: "notes/write",
  path: NotePath,
  body: NoteFields,
  answers: {
    200: Note,
    400: "problem",
    403: "problem",
    404: "problem",
    413: "problem",
    415: "problem",
    503: "problem",
  },
});

export const deleteNote = /* @__PURE__ */ operation("DELETE /notes/{id}", {
  id: "deleteNote",
  permission: "notes/write",
  path: NotePath,
  answers: { 200: Note, 400: "problem", 403: "problem", 404: "problem", 503: "problem" },
});
