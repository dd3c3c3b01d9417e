import { createHash } from "node:crypto";

import { AwsError } from "../kit/aws-call";

type Input = Record<string, unknown>;

interface Attribute {
  DataType: string;
  StringValue?: string;
  /** Base64. */
  BinaryValue?: string;
}

export interface CheckedMessage {
  body: string;
  attributes: Record<string, Attribute>;
  /** Size of body and attributes. */
  bytes: number;
}

const MAX_ATTRIBUTES = 10;
const MAX_DELAY_SECONDS = 900;

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
const ATTRIBUTE_NAME = /^(?!AWS\.|Amazon\.)(?!\.)[\w.-]{1,256}(?<!\.)$/i;
const DATA_TYPE = /^(String|Number|Binary)(\..+)?$/;

/**
 * Characters that XML cannot contain.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it must match control characters
const FORBIDDEN = /[^\u0009\u000A\u000D\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/**
 * Checks a message for a standard queue.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 *
 * @param maxBytes limit of the queue
 * @throws AwsError
 */
export function checkMessage(input: Input, maxBytes: number): CheckedMessage {
  const { MessageBody: body, MessageAttributes, DelaySeconds = 0, MessageDeduplicationId } = input;
  if (typeof body !== "string" || body === "") {
    throw sqsError("MissingParameter", "The request must contain the parameter MessageBody.");
  }
  if (FORBIDDEN.test(body)) {
    throw sqsError(
      "InvalidMessageContents",
      "Invalid characters found. Valid unicode characters are " +
        "#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.",
    );
  }
  if (!Number.isInteger(DelaySeconds) || Number(DelaySeconds) < 0 || Number(DelaySeconds) > MAX_DELAY_SECONDS) {
    const reason = `DelaySeconds must be >= 0 and <= ${MAX_DELAY_SECONDS}.`;
    throw invalid(`Value ${DelaySeconds} for parameter DelaySeconds is invalid. Reason: ${reason}`);
  }
  if (MessageDeduplicationId !== undefined) {
    const reason = "The request include parameter that is not valid for this queue type";
    throw invalid(
      `Value ${MessageDeduplicationId} for parameter MessageDeduplicationId is invalid. Reason: ${reason}.`,
    );
  }
  const attributes = checkAttributes(MessageAttributes);
  const bytes = Object.entries(attributes).reduce(
    (sum, [name, { DataType, StringValue, BinaryValue }]) =>
      sum + Buffer.byteLength(name + DataType) + bytesOf({ StringValue, BinaryValue }).length,
    Buffer.byteLength(body),
  );
  if (bytes > maxBytes) {
    throw invalid(`One or more parameters are invalid. Reason: Message must be shorter than ${maxBytes} bytes.`);
  }
  return { body, attributes, bytes };
}

function checkAttributes(given: unknown): Record<string, Attribute> {
  if (given === undefined || given === null) return {};
  const entries = Object.entries(Object(given) as Record<string, Partial<Attribute>>);
  if (entries.length > MAX_ATTRIBUTES) {
    throw invalid(`Number of message attributes [${entries.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`);
  }
  return Object.fromEntries(entries.map(([name, attribute]) => [name, checkAttribute(name, Object(attribute))]));
}

function checkAttribute(name: string, { DataType, StringValue, BinaryValue }: Partial<Attribute>): Attribute {
  const what = `The message attribute '${name}'`;
  if (!ATTRIBUTE_NAME.test(name)) throw invalid(`${what} has an invalid name.`);
  if (typeof DataType !== "string" || DataType === "")
    throw invalid(`${what} must contain a non-empty message attribute type.`);
  const [, type] = DATA_TYPE.exec(DataType) ?? [];
  if (type === undefined) {
    throw invalid(
      `${what} has an invalid message attribute type, ` +
        "the set of supported type prefixes is Binary, Number, and String.",
    );
  }
  const value = type === "Binary" ? BinaryValue : StringValue;
  if (typeof value !== "string" || value === "") {
    throw invalid(`${what} must contain a non-empty message attribute value for message attribute type '${type}'.`);
  }
  if (type === "Number" && (value.trim() === "" || Number.isNaN(Number(value)))) {
    throw invalid(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
  return { DataType, ...(type === "Binary" ? { BinaryValue: value } : { StringValue: value }) };
}

/**
 * Returns the digests of a response, with which SDKs verify the received message.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
export function digestsOf({ body, attributes }: CheckedMessage) {
  const names = Object.keys(attributes).sort();
  const hash = createHash("md5");
  for (const name of names) {
    const { DataType, ...value } = attributes[name] ?? { DataType: "" };
    for (const text of [name, DataType]) hash.update(withLength(Buffer.from(text)));
    hash.update(Buffer.of(value.BinaryValue === undefined ? 1 : 2)).update(withLength(bytesOf(value)));
  }
  return {
    MD5OfMessageBody: createHash("md5").update(body).digest("hex"),
    ...(names.length > 0 && { MD5OfMessageAttributes: hash.digest("hex") }),
  };
}

function bytesOf({
  StringValue,
  BinaryValue,
}: {
  StringValue?: string | undefined;
  BinaryValue?: string | undefined;
}): Buffer {
  return BinaryValue === undefined ? Buffer.from(StringValue ?? "") : Buffer.from(BinaryValue, "base64");
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export function sqsError(code: string, message: string, status = 400): AwsError {
  return new AwsError(`com.amazonaws.sqs#${code}`, message, status);
}

function invalid(message: string): AwsError {
  return sqsError("InvalidParameterValue", message);
}
