/// <reference path="../../../../../.sst/platform/config.d.ts" />
import { secureFunction } from "../../../../components";
import type { SecureApi } from "../../../../components/secure-api";

/** Declares the sample noun. The region becomes part of sst.config.ts. */
export async function declareNotes(api: SecureApi) {
  // #region config
  const { notesTable } = await import("./notes");
  const notes = secureFunction<typeof import("../functions/notes/handler")>("ManageNotes", {
    handler: "packages/functions/src/notes/handler.handler",
    description: "Creates, reads, replaces and deletes notes",
    uses: [notesTable().grant("NOTES_TABLE", ["PutItem", "GetItem", "Query", "DeleteItem"])],
  });
  api.serve(notes, {
    "POST /notes": "notes/write",
    "GET /notes": "notes/read",
    "GET /notes/{id}": "notes/read",
    "PUT /notes/{id}": "notes/write",
    "DELETE /notes/{id}": "notes/write",
  });
  // #endregion config
}
