import { randomBytes } from "node:crypto";

import { GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { dynamo } from "@backend/testing/aws-services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryStore, type TrafficItem, type TrafficStore } from "../traffic/store";
import { dynamoTrafficStore } from "./traffic-store";

let service: Awaited<ReturnType<typeof dynamo>>;
beforeAll(async () => {
  service = await dynamo("Traffic");
});
afterAll(() => service.close());

async function all(store: TrafficStore, pk: string, first: string, last: string): Promise<TrafficItem[]> {
  const items: TrafficItem[] = [];
  for await (const item of store.query(pk, first, last)) items.push(item);
  return items;
}

// The store in memory, on which the tests of core rest, must do as DynamoDB does.
describe.each([
  ["in memory", () => memoryStore()],
  ["in DynamoDB", () => dynamoTrafficStore(service.client, "Traffic")],
])("a traffic store %s", (_title, create) => {
  it("writes an item over the one that is there", async () => {
    const store = create();
    await store.put({ pk: "plain", sk: "a", expiresAt: 1_795_426_200, body: "one" });
    await store.put({ pk: "plain", sk: "a", expiresAt: 1_795_426_201, body: "" });
    expect(await all(store, "plain", "a", "a")).toEqual([{ pk: "plain", sk: "a", expiresAt: 1_795_426_201, body: "" }]);
  });

  it("writes an item over the same or a smaller version alone", async () => {
    const store = create();
    const put = (version: number, body: string) => store.put({ pk: "version", sk: "a", version, body });
    await put(9, "nine");
    await put(10, "ten");
    await put(9, "nine again");
    expect(await all(store, "version", "a", "a")).toEqual([{ pk: "version", sk: "a", version: 10, body: "ten" }]);
    await put(10, "ten again");
    expect(await all(store, "version", "a", "a")).toEqual([{ pk: "version", sk: "a", version: 10, body: "ten again" }]);
  });

  it("finds what is between two keys, and what begins with the last, in order", async () => {
    const store = create();
    const keys = ["09:31", "09:29#f", "09:30", "09:32", "09:31#a", "09:30#f", "09:31#f"];
    for (const sk of keys) await store.put({ pk: "range", sk, body: sk });
    await store.put({ pk: "range of another", sk: "09:30", body: "" });
    const found = await all(store, "range", "09:30", "09:31");
    expect(found.map(({ sk }) => sk)).toEqual(["09:30", "09:30#f", "09:31", "09:31#a", "09:31#f"]);
    expect(await all(store, "nothing", "0", "9")).toEqual([]);
  });

  it("finds all of a partition that is larger than a page of 1 MB", async () => {
    const store = create();
    const body = randomBytes(150_000).toString("base64"); // as hard to compress as can be
    for (let index = 0; index < 12; index++) await store.put({ pk: "pages", sk: `a${index}`, body });
    const found = await all(store, "pages", "a", "a");
    expect(found.map(({ body }) => body.length)).toEqual(Array.from({ length: 12 }, () => 200_000));
  });
});

describe("the traffic table", () => {
  it("takes the largest body, of 380,000 bytes, even where compression is no help", async () => {
    const item = { pk: "large", sk: "a", expiresAt: 1_795_426_200, version: 1, body: "" };
    const store = dynamoTrafficStore(service.client, "Traffic");
    await store.put({ ...item, body: randomBytes(285_000).toString("base64") });
    expect((await all(store, "large", "a", "a"))[0]?.body).toHaveLength(380_000);
  });

  it("has the names that the infrastructure declares", async () => {
    await dynamoTrafficStore(service.client, "Traffic").put({
      pk: "p",
      sk: "s",
      expiresAt: 1_795_426_200,
      body: "text",
    });
    const { Item } = await service.client.send(
      new GetItemCommand({ TableName: "Traffic", Key: { pk: { S: "p" }, sk: { S: "s" } } }),
    );
    expect(Item).toEqual({
      pk: { S: "p" },
      sk: { S: "s" },
      expiresAt: { N: "1795426200" },
      body: { B: expect.any(Uint8Array) },
    });
  });

  it("answers the partition of the large items in more than one page", async () => {
    const { LastEvaluatedKey } = await service.client.send(
      new QueryCommand({
        TableName: "Traffic",
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: "pages" } },
      }),
    );
    expect(LastEvaluatedKey).toBeDefined();
  });

  it("lets other errors through", async () => {
    const store = dynamoTrafficStore(service.client, "Missing");
    await expect(store.put({ pk: "p", sk: "s", body: "" })).rejects.toThrow(/resource/i);
    await expect(all(store, "p", "0", "9")).rejects.toThrow(/resource/i);
  });
});
