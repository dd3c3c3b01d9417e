import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { idFactory } from "@backend/platform/id";
import { awsClientConfig, REQUEST_LIMITS } from "@backend/platform/lambda/aws-client";
import { variable } from "@backend/platform/lambda/environment";
import { implement, serve } from "@backend/platform/lambda/serve";

import * as notes from "../../core/notes/notes";
import * as operations from "../../core/notes/operations";
import type { NoteStore } from "../../core/notes/store";
import { noteStore } from "./store";

interface Dependencies extends Omit<notes.NoteDependencies, "store"> {
  // #if tenant
  /** Returns the store of a tenant. */
  storeOf(tenant: string): NoteStore;
  // #else
  //: store: NoteStore;
  // #endif
}

// #if tenant
export function manageNotes({ storeOf, ...others }: Dependencies) {
  // #else
  //: export function manageNotes({ store, ...others }: Dependencies) {
  // #endif
  return serve(
    implement(operations.createNote, async ({ body, caller }) => ({
      status: 201,
      body: await notes.createNote(body, { ...others, store: storeOf(caller.tenant) }),
    })),
    implement(operations.listNotes, async ({ query, caller }) => ({
      status: 200,
      body: await notes.listNotes(query, storeOf(caller.tenant)),
    })),
    implement(operations.getNote, async ({ path, caller }) => ({
      status: 200,
      body: await notes.getNote(path.id, storeOf(caller.tenant)),
    })),
    implement(operations.replaceNote, async ({ path, body, caller }) => ({
      status: 200,
      body: await notes.replaceNote(path.id, body, { ...others, store: storeOf(caller.tenant) }),
    })),
    implement(operations.deleteNote, async ({ path, caller }) => ({
      status: 200,
      body: await notes.deleteNote(path.id, storeOf(caller.tenant)),
    })),
  );
}

const client = new DynamoDBClient(awsClientConfig(REQUEST_LIMITS));
const table = variable("NOTES_TABLE");

export const handler = manageNotes({
  // #if tenant
  storeOf: (tenant) => noteStore(client, table, tenant),
  // #else
  //: store: noteStore(client, table),
  // #endif
  // #if generated
  newId: idFactory(),
  // #endif
  now: Date.now,
});
