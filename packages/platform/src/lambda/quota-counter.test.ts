import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { awsJson, CREDENTIALS, dynamo } from "@backend/testing/aws-services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Charge } from "../quota/quotas";
import { dynamoCounter, quotasOf } from "./quota-counter";
import { signPost } from "./sign";

const END = Date.parse("2026-11-23T09:31:00Z") / 1000;

function chargeOf(key: string, units: number, limits: { requests: number; units: number }): Charge {
  return {
    owner: "tenant",
    window: "minute",
    key,
    end: END,
    amounts: [
      { name: "requests", amount: 1, limit: limits.requests },
      { name: "units", amount: units, limit: limits.units },
    ],
  };
}

describe("counters in DynamoDB", () => {
  let store: Awaited<ReturnType<typeof dynamo>>;
  let count: ReturnType<typeof dynamoCounter>;
  beforeAll(async () => {
    store = await dynamo("quotas", ["pk"]);
    count = dynamoCounter("quotas", { ...CREDENTIALS, AWS_ENDPOINT_URL: store.endpoint }, 60_000);
  });
  afterAll(() => store.close());
  const counted = async (pk: string) => {
    const { Item } = await store.client.send(new GetItemCommand({ TableName: "quotas", Key: { pk: { S: pk } } }));
    return Item;
  };

  it("let exactly one of 50 requests take the last of a limit", async () => {
    const charge = chargeOf("last", 1, { requests: 10, units: 1000 });
    for (let taken = 0; taken < 9; taken++) expect(await count(charge)).toBe("counted");
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => count(charge)));
    expect(outcomes.filter((outcome) => outcome === "counted")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "full")).toHaveLength(49);
    expect(await counted("last")).toMatchObject({ requests: { N: "10" }, units: { N: "10" } });
  });

  it("take all units of a request at once or none, and then no request either", async () => {
    const limits = { requests: 10, units: 30 };
    expect(await count(chargeOf("list", 25, limits))).toBe("counted");
    expect(await count(chargeOf("list", 6, limits))).toBe("full");
    expect(await counted("list")).toMatchObject({ requests: { N: "1" }, units: { N: "25" } });
    expect(await count(chargeOf("list", 5, limits))).toBe("counted");
  });

  it("may be deleted a minute after the end of their window", async () => {
    await count(chargeOf("expiring", 1, { requests: 1, units: 1 }));
    expect((await counted("expiring"))?.expiresAt).toEqual({ N: String(END + 60) });
  });

  it("fail for a table that does not exist", async () => {
    const lost = dynamoCounter("nowhere", { ...CREDENTIALS, AWS_ENDPOINT_URL: store.endpoint });
    await expect(lost(chargeOf("a", 1, { requests: 1, units: 1 }))).rejects.toThrow(
      /UpdateItem of nowhere: 400 ResourceNotFoundException/,
    );
  });
});

describe("the counters' calls", () => {
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
  it.each([
    ["ProvisionedThroughputExceededException", "busy"],
    ["ThrottlingException", "busy"],
    ["ConditionalCheckFailedException", "full"],
  ])("give %s: %s", async (error, outcome) => {
    const body = { __type: `com.amazonaws.dynamodb.v20120810#${error}`, message: "" };
    const service = await awsJson(() => ({ status: 400, body }));
    const count = dynamoCounter("quotas", { ...CREDENTIALS, AWS_ENDPOINT_URL: service.endpoint });
    expect(await count(chargeOf("a", 1, { requests: 1, units: 1 }))).toBe(outcome);
    await service.close();
  });

  it("are made again once where the connection is closed", async () => {
    let calls = 0;
    const server = createServer((request, response) => {
      if (++calls === 1) request.socket.destroy();
      else response.end("{}");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const count = dynamoCounter("quotas", { ...CREDENTIALS, AWS_ENDPOINT_URL: endpoint });
    expect(await count(chargeOf("a", 1, { requests: 1, units: 1 }))).toBe("counted");
    expect(calls).toBe(2);
    server.closeAllConnections();
    server.close();
  });

  it("have the signature that the AWS SDK makes of the same headers and body", async () => {
    const seen: { headers: IncomingHttpHeaders; body: string }[] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      seen.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.end("{}");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI", sessionToken: "AQoDYX//==" };
    const client = new DynamoDBClient({ endpoint, region: "eu-west-1", credentials });
    await client.send(new UpdateItemCommand({ TableName: "quotas", Key: { pk: { S: "ä" } } }));
    client.destroy();
    server.closeAllConnections();
    server.close();
    const [{ headers, body } = { headers: {}, body: "" }] = seen;
    const [, names = ""] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? "") ?? [];
    const added = ["host", "x-amz-date", "x-amz-security-token"];
    const signed = names.split(";").filter((name) => !added.includes(name));
    const given = Object.fromEntries(signed.map((name) => [name, String(headers[name])]));
    const time = String(headers["x-amz-date"]).replace(/(....)(..)(..)T(..)(..)(..)Z/, "$1-$2-$3T$4:$5:$6Z");
    const unsigned = { host: new URL(endpoint).host, headers: given, body, region: "eu-west-1", service: "dynamodb" };
    expect(signPost(unsigned, credentials, Date.parse(time)).authorization).toBe(headers.authorization);
  });
});

it("a function has quotas only if its stage declares them", () => {
  expect(quotasOf({})).toBeUndefined();
  const declared = quotasOf({
    QUOTAS: '{"user":{"requestsPerDay":1}}',
    QUOTAS_TABLE: "quotas",
    AWS_REGION: "eu-west-1",
  });
  expect(declared?.quotas).toEqual({ user: { requestsPerDay: 1 } });
});
