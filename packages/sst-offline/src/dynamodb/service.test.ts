// Expected values come from AWS's documentation, or were recorded by tests that run against AWS:
// https://github.com/paritysuite/dynamodb-conformance
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { crc32 } from "node:zlib";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { AwsError } from "../kit/aws-call";
import { createDynamoDb } from "./service";
import { openTables, type TableStore } from "./store";
import type { TableDeclaration } from "./table";

const ACCOUNT = "arn:aws:dynamodb:eu-west-1:000000000000";
const folder = mkdtempSync(path.join(tmpdir(), "dynamodb-"));
const notices: string[] = [];

const hash = (name: string) => [{ AttributeName: name, KeyType: "HASH" }];
const range = (name: string) => [{ AttributeName: name, KeyType: "RANGE" }];
const definitions = (types: Record<string, string>) =>
  Object.entries(types).map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));
const declare = (name: string, create: object, more: Partial<TableDeclaration> = {}): [string, TableDeclaration] => [
  name,
  {
    name,
    arn: `${ACCOUNT}:table/${name}`,
    create: { TableName: name, BillingMode: "PAY_PER_REQUEST", ...create },
    digest: "1",
    timeToLive: undefined,
    hasPointInTimeRecovery: false,
    tags: {},
    ...more,
  },
];
const index = (IndexName: string, KeySchema: object[]) => ({
  IndexName,
  KeySchema,
  Projection: { ProjectionType: "ALL" },
});

const tables = new Map([
  declare("Things", {
    AttributeDefinitions: definitions({ pk: "S", owner: "S", digest: "B", rank: "N" }),
    KeySchema: hash("pk"),
    GlobalSecondaryIndexes: [index("byOwner", [...hash("owner"), ...range("rank")]), index("byDigest", hash("digest"))],
  }),
  declare(
    "Events",
    {
      AttributeDefinitions: definitions({ pk: "S", sk: "S", at: "S" }),
      KeySchema: [...hash("pk"), ...range("sk")],
      LocalSecondaryIndexes: [index("byTime", [...hash("pk"), ...range("at")])],
    },
    { timeToLive: "expiresAt", hasPointInTimeRecovery: true, tags: { team: "a" } },
  ),
  declare("Blobs", { AttributeDefinitions: definitions({ pk: "B" }), KeySchema: hash("pk") }),
  declare("Numbers", { AttributeDefinitions: definitions({ pk: "N" }), KeySchema: hash("pk") }),
]);

let store: TableStore;
let handle: ReturnType<typeof createDynamoDb>;

beforeAll(() => {
  store = openTables(folder, "eu-west-1", (text) => notices.push(text));
  handle = createDynamoDb(tables, store);
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

// biome-ignore lint/suspicious/noExplicitAny: a response has the form that the test expects
async function call(operation: string, input: object): Promise<any> {
  const body = JSON.stringify(input);
  try {
    const answer = await handle({ service: "dynamodb", operation, body, input: JSON.parse(body) });
    return { status: answer.status, headers: answer.headers, text: answer.body, ...JSON.parse(answer.body) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { status: error.status, __type: error.type, message: error.message };
  }
}
const typeOf = ({ __type = "" }) => String(__type).split("#")[1];
const put = (TableName: string, Item: object, more: object = {}) => call("PutItem", { TableName, Item, ...more });
const get = async (TableName: string, Key: object) => (await call("GetItem", { TableName, Key })).Item;

describe("an expression for which dynalite's parser never ends", () => {
  const Key = { pk: { S: "x" } };
  it.each<[string, object]>([
    ["Query", { KeyConditionExpression: "((((((((((" }],
    [
      "Query",
      { KeyConditionExpression: "pk = :p", FilterExpression: "((((((((", ExpressionAttributeValues: { ":p": Key.pk } },
    ],
    ["Scan", { FilterExpression: "((((((((((((((((((((" }],
    ["PutItem", { Item: Key, ConditionExpression: "(((((((((((((((" }],
    ["DeleteItem", { Key, ConditionExpression: "NOT (((((((((((((((" }],
    ["UpdateItem", { Key, UpdateExpression: "SET a = ((((((((((((" }],
    [
      "UpdateItem",
      { Key, UpdateExpression: "SET a = b", ConditionExpression: "size(size(size(size(size(size(size(size(" },
    ],
    ["GetItem", { Key, ProjectionExpression: "((((((((((((" }],
  ])("is a ValidationException of %s", async (operation, input) => {
    const answer = await call(operation, { TableName: "Things", ...input });
    expect(answer.status).toBe(400);
    expect(typeOf(answer)).toBe("ValidationException");
    expect(answer.message).toMatch(/^Invalid \w+Expression: Syntax error; token: /);
  });

  it("works if its syntax is complete", async () => {
    const nested = `${"(#o = :o AND ".repeat(60)}attribute_exists(pk)${")".repeat(60)}`;
    await put("Things", { pk: { S: "nested" }, owner: { S: "o" } });
    const FilterExpression = `pk <> :no AND ${nested}`;
    const ExpressionAttributeValues = { ":o": { S: "o" }, ":no": { S: "no" } };
    const ExpressionAttributeNames = { "#o": "owner" };
    const { Count } = await call("Scan", {
      TableName: "Things",
      FilterExpression,
      ExpressionAttributeNames,
      ExpressionAttributeValues,
    });
    expect(Count).toBe(1);
  });

  it("is rejected if a value is nested too deeply", async () => {
    const deep = `${'{"L":['.repeat(50_000)}${"]}".repeat(50_000)}`;
    for (const name of ["Things", `${ACCOUNT}:table/Things`]) {
      const body = `{"TableName":"${name}","Item":{"pk":{"S":"deep"},"value":${deep}}}`;
      const request = { service: "dynamodb", operation: "PutItem", body, input: JSON.parse(body) };
      const answer = await handle(request).catch((error: AwsError) => ({ status: error.status, body: error.type }));
      expect(answer).toMatchObject({ status: 400, body: expect.stringContaining("ValidationException") });
    }
  });
});

// dynamodb-conformance: tests/tier1/putItem/conditions,
// tests/tier3/error-messages/{putItem,updateItem,transactWriteItems}.test.ts
describe("an empty key", () => {
  const put_ =
    "One or more parameter values are not valid. A value specified for a secondary index key is not supported. ";
  const empty = (kind: string) => `The AttributeValue for a key attribute cannot contain an empty ${kind} value.`;
  const updated =
    "One or more parameter values are not valid. " +
    "The update expression attempted to update a secondary index key to a value that is not supported. ";
  const key = { pk: { S: "empty" } };

  beforeEach(() => put("Things", { ...key, text: { S: "" }, owner: { S: "o" }, rank: { N: "1" } }));

  it.each<[string, object, string]>([
    [
      "PutItem",
      { Item: { ...key, owner: { S: "" } } },
      `${put_}${empty("string")} IndexName: byOwner, IndexKey: owner`,
    ],
    [
      "PutItem",
      { Item: { ...key, digest: { B: "" } } },
      `${put_}${empty("binary")} IndexName: byDigest, IndexKey: digest`,
    ],
    ["UpdateItem", { Key: key, UpdateExpression: "SET #o = :e" }, `${updated}${empty("string")}`],
    ["UpdateItem", { Key: key, UpdateExpression: "SET #o = #t" }, `${updated}${empty("string")}`],
    ["UpdateItem", { Key: key, UpdateExpression: "SET #o = if_not_exists(#none, :e)" }, `${updated}${empty("string")}`],
    ["UpdateItem", { Key: key, UpdateExpression: "SET #o = if_not_exists(#t, :x)" }, `${updated}${empty("string")}`],
    ["UpdateItem", { Key: key, UpdateExpression: "SET digest = :b" }, `${updated}${empty("binary")}`],
    ["UpdateItem", { Key: key, AttributeUpdates: { owner: { Value: { S: "" } } } }, `${updated}${empty("string")}`],
  ])("of an index is rejected: %s %j", async (operation, input, message) => {
    const { UpdateExpression = "" } = input as { UpdateExpression?: string };
    const all: Record<string, string> = { "#o": "owner", "#t": "text", "#none": "none" };
    const names = Object.entries(all).filter(([name]) => UpdateExpression.includes(name));
    const allValues: Record<string, object> = { ":e": { S: "" }, ":x": { S: "x" }, ":b": { B: "" } };
    const values = Object.entries(allValues).filter(([name]) => UpdateExpression.includes(name));
    const answer = await call(operation, {
      TableName: "Things",
      ...input,
      ...(names.length > 0 && { ExpressionAttributeNames: Object.fromEntries(names) }),
      ...(values.length > 0 && { ExpressionAttributeValues: Object.fromEntries(values) }),
    });
    expect([typeOf(answer), answer.message]).toEqual(["ValidationException", message]);
    expect((await get("Things", key)).owner).toEqual({ S: "o" });
    const found = await call("Query", {
      TableName: "Things",
      IndexName: "byOwner",
      KeyConditionExpression: "#o = :e",
      ExpressionAttributeNames: { "#o": "owner" },
      ExpressionAttributeValues: { ":e": { S: "o" } },
    });
    expect(found.Count).toBe(1);
  });

  it("of an index rejects a whole batch, and writes nothing", async () => {
    const requests = [{ pk: { S: "batched" } }, { pk: { S: "other" }, owner: { S: "" } }];
    const answer = await call("BatchWriteItem", {
      RequestItems: { Things: requests.map((Item) => ({ PutRequest: { Item } })) },
    });
    expect(answer.message).toBe(`${put_}${empty("string")} IndexName: byOwner, IndexKey: owner`);
    expect(await get("Things", { pk: { S: "batched" } })).toBeUndefined();
  });

  it.each<[string, object, string]>([
    ["Things", { pk: { S: "" } }, "string"],
    ["Blobs", { pk: { B: "" } }, "binary"],
  ])("of the table is rejected: %s %j", async (TableName, Key, kind) => {
    const message = `One or more parameter values are not valid. ${empty(kind)} Key: pk`;
    expect((await put(TableName, Key)).message).toBe(message);
    expect((await call("GetItem", { TableName, Key })).message).toBe(message);
    expect((await call("DeleteItem", { TableName, Key })).message).toBe(message);
    expect((await call("UpdateItem", { TableName, Key })).message).toBe(message);
    expect((await call("BatchGetItem", { RequestItems: { [TableName]: { Keys: [Key] } } })).message).toBe(message);
  });

  it("is rejected in a query", async () => {
    const values = { ExpressionAttributeValues: { ":e": { S: "" } } };
    const query = { TableName: "Things", KeyConditionExpression: "pk = :e", ...values };
    expect((await call("Query", query)).message).toBe(
      `One or more parameter values are not valid. ${empty("string")} Key: pk`,
    );
  });

  it("is allowed in other attributes", async () => {
    expect(await get("Things", key)).toMatchObject({ text: { S: "" } });
    const UpdateExpression = "REMOVE #o SET rest = :e";
    const names = { ExpressionAttributeNames: { "#o": "owner" }, ExpressionAttributeValues: { ":e": { B: "" } } };
    expect((await call("UpdateItem", { TableName: "Things", Key: key, UpdateExpression, ...names })).status).toBe(200);
  });

  // The messages of ValidationError in
  // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
  it("of another type is rejected, too", async () => {
    const wrong = await put("Things", { ...key, owner: { N: "1" } });
    expect(wrong.message).toBe(
      "One or more parameter values were invalid: Type mismatch for Index Key owner Expected: S Actual: N " +
        "IndexName: byOwner",
    );
    const ExpressionAttributeNames = { "#o": "owner", "#r": "rank" };
    const UpdateExpression = "SET #o = #r";
    const update = await call("UpdateItem", {
      TableName: "Things",
      Key: key,
      UpdateExpression,
      ExpressionAttributeNames,
    });
    expect(update.message).toBe(
      "The update expression attempted to update the secondary index key to unsupported type",
    );
  });

  it.each(["1", "1.0", "01", "1e0", "0.1e1"])("%s is equal to the number key 1", async (N) => {
    await put("Numbers", { pk: { N }, written: { S: N } });
    expect(await get("Numbers", { pk: { N: "1" } })).toEqual({ pk: { N: "1" }, written: { S: N } });
  });
});

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html
describe("ListTables", () => {
  it("lists names in order, in pages of at most Limit", async () => {
    expect((await call("ListTables", {})).TableNames).toEqual(["Blobs", "Events", "Numbers", "Things"]);
    const first = await call("ListTables", { Limit: 3 });
    expect(first).toMatchObject({ TableNames: ["Blobs", "Events", "Numbers"], LastEvaluatedTableName: "Numbers" });
    const ExclusiveStartTableName = first.LastEvaluatedTableName;
    const second = await call("ListTables", { Limit: 3, ExclusiveStartTableName });
    expect(second.TableNames).toEqual(["Things"]);
    expect(second).not.toHaveProperty("LastEvaluatedTableName");
    expect((await call("ListTables", { ExclusiveStartTableName: "Elephants" })).TableNames[0]).toBe("Events");
  });

  it.each<[object, string]>([
    [
      { Limit: 0 },
      "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      { Limit: 101 },
      "Value '101' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 100",
    ],
    [{ ExclusiveStartTableName: "a;b" }, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"],
  ])("rejects %j", async (input, message) => {
    const answer = await call("ListTables", input);
    expect(typeOf(answer)).toBe("ValidationException");
    expect(answer.message).toContain(message);
  });
});

// "You can also provide the Amazon Resource Name":
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
describe("a table named by its ARN", () => {
  const arn = `${ACCOUNT}:table/Things`;
  const pk = { S: "arn" };

  it("is found in every operation", async () => {
    await put(arn, { pk, owner: { S: "arn" } });
    const values = { ExpressionAttributeValues: { ":v": pk } };
    expect(await get(arn, { pk })).toEqual({ pk, owner: { S: "arn" } });
    expect(await call("Query", { TableName: arn, KeyConditionExpression: "pk = :v", ...values })).toMatchObject({
      Count: 1,
    });
    expect(await call("Scan", { TableName: arn, FilterExpression: "pk = :v", ...values })).toMatchObject({ Count: 1 });
    expect((await call("BatchGetItem", { RequestItems: { [arn]: { Keys: [{ pk }] } } })).Responses.Things).toHaveLength(
      1,
    );
    const get_ = { Get: { TableName: arn, Key: { pk } } };
    expect((await call("TransactGetItems", { TransactItems: [get_] })).Responses[0].Item.pk).toEqual(pk);
    expect((await call("DescribeTable", { TableName: arn })).Table).toMatchObject({
      TableName: "Things",
      TableArn: arn,
    });
    const update = { TableName: arn, Key: { pk }, UpdateExpression: "SET a = :v", ...values };
    expect((await call("UpdateItem", update)).status).toBe(200);
    const check = { TableName: arn, Key: { pk }, ConditionExpression: "a = :v", ...values };
    expect((await call("TransactWriteItems", { TransactItems: [{ ConditionCheck: check }] })).status).toBe(200);
    const RequestItems = { [arn]: [{ DeleteRequest: { Key: { pk } } }] };
    expect((await call("BatchWriteItem", { RequestItems })).status).toBe(200);
    expect(await get("Things", { pk })).toBeUndefined();
    const tags = await call("ListTagsOfResource", { ResourceArn: `${ACCOUNT}:table/Events` });
    expect(tags.Tags).toEqual([{ Key: "team", Value: "a" }]);
  });

  it.each<[string, string]>([
    [`${ACCOUNT}:table/Missing`, "ResourceNotFoundException"],
    [`${ACCOUNT}:table/Things/index/byOwner`, "ValidationException"],
    [`${ACCOUNT}:stream/Things`, "ValidationException"],
    ["arn:aws:dynamodb", "ValidationException"],
    ["arn:aws:s3:::Things", "ValidationException"],
    ["arn:aws:dynamodb:us-east-1:000000000000:table/Things", "ValidationException"],
    ["arn:aws:dynamodb:eu-west-1:111111111111:table/Things", "AccessDeniedException"],
    ["Missing", "ResourceNotFoundException"],
    ["", "ValidationException"],
    ["a", "ResourceNotFoundException"],
    ["../Things", "ValidationException"],
    ["constructor", "ResourceNotFoundException"],
  ])("is rejected: %s: %s", async (TableName, type) => {
    expect(typeOf(await call("GetItem", { TableName, Key: { pk } }))).toBe(type);
  });

  it("cannot be named by ARN and by name in one call", async () => {
    const RequestItems = { [arn]: { Keys: [{ pk }] }, Things: { Keys: [{ pk }] } };
    expect(typeOf(await call("BatchGetItem", { RequestItems }))).toBe("ValidationException");
  });
});

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Batch{Get,Write}Item.html
describe("a batch", () => {
  const keys = (count: number, prefix = "batch") =>
    Array.from({ length: count }, (_, position) => ({ pk: { S: `${prefix}${position}` } }));
  const puts = (items: object[]) => items.map((Item) => ({ PutRequest: { Item } }));

  it("writes and reads several tables", async () => {
    const RequestItems = { Things: puts(keys(3)), Numbers: puts([{ pk: { N: "7" } }]) };
    expect(await call("BatchWriteItem", { RequestItems })).toMatchObject({ status: 200, UnprocessedItems: {} });
    const { Responses, UnprocessedKeys } = await call("BatchGetItem", {
      RequestItems: { Things: { Keys: keys(4) }, Numbers: { Keys: [{ pk: { N: "7.0" } }] } },
    });
    expect(Responses.Things).toHaveLength(3);
    expect(Responses.Numbers).toEqual([{ pk: { N: "7" } }]);
    expect(UnprocessedKeys).toEqual({});
  });

  it("writes nothing if one of its tables does not exist", async () => {
    const RequestItems = { Things: puts(keys(1, "half")), Missing: puts(keys(1)) };
    expect(typeOf(await call("BatchWriteItem", { RequestItems }))).toBe("ResourceNotFoundException");
    expect(await get("Things", { pk: { S: "half0" } })).toBeUndefined();
  });

  it("has at most 25 writes or 100 reads over all tables", async () => {
    const writes = {
      Things: puts(keys(20)),
      Numbers: puts(Array.from({ length: 6 }, (_, n) => ({ pk: { N: `${n}` } }))),
    };
    expect((await call("BatchWriteItem", { RequestItems: writes })).message).toBe(
      "Too many items requested for the BatchWriteItem call",
    );
    const reads = { Things: { Keys: keys(60) }, Events: { Keys: keys(41) } };
    expect((await call("BatchGetItem", { RequestItems: reads })).message).toBe(
      "Too many items requested for the BatchGetItem call",
    );
  });

  it("returns unprocessed keys together with their projections", async () => {
    const items = keys(5, "large").map((key) => ({ ...key, text: { S: "x".repeat(390_000) } }));
    for (const item of items) await put("Things", item);
    const ask = {
      Keys: keys(5, "large"),
      ProjectionExpression: "#p, #t",
      ExpressionAttributeNames: { "#p": "pk", "#t": "text" },
    };
    const { Responses, UnprocessedKeys } = await call("BatchGetItem", { RequestItems: { Things: ask } });
    const { Keys, ...rest } = UnprocessedKeys.Things;
    expect(Responses.Things.length + Keys.length).toBe(5);
    expect(rest).toEqual({ ProjectionExpression: "#p, #t", ExpressionAttributeNames: ask.ExpressionAttributeNames });
    expect((await call("BatchGetItem", { RequestItems: UnprocessedKeys })).status).toBe(200);
  });
});

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
// dynamodb-conformance: tests/tier2/transactions,
// tests/tier3/error-messages/transactWriteItems.test.ts
describe("a transaction", () => {
  const Put = (pk: string, more: object = {}, item: object = {}) => ({
    Put: { TableName: "Things", Item: { pk: { S: pk }, ...item }, ...more },
  });
  const once = { ConditionExpression: "attribute_not_exists(pk)" };

  it("writes to all of several tables, or to none", async () => {
    const event = { TableName: "Events", Item: { pk: { S: "t" }, sk: { S: "1" }, at: { S: "9" } } };
    expect((await call("TransactWriteItems", { TransactItems: [Put("t1", once), { Put: event }] })).status).toBe(200);
    const failed = await call("TransactWriteItems", {
      TransactItems: [
        Put("t2", once, { owner: { S: "t2" }, rank: { N: "1" } }),
        Put("t1", { ...once, ReturnValuesOnConditionCheckFailure: "ALL_OLD" }),
        { Delete: { TableName: "Events", Key: { pk: { S: "t" }, sk: { S: "1" } } } },
        {
          Update: {
            TableName: "Things",
            Key: { pk: { S: "t3" } },
            UpdateExpression: "SET a = absent",
          },
        },
      ],
    });
    expect(typeOf(failed)).toBe("TransactionCanceledException");
    expect(failed.message).toBe(
      "Transaction cancelled, please refer cancellation reasons for specific reasons [None, " +
        "ConditionalCheckFailed, None, ValidationError]",
    );
    expect(failed.CancellationReasons).toEqual([
      { Code: "None" },
      { Code: "ConditionalCheckFailed", Message: "The conditional request failed", Item: { pk: { S: "t1" } } },
      { Code: "None" },
      {
        Code: "ValidationError",
        Message: "The provided expression refers to an attribute that does not exist in the item",
      },
    ]);
    expect(await get("Things", { pk: { S: "t2" } })).toBeUndefined();
    expect(await get("Events", { pk: { S: "t" }, sk: { S: "1" } })).toBeDefined();
    const { Count } = await call("Scan", {
      TableName: "Things",
      IndexName: "byOwner",
      FilterExpression: "pk = :t",
      ExpressionAttributeValues: { ":t": { S: "t2" } },
    });
    expect(Count).toBe(0);
  });

  it("checks an item without writing it", async () => {
    const ConditionCheck = { TableName: "Things", Key: { pk: { S: "unwritten" } }, ...once };
    expect((await call("TransactWriteItems", { TransactItems: [{ ConditionCheck }] })).status).toBe(200);
    expect(await get("Things", { pk: { S: "unwritten" } })).toBeUndefined();
    await put("Things", { pk: { S: "unwritten" } });
    const again = await call("TransactWriteItems", { TransactItems: [{ ConditionCheck }] });
    expect(again.CancellationReasons).toMatchObject([{ Code: "ConditionalCheckFailed" }]);
    expect(await get("Things", { pk: { S: "unwritten" } })).toBeDefined();
  });

  it("loses no concurrent increment with a condition", async () => {
    await put("Things", { pk: { S: "counter" }, n: { N: "0" } });
    const increment = (from: number) => ({
      Update: {
        TableName: "Things",
        Key: { pk: { S: "counter" } },
        UpdateExpression: "SET n = n + :one",
        ConditionExpression: "n = :from",
        ExpressionAttributeValues: { ":one": { N: "1" }, ":from": { N: String(from) } },
      },
    });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call("TransactWriteItems", { TransactItems: [increment(0)] })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await get("Things", { pk: { S: "counter" } })).n).toEqual({ N: "1" });
  });

  it("is done once for a token, and a different request with the token is rejected", async () => {
    const increment = {
      TableName: "Things",
      Key: { pk: { S: "token" } },
      UpdateExpression: "ADD n :one",
      ExpressionAttributeValues: { ":one": { N: "1" } },
    };
    const request = { TransactItems: [{ Update: increment }], ClientRequestToken: "abc" };
    for (let time = 0; time < 3; time++) expect((await call("TransactWriteItems", request)).status).toBe(200);
    expect((await get("Things", { pk: { S: "token" } })).n).toEqual({ N: "1" });
    const other = await call("TransactWriteItems", { ...request, TransactItems: [Put("other")] });
    expect(typeOf(other)).toBe("IdempotentParameterMismatchException");
  });

  it.each<[string, object, string, string | RegExp]>([
    ["nothing", { TransactItems: [] }, "ValidationException", /Member must have length greater than or equal to 1$/],
    [
      "101 actions",
      { TransactItems: Array.from({ length: 101 }, (_, n) => Put(`many${n}`)) },
      "ValidationException",
      /Member must have length less than or equal to 100$/,
    ],
    [
      "one item twice",
      { TransactItems: [Put("twice"), { Delete: { TableName: "Things", Key: { pk: { S: "twice" } } } }] },
      "ValidationException",
      "Transaction request cannot include multiple operations on one item",
    ],
    [
      "two actions in one",
      { TransactItems: [{ ...Put("a"), Delete: {} }] },
      "ValidationException",
      "TransactItems can only contain one of Check, Put, Update or Delete",
    ],
    [
      "a table that is missing",
      { TransactItems: [{ Put: { TableName: "Missing", Item: { pk: { S: "x" } } } }] },
      "ResourceNotFoundException",
      "Requested resource not found",
    ],
    [
      "an empty key",
      { TransactItems: [Put("")] },
      "ValidationException",
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an " +
        "empty string value. Key: pk",
    ],
    [
      "an unfinished condition",
      { TransactItems: [Put("x", { ConditionExpression: "attribute_not_exists(" })] },
      "ValidationException",
      'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "("',
    ],
    [
      "a check without a condition",
      { TransactItems: [{ ConditionCheck: { TableName: "Things", Key: { pk: { S: "x" } } } }] },
      "ValidationException",
      /Member must not be null$/,
    ],
    [
      "an unknown capacity",
      { TransactItems: [Put("x")], ReturnConsumedCapacity: "BOGUS" },
      "ValidationException",
      "1 validation error detected: Value 'BOGUS' at 'returnConsumedCapacity' failed to satisfy constraint: " +
        "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]",
    ],
  ])("is rejected: %s", async (_title, input, type, message) => {
    const answer = await call("TransactWriteItems", input);
    expect(typeOf(answer)).toBe(type);
    expect(answer.message).toMatch(
      typeof message === "string" ? new RegExp(`^${message.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`) : message,
    );
  });

  it("is cancelled for a key of another type", async () => {
    const wrong = { Put: { TableName: "Things", Item: { pk: { N: "5" } } } };
    expect((await call("TransactWriteItems", { TransactItems: [wrong] })).CancellationReasons).toEqual([
      {
        Code: "ValidationError",
        Message: "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N",
      },
    ]);
  });

  it("consumes twice the capacity units, listed by table", async () => {
    const TransactItems = [Put("c1"), Put("c2"), { Put: { TableName: "Numbers", Item: { pk: { N: "3" } } } }];
    const { ConsumedCapacity } = await call("TransactWriteItems", { TransactItems, ReturnConsumedCapacity: "TOTAL" });
    expect(ConsumedCapacity).toEqual([
      { TableName: "Things", CapacityUnits: 4 },
      { TableName: "Numbers", CapacityUnits: 2 },
    ]);
  });
});

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
describe("a condition", () => {
  const Item = {
    pk: { S: "condition" },
    l: { L: [{ S: "a" }, { M: { n: { N: "1" } } }] },
    m: { M: { x: { L: [{ NULL: true }] } } },
    numbers: { NS: ["1", "2"] },
    w: { S: "h\u{1F600}" },
    y: { B: "/wA=" },
    n: { N: "10" },
  };
  const holds = async (ConditionExpression: string, values: Record<string, object>) => {
    const used = Object.entries(values).filter(([name]) => ConditionExpression.includes(name));
    const ExpressionAttributeValues = Object.fromEntries(used);
    const { status, message } = await put("Things", Item, {
      ConditionExpression,
      ...(used.length > 0 && { ExpressionAttributeValues }),
    });
    return status === 200 || (message === "The conditional request failed" ? false : message);
  };

  it.each<[string, boolean, Record<string, object>?]>([
    ["l = :v", true, { ":v": Item.l }],
    ["l = :v", false, { ":v": { L: [{ S: "a" }] } }],
    ["m = :v", true, { ":v": Item.m }],
    ["m <> :v", true, { ":v": { M: {} } }],
    ["m IN (:w, :v)", true, { ":v": Item.m, ":w": { S: "w" } }],
    ["contains(l, :v)", true, { ":v": { M: { n: { N: "1.0" } } } }],
    ["contains(numbers, :v)", true, { ":v": { N: "2.00" } }],
    ["numbers = :v", true, { ":v": { NS: ["2", "1.0"] } }],
    ["begins_with(y, :v)", true, { ":v": { B: "/w==" } }],
    ["contains(y, :v)", false, { ":v": { B: "/g==" } }],
    ["size(l) = :v AND size(m) = :w", true, { ":v": { N: "2" }, ":w": { N: "1" } }],
    ["size(w) = :v", true, { ":v": { N: "3" } }],
    ["n > :v", true, { ":v": { N: "9" } }],
    ["n > :v", false, { ":v": { S: "1" } }],
    ["n BETWEEN :v AND :w", true, { ":v": { N: "9" }, ":w": { N: "1e2" } }],
    ["w > :v", true, { ":v": { S: "h\uFFFD" } }],
    ["attribute_type(l, :v)", true, { ":v": { S: "L" } }],
    ["attribute_exists(m.x[0])", true],
    ["attribute_exists(m.x[1])", false],
    ["attribute_exists(toString)", false],
    ["absent = :v", false, { ":v": { S: "x" } }],
    ["absent <> :v", true, { ":v": { S: "x" } }],
    ["absent = nothing", false],
    ["NOT absent = :v AND n = :w", true, { ":v": { S: "x" }, ":w": { N: "10" } }],
  ])("%s is met: %s", async (expression, expected, values = {}) => {
    await put("Things", Item);
    expect(await holds(expression, values)).toBe(expected);
  });

  it("that fails returns the item on request", async () => {
    await put("Things", Item);
    const more = { ConditionExpression: "attribute_not_exists(pk)", ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
    expect(await put("Things", { pk: Item.pk }, more)).toMatchObject({
      message: "The conditional request failed",
      Item,
    });
    const { pk } = Item;
    for (const operation of ["UpdateItem", "DeleteItem"]) {
      const { ReturnValuesOnConditionCheckFailure: _, ...silent } = more;
      expect(await call(operation, { TableName: "Things", Key: { pk }, ...more })).toMatchObject({ Item });
      expect(await call(operation, { TableName: "Things", Key: { pk }, ...silent })).not.toHaveProperty("Item");
    }
  });

  it("filters by lists and maps, and projects the matching items", async () => {
    await put("Things", Item);
    const ask = {
      TableName: "Things",
      KeyConditionExpression: "pk = :pk",
      FilterExpression: "m = :m",
      ProjectionExpression: "l[1].n, pk",
      ExpressionAttributeValues: { ":m": Item.m, ":pk": Item.pk },
    };
    expect((await call("Query", ask)).Items).toEqual([{ pk: Item.pk, l: { L: [{ M: { n: { N: "1" } } }] } }]);
    const { ProjectionExpression: _, ...count } = ask;
    const counted = await call("Query", { ...count, Select: "COUNT" });
    expect(counted.Count).toBe(1);
    expect(counted).not.toHaveProperty("Items");
  });
});

describe("an update", () => {
  const Key = { pk: { S: "update" } };
  const update = (UpdateExpression: string, values?: object) =>
    call("UpdateItem", {
      TableName: "Things",
      Key,
      UpdateExpression,
      ReturnValues: "ALL_NEW",
      ...(values && { ExpressionAttributeValues: values }),
    });

  // "Removing elements" in
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
  it("removes elements by their indexes before the update", async () => {
    const words = ["Chisel", "Hammer", "Nails", "Screwdriver", "Hacksaw"].map((S) => ({ S }));
    await put("Things", { ...Key, related: { L: words } });
    const answer = await update("REMOVE related[1], related[2] SET related[0] = :s", { ":s": { S: "Saw" } });
    expect(answer.Attributes.related.L.map(({ S }: { S: string }) => S)).toEqual(["Saw", "Screwdriver", "Hacksaw"]);
  });

  // The same page: "If you add multiple elements in a single SET operation, the elements are sorted
  // in order by element number."
  it("appends elements after the end, even with very high indexes", async () => {
    await put("Things", { ...Key, l: { L: [{ S: "a" }] } });
    const values = { ":b": { S: "b" }, ":c": { S: "c" } };
    const { Attributes } = await update("SET l[4294967294] = :c, l[70000000] = :b", values);
    expect(Attributes.l.L).toEqual([{ S: "a" }, { S: "b" }, { S: "c" }]);
  });

  // 38 digits, 1E125, 32 levels:
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
  it.each<[string, string, object, string]>([
    [
      "more than 38 digits",
      "SET n = n + :v",
      { ":v": { N: `1e-38` } },
      "Attempting to store more than 38 significant digits in a Number",
    ],
    [
      "an overflow",
      "SET n = big + big",
      {},
      "Number overflow. Attempting to store a number with magnitude larger than supported range",
    ],
    [
      "a nesting of more than 32 levels",
      "SET deep = :v",
      { ":v": Array.from({ length: 32 }).reduce<object>((value) => ({ L: [value] }), { S: "x" }) },
      "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit",
    ],
  ])("is rejected: %s", async (_title, expression, values, message) => {
    await put("Things", { ...Key, n: { N: "10" }, big: { N: "9e125" } });
    const answer = await update(expression, Object.keys(values).length > 0 ? values : undefined);
    expect([typeOf(answer), answer.message]).toEqual(["ValidationException", message]);
  });
});

// dynamodb-conformance, tests/tier3/error-messages, and the API reference of each operation
describe("a call", () => {
  const Key = { pk: { S: "call" } };
  it.each<[string, object, string]>([
    [
      "Query",
      {
        IndexName: "byDigest",
        ConsistentRead: true,
        KeyConditionExpression: "digest = :b",
        ExpressionAttributeValues: { ":b": { B: "YQ==" } },
      },
      "Consistent reads are not supported on global secondary indexes",
    ],
    [
      "Scan",
      { Segment: 0 },
      "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
    ],
    [
      "Scan",
      { TotalSegments: 2 },
      "The Segment parameter is required but was not present in the request when parameter TotalSegments is present",
    ],
    [
      "Scan",
      { Limit: 0 },
      "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value " +
        "greater than or equal to 1",
    ],
    [
      "PutItem",
      { Item: Key, Expected: { pk: { Exists: false } }, ConditionExpression: "attribute_not_exists(pk)" },
      "Can not use both expression and non-expression parameters in the same request: Non-expression " +
        "parameters: {Expected} Expression parameters: {ConditionExpression}",
    ],
    [
      "PutItem",
      { Item: { ...Key, s: { SS: [] } } },
      "One or more parameter values were invalid: An string set  may not be empty",
    ],
    [
      "UpdateItem",
      { Key, UpdateExpression: "SET a = :a", ExpressionAttributeValues: { ":a": { S: "a" }, ":u": { S: "u" } } },
      "Value provided in ExpressionAttributeValues unused in expressions: keys: {:u}",
    ],
    [
      "UpdateItem",
      { Key, UpdateExpression: "REMOVE a", ExpressionAttributeNames: { "#u": "u" } },
      "Value provided in ExpressionAttributeNames unused in expressions: keys: {#u}",
    ],
    [
      "PutItem",
      { Item: { ...Key, text: { S: "é".repeat(204_800) } } },
      "Item size has exceeded the maximum allowed size",
    ],
    [
      "PutItem",
      { Item: { owner: { S: "o" } } },
      "One or more parameter values were invalid: Missing the key pk in the item",
    ],
    [
      "Query",
      { KeyConditionExpression: "pk = :a AND pk = :a", ExpressionAttributeValues: { ":a": Key.pk } },
      "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key",
    ],
    [
      "Query",
      { Select: "SPECIFIC_ATTRIBUTES", KeyConditionExpression: "pk = :a", ExpressionAttributeValues: { ":a": Key.pk } },
      "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
    ],
  ])("of %s with %j is rejected", async (operation, input, message) => {
    const answer = await call(operation, { TableName: "Things", ...input });
    expect([typeOf(answer), answer.message]).toEqual(["ValidationException", message]);
  });

  it("has a response with the checksum of its body", async () => {
    const { text, headers } = await call("ListTables", {});
    expect(headers["x-amz-crc32"]).toBe(String(crc32(text)));
  });

  it("gets the declared settings of a table", async () => {
    expect(await call("DescribeTimeToLive", { TableName: "Events" })).toMatchObject({
      TimeToLiveDescription: { TimeToLiveStatus: "ENABLED", AttributeName: "expiresAt" },
    });
    expect((await call("DescribeTimeToLive", { TableName: "Things" })).TimeToLiveDescription).toEqual({
      TimeToLiveStatus: "DISABLED",
    });
    expect(await call("DescribeContinuousBackups", { TableName: `${ACCOUNT}:table/Events` })).toMatchObject({
      ContinuousBackupsDescription: { PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "ENABLED" } },
    });
    expect(typeOf(await call("DescribeTimeToLive", { TableName: "Missing" }))).toBe("ResourceNotFoundException");
    expect(typeOf(await call("DescribeContinuousBackups", { TableName: "Missing" }))).toBe("TableNotFoundException");
    expect((await call("DescribeLimits", {})).TableMaxReadCapacityUnits).toBe(40_000);
  });
});

describe("the folder of a table", () => {
  const folderOf = (name: string) => path.join(folder, `${name}.1`);

  it("in use by another process: 503 and one notice with its name, until it is free", async () => {
    const other: string[] = [];
    const second = openTables(folder, "eu-west-1", (text) => other.push(text));
    const ask = createDynamoDb(tables, second);
    await put("Things", { pk: { S: "locked" } });
    const body = JSON.stringify({ TableName: "Things", Key: { pk: { S: "locked" } } });
    const request = { service: "dynamodb", operation: "GetItem", body, input: JSON.parse(body) };
    for (let time = 0; time < 2; time++) {
      await expect(ask(request)).rejects.toMatchObject({
        status: 503,
        message: expect.stringContaining(folderOf("Things")),
      });
    }
    expect(other).toEqual([expect.stringMatching(/another process uses .*Things\.1: stop the other/)]);
    await store.close();
    expect((await ask(request)).status).toBe(200);
    await second.close();
    store = openTables(folder, "eu-west-1", (text) => notices.push(text));
    handle = createDynamoDb(tables, store);
    expect(await get("Things", { pk: { S: "locked" } })).toBeDefined();
  });

  it("that is corrupt: 503 and one notice with its name; other tables work", async () => {
    await put("Numbers", { pk: { N: "1" } });
    await store.close();
    for (const file of readdirSync(folderOf("Numbers"))) writeFileSync(path.join(folderOf("Numbers"), file), "garbage");
    notices.length = 0;
    store = openTables(folder, "eu-west-1", (text) => notices.push(text));
    handle = createDynamoDb(tables, store);
    for (let time = 0; time < 2; time++) {
      const answer = await call("GetItem", { TableName: "Numbers", Key: { pk: { N: "1" } } });
      expect([answer.status, typeOf(answer)]).toEqual([503, "ServiceUnavailable"]);
    }
    expect(notices).toEqual([expect.stringContaining(folderOf("Numbers"))]);
    expect((await put("Things", { pk: { S: "fine" } })).status).toBe(200);
    rmSync(folderOf("Numbers"), { recursive: true });
    expect((await put("Numbers", { pk: { N: "1" } })).status).toBe(200);
  });

  it("that is deleted during use starts empty", async () => {
    await put("Things", { pk: { S: "deleted" } });
    rmSync(folderOf("Things"), { recursive: true });
    expect(await get("Things", { pk: { S: "deleted" } })).toBeUndefined();
    expect((await put("Things", { pk: { S: "deleted" } })).status).toBe(200);
  });

  it("that cannot be created: 503", async () => {
    const file = path.join(folder, "file");
    writeFileSync(file, "");
    const blocked = openTables(file, "eu-west-1", () => undefined);
    const ask = createDynamoDb(tables, blocked);
    const input = { TableName: "Things", Key: { pk: { S: "x" } } };
    await expect(ask({ service: "dynamodb", operation: "GetItem", body: "", input })).rejects.toMatchObject({
      status: 503,
    });
    await blocked.close();
  });
});
