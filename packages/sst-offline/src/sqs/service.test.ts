// Messages and limits: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage{,Batch}.html
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { AwsError } from "../kit/aws-call";
import type { Queue } from "./queues";
import { createSqs } from "./service";

const folder = mkdtempSync(path.join(tmpdir(), "sqs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const queueOf = (name: string, more: Partial<Queue> = {}): [string, Queue] => {
  const url = `https://sqs.eu-west-1.amazonaws.com/000000000000/${name}`;
  return [
    url,
    { name, arn: `arn:aws:sqs:eu-west-1:000000000000:${name}`, url, maxMessageSize: 1024, isFifo: false, ...more },
  ];
};
const queues = new Map([
  queueOf("jobs"),
  queueOf("wide", { maxMessageSize: 1_048_576 }),
  queueOf("jobs.fifo", { isFifo: true }),
]);
const QueueUrl = "https://sqs.eu-west-1.amazonaws.com/000000000000/jobs";

// biome-ignore lint/suspicious/noExplicitAny: a response has the form that the test expects
async function call(operation: string, input: object, target = folder): Promise<any> {
  const handle = createSqs(queues, target);
  try {
    const request = { service: "sqs", operation, body: "", input: JSON.parse(JSON.stringify({ QueueUrl, ...input })) };
    return JSON.parse((await handle(request)).body);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { code: error.type.split("#")[1], status: error.status, message: error.message };
  }
}
const linesOf = (name: string) =>
  readFileSync(path.join(folder, `${name}.ndjson`), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("SendMessage", () => {
  it("writes a line, and returns the digests of the message", async () => {
    // https://github.com/getmoto/moto, tests/test_sqs/test_sqs.py: the digests are AWS's
    const timestamp = { DataType: "Number", StringValue: "1493147359900" };
    const sent = await call("SendMessage", { MessageBody: "derp", MessageAttributes: { timestamp } });
    expect(sent).toMatchObject({
      MD5OfMessageBody: "58fd9edd83341c29f1aebba81c31e257",
      MD5OfMessageAttributes: "235c5c510d26fb653d073faed50ae77c",
    });
    expect(linesOf("jobs").at(-1)).toMatchObject({
      messageId: sent.MessageId,
      body: "derp",
      attributes: { timestamp },
    });
    const named = await call("SendMessage", {
      MessageBody: "a",
      MessageAttributes: { "SOME_Valid.attribute-Name": timestamp },
    });
    expect(named.MD5OfMessageAttributes).toBe("36655e7e9d7c0e8479fa3f3f42247ae7");
    expect(await call("SendMessage", { MessageBody: "a" })).not.toHaveProperty("MD5OfMessageAttributes");
  });

  it.each([
    "https://sqs.eu-west-1.amazonaws.com/000000000000/jobs",
    "http://127.0.0.1:3001/000000000000/jobs",
    "https://eu-west-1.queue.amazonaws.com/000000000000/jobs",
  ])("finds the queue by %s", async (url) => {
    expect(await call("SendMessage", { QueueUrl: url, MessageBody: "x" })).toHaveProperty("MessageId");
  });

  const attribute = { DataType: "String", StringValue: "x" };
  it.each<[object, string, RegExp]>([
    [{ QueueUrl: "https://sqs.eu-west-1.amazonaws.com/111111111111/jobs" }, "QueueDoesNotExist", /does not exist/],
    [{ QueueUrl: "jobs" }, "QueueDoesNotExist", /does not exist/],
    [{ QueueUrl: undefined }, "MissingParameter", /QueueUrl/],
    [{ MessageBody: undefined }, "MissingParameter", /MessageBody/],
    [{ MessageBody: "" }, "MissingParameter", /MessageBody/],
    [{ MessageBody: "a\u0000b" }, "InvalidMessageContents", /Invalid characters/],
    [{ MessageBody: "\uD800" }, "InvalidMessageContents", /Invalid characters/],
    [{ MessageBody: "x".repeat(1025) }, "InvalidParameterValue", /shorter than 1024 bytes/],
    [{ MessageBody: "é".repeat(513) }, "InvalidParameterValue", /shorter than 1024 bytes/],
    [
      { MessageAttributes: { a: { ...attribute, StringValue: "x".repeat(1024) } } },
      "InvalidParameterValue",
      /shorter than/,
    ],
    [{ DelaySeconds: 901 }, "InvalidParameterValue", /DelaySeconds must be >= 0 and <= 900/],
    [{ DelaySeconds: -1 }, "InvalidParameterValue", /DelaySeconds/],
    [{ MessageDeduplicationId: "x" }, "InvalidParameterValue", /MessageDeduplicationId is invalid/],
    [{ QueueUrl: QueueUrl.replace("jobs", "jobs.fifo") }, "UnsupportedOperation", /does not support FIFO queues/],
    [{ MessageAttributes: { "AWS.x": attribute } }, "InvalidParameterValue", /AWS\.x/],
    [{ MessageAttributes: { "a b": attribute } }, "InvalidParameterValue", /'a b'/],
    [{ MessageAttributes: { a: { StringValue: "x" } } }, "InvalidParameterValue", /non-empty message attribute type/],
    [
      { MessageAttributes: { a: { DataType: "Text", StringValue: "x" } } },
      "InvalidParameterValue",
      /invalid message attribute type/,
    ],
    [
      { MessageAttributes: { a: { DataType: "String" } } },
      "InvalidParameterValue",
      /non-empty message attribute value/,
    ],
    [{ MessageAttributes: { a: { DataType: "Binary", StringValue: "x" } } }, "InvalidParameterValue", /type 'Binary'/],
    [{ MessageAttributes: { a: { DataType: "Number", StringValue: "x" } } }, "InvalidParameterValue", /to a number/],
    [{ MessageAttributes: { a: null } }, "InvalidParameterValue", /'a'/],
    [
      { MessageAttributes: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`a${n}`, attribute])) },
      "InvalidParameterValue",
      /\[11\] exceeds the allowed maximum \[10\]/,
    ],
  ])("rejects %j: %s", async (input, code, message) => {
    const response = await call("SendMessage", { MessageBody: "x", ...input });
    expect(response).toMatchObject({ code, status: 400, message: expect.stringMatching(message) });
  });

  it("responds with 500 if the message cannot be written", async () => {
    const file = path.join(folder, "file");
    writeFileSync(file, "");
    const response = await call("SendMessage", { MessageBody: "x" }, file);
    expect(response).toMatchObject({ code: "InternalError", status: 500 });
  });
});

describe("SendMessageBatch", () => {
  const entry = (Id: string, more: object = {}) => ({ Id, MessageBody: `body of ${Id}`, ...more });

  it("writes valid messages and returns the errors of the others, by id", async () => {
    const Entries = [
      entry("1"),
      entry("2", { MessageBody: "" }),
      entry("3", { MessageBody: "x".repeat(2000) }),
      entry("4"),
    ];
    const { Successful, Failed } = await call("SendMessageBatch", { Entries });
    expect(Successful.map(({ Id }: { Id: string }) => Id)).toEqual(["1", "4"]);
    expect(Failed).toMatchObject([
      { Id: "2", Code: "MissingParameter", SenderFault: true },
      { Id: "3", Code: "InvalidParameterValue", SenderFault: true },
    ]);
    expect(linesOf("jobs").slice(-2)).toMatchObject([
      { messageId: Successful[0].MessageId, body: "body of 1" },
      { messageId: Successful[1].MessageId, body: "body of 4" },
    ]);
  });

  it.each<[string, object, string]>([
    ["none", { Entries: [] }, "EmptyBatchRequest"],
    ["no list", {}, "EmptyBatchRequest"],
    ["eleven", { Entries: Array.from({ length: 11 }, (_, n) => entry(String(n))) }, "TooManyEntriesInBatchRequest"],
    ["an id twice", { Entries: [entry("a"), entry("a")] }, "BatchEntryIdsNotDistinct"],
    ["an id with a space", { Entries: [entry("a b")] }, "InvalidBatchEntryId"],
    ["no id", { Entries: [{ MessageBody: "x" }] }, "InvalidBatchEntryId"],
    [
      "more than 1 MiB together",
      {
        QueueUrl: QueueUrl.replace("jobs", "wide"),
        Entries: [entry("a", { MessageBody: "x".repeat(600_000) }), entry("b", { MessageBody: "x".repeat(600_000) })],
      },
      "BatchRequestTooLong",
    ],
  ])("rejects entries: %s", async (_title, input, code) => {
    expect(await call("SendMessageBatch", input)).toMatchObject({ code, status: 400 });
  });
});

describe("other operations", () => {
  it("find a queue's URL by its name", async () => {
    expect(await call("GetQueueUrl", { QueueName: "jobs" })).toEqual({ QueueUrl });
    expect(await call("GetQueueUrl", { QueueName: "none" })).toMatchObject({ code: "QueueDoesNotExist" });
  });

  it.each(["ReceiveMessage", "PurgeQueue", "constructor"])(
    "are rejected with an error that names them: %s",
    async (operation) => {
      const response = await call(operation, {});
      expect(response).toMatchObject({
        code: "UnsupportedOperation",
        message: `offline does not support sqs:${operation}`,
      });
    },
  );
});
