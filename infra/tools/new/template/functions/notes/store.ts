import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { orUnavailable } from "@backend/platform/lambda/aws-client";

import type { Note } from "../../core/notes/note";
import type { NoteStore } from "../../core/notes/store";

// #if tenant
/**
 * Stores the notes of a tenant in DynamoDB. The tenant is the partition key, so no call can reach
 * another tenant's notes. A partition handles 1,000 writes and 3,000 reads per second:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 */
export function noteStore(client: DynamoDBClient, TableName: string, tenant: string): NoteStore {
  const keyOf = (id: string) => ({ pk: tenant, sk: id });
  // #else
  //: /**
  //:  * Stores notes in DynamoDB, in one partition. It handles 1,000 writes and 3,000 reads per second:
  //:  * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
  //:  */
  //: export function noteStore(client: DynamoDBClient, TableName: string): NoteStore {
  //:   const keyOf = (id: string) => ({ pk: "notes", sk: id });
  // #endif
  return {
    add: async (note) => await put(note, "attribute_not_exists(pk)"),
    replace: async (note) => await put(note, "attribute_exists(pk)"),
    get,
    delete: remove,
    page,
  };

  async function put(note: Note, ConditionExpression: string): Promise<boolean> {
    const input = { TableName, Item: marshall({ ...note, ...keyOf(note.id) }), ConditionExpression };
    try {
      await send(client.send(new PutItemCommand(input)));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async function get(id: string): Promise<Note | undefined> {
    const input = { TableName, Key: marshall(keyOf(id)), ConsistentRead: true };
    const { Item: found } = await send(client.send(new GetItemCommand(input)));
    return found && noteIn(unmarshall(found));
  }

  async function remove(id: string): Promise<Note | undefined> {
    const input = { TableName, Key: marshall(keyOf(id)), ReturnValues: "ALL_OLD" as const };
    const { Attributes: found } = await send(client.send(new DeleteItemCommand(input)));
    return found && noteIn(unmarshall(found));
  }

  async function page(Limit: number, after?: string) {
    const { pk } = keyOf("");
    const { Items: found = [], LastEvaluatedKey } = await send(
      client.send(
        new QueryCommand({
          TableName,
          // #if generated
          KeyConditionExpression: after === undefined ? "pk = :pk" : "pk = :pk AND sk < :after",
          // #else
          //: KeyConditionExpression: after === undefined ? "pk = :pk" : "pk = :pk AND sk > :after",
          // #endif
          ExpressionAttributeValues: marshall({ ":pk": pk, ...(after !== undefined && { ":after": after }) }),
          // #if generated
          ScanIndexForward: false,
          // #endif
          ConsistentRead: true,
          Limit,
        }),
      ),
    );
    const notes = found.map((item) => noteIn(unmarshall(item)));
    return { notes, ...(LastEvaluatedKey?.sk?.S !== undefined && { readTo: LastEvaluatedKey.sk.S }) };
  }
}

function noteIn({ pk, sk, ...note }: Record<string, unknown>): Note {
  return note as Note;
}

function send<T>(call: Promise<T>): Promise<T> {
  return orUnavailable("The notes", call);
}
