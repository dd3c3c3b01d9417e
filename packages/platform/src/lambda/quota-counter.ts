import type { Charge, Count, Quotas } from "../quota/quotas";

import { signPost } from "./sign";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Milliseconds that one call may take. After one that takes longer, the request is served
 * uncounted.
 */
const CALL_TIMEOUT_MS = 2_000;

/** Seconds after the end of its window that a counter may be deleted: clocks differ. */
const SPARE_SECONDS = 60;

/** Returns the quotas of the function, or undefined if its stage declares none. */
export function quotasOf(environment: Environment): { quotas: Quotas; count: Count } | undefined {
  const { QUOTAS, QUOTAS_TABLE } = environment;
  if (QUOTAS === undefined || QUOTAS_TABLE === undefined) return undefined;
  return { quotas: JSON.parse(QUOTAS) as Quotas, count: dynamoCounter(QUOTAS_TABLE, environment) };
}

/**
 * Counters in DynamoDB: one item per owner and window, with the partition key `pk` and the TTL
 * attribute `expiresAt`. One conditional UpdateItem checks and counts.
 *
 * Without the AWS SDK: its client would multiply the size of a function that calls no other
 * service.
 */
export function dynamoCounter(table: string, environment: Environment, timeoutMs = CALL_TIMEOUT_MS): Count {
  const { AWS_REGION: region = "", AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_DYNAMODB } = environment;
  const url = new URL(AWS_ENDPOINT_URL_DYNAMODB ?? AWS_ENDPOINT_URL ?? `https://dynamodb.${region}.amazonaws.com`);
  const credentials = {
    accessKeyId: environment.AWS_ACCESS_KEY_ID ?? "",
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? "",
    sessionToken: environment.AWS_SESSION_TOKEN,
  };
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.UpdateItem" };
  return async function count(charge) {
    const body = JSON.stringify({ TableName: table, ...updateOf(charge) });
    const send = () =>
      fetch(url.href, {
        method: "POST",
        headers: signPost({ host: url.host, headers, body, region, service: "dynamodb" }, credentials, Date.now()),
        body,
        signal: AbortSignal.timeout(timeoutMs),
      });
    // A connection from before a pause may be closed by now. The second attempt opens a new one.
    const response = await send().catch((error: Error) =>
      error.name === "TimeoutError" ? Promise.reject(error) : send(),
    );
    const answer = (await response.json()) as { __type?: string; message?: string };
    if (response.ok) return "counted";
    const error = String(answer.__type).split("#").at(-1) ?? "";
    if (error === "ConditionalCheckFailedException") return "full";
    if (THROTTLED.has(error)) return "busy";
    throw new Error(`UpdateItem of ${table}: ${response.status} ${error}: ${answer.message}`);
  };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
const THROTTLED = new Set(["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"]);

function updateOf({ key, amounts, end }: Charge) {
  const room = amounts.map(({ name }) => `(attribute_not_exists(#${name}) OR #${name} <= :${name}Room)`);
  return {
    Key: { pk: { S: key } },
    UpdateExpression: `ADD ${amounts.map(({ name }) => `#${name} :${name}`).join(", ")} SET expiresAt = :expiresAt`,
    ConditionExpression: room.join(" AND "),
    ExpressionAttributeNames: Object.fromEntries(amounts.map(({ name }) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ":expiresAt": { N: String(end + SPARE_SECONDS) },
      ...Object.fromEntries(
        amounts.flatMap(({ name, amount, limit }) => [
          [`:${name}`, { N: String(amount) }],
          [`:${name}Room`, { N: String(limit - amount) }],
        ]),
      ),
    },
  };
}
