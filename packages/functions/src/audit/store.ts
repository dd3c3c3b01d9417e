import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { AuditEvent, ListedAuditEvent } from "@backend/core/audit/event";
import { LISTED } from "@backend/core/audit/listed";
import type { AuditStore, Claim, IdRange, Partition, StorePage } from "@backend/core/audit/store";
import { AppError } from "@backend/platform/error";
import { dayOf } from "@backend/platform/id";

import { awsClientConfig, type CallLimits, orUnavailable, REQUEST_LIMITS } from "@backend/platform/lambda/aws-client";

type Item = Record<string, unknown>;

/** Returns a client that times out before the function does. */
export function tableClient(limits: CallLimits = REQUEST_LIMITS): DynamoDBClient {
  return new DynamoDBClient(awsClientConfig(limits));
}

/**
 * Stores the audit trail in DynamoDB. A partition is one day of one tenant, the sort key is the
 * event's id. Indexes project the fields of a list. Every key contains the tenant.
 */
export function auditStore(client: DynamoDBClient, TableName: string): AuditStore {
  return { put, get, claim, renew, page };

  async function put(event: AuditEvent, expiresAt: number): Promise<boolean> {
    const { tenant, id, actor, action } = event;
    const keys = {
      pk: `${tenant}#${dayOf(id)}`,
      sk: id,
      actorKey: `${tenant}#${actor.type}:${actor.id}`,
      actionKey: `${tenant}#${action}`,
    };
    return await putIf("attribute_not_exists(pk)", {}, { ...event, ...keys, expiresAt });
  }

  async function get(tenant: string, id: string): Promise<AuditEvent | undefined> {
    const item = await getItem(`${tenant}#${dayOf(id)}`, id);
    return item && eventIn(item);
  }

  async function claim(claimed: Claim, now: number): Promise<Claim | undefined> {
    const [pk, sk] = claimKey(claimed);
    const isFree = "attribute_not_exists(pk) OR expiresAt <= :now";
    for (let attempt = 0; attempt < 3; attempt++) {
      if (await putIf(isFree, { ":now": now }, { ...claimed, pk, sk })) return undefined;
      const existing = await getItem(pk, sk);
      if (existing !== undefined) return existing as unknown as Claim;
    }
    throw new AppError("unavailable", "store.unavailable", "Couldn't look up the Idempotency-Key. Try again.");
  }

  async function renew(claimed: Claim, previous: Claim): Promise<boolean> {
    const [pk, sk] = claimKey(claimed);
    return await putIf("expiresAt = :previous", { ":previous": previous.expiresAt }, { ...claimed, pk, sk });
  }

  async function page(
    partition: Partition,
    { lowest, highest }: IdRange,
    Limit: number,
    fields?: "all",
  ): Promise<StorePage> {
    const [IndexName, attribute, key] = keyOf(partition);
    const isWhole = fields === "all" && IndexName === undefined; // indexes have only the fields of a list
    const { Items = [], LastEvaluatedKey } = await send(
      client.send(
        new QueryCommand({
          TableName,
          ...(IndexName !== undefined && { IndexName }),
          KeyConditionExpression: `${attribute} = :key AND sk BETWEEN :lowest AND :highest`,
          ...(!isWhole && PROJECTION),
          ExpressionAttributeValues: marshall({ ":key": key, ":lowest": lowest, ":highest": highest }),
          ScanIndexForward: false,
          Limit,
        }),
      ),
    );
    const events = Items.map((item) => (isWhole ? eventIn(unmarshall(item)) : (unmarshall(item) as ListedAuditEvent)));
    return { events, ...(LastEvaluatedKey?.sk?.S !== undefined && { readTo: LastEvaluatedKey.sk.S }) };
  }

  async function putIf(ConditionExpression: string, values: Item, item: Item): Promise<boolean> {
    const input = {
      TableName,
      Item: marshall(item),
      ConditionExpression,
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: marshall(values) }),
    };
    try {
      await send(client.send(new PutItemCommand(input)));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async function getItem(pk: string, sk: string): Promise<Item | undefined> {
    const Key = marshall({ pk, sk });
    const { Item: found } = await send(client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true })));
    return found && unmarshall(found);
  }
}

const PROJECTION = {
  ProjectionExpression: LISTED.map((_name, index) => `#${index}`).join(", "),
  ExpressionAttributeNames: Object.fromEntries(LISTED.map((name, index) => [`#${index}`, name])),
};

function eventIn({ pk, sk, actorKey, actionKey, expiresAt, ...event }: Item): AuditEvent {
  return event as AuditEvent;
}

function claimKey({ tenant, key }: Claim): [pk: string, sk: string] {
  return [`${tenant}#idempotency#${key}`, "idempotency"];
}

function keyOf(partition: Partition): [index: string | undefined, attribute: string, key: string] {
  const { tenant } = partition;
  if ("actor" in partition) return ["byActor", "actorKey", `${tenant}#${partition.actor}`];
  if ("action" in partition) return ["byAction", "actionKey", `${tenant}#${partition.action}`];
  return [undefined, "pk", `${tenant}#${partition.day}`];
}

function send<T>(call: Promise<T>): Promise<T> {
  return orUnavailable("The audit trail", call);
}
