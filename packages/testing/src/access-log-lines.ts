import { oneOf, type Random } from "./random";

const AGENTS = [
  "curl/8.5.0",
  "python-requests/2.32.3",
  "okhttp/4.12.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Safari/537.36",
  "-",
];
const ROUTES = ["GET /events", "POST /events", "GET /events/{id}", "GET /traffic", "ANY /SecureBackendFunction", "-"];
const STATUSES = [200, 200, 200, 200, 201, 400, 401, 403, 404, 429, 500];
const MESSAGES: Record<number, string> = { 401: "Unauthorized", 403: "Forbidden", 429: "Too Many Requests" };

/**
 * Returns a random access log entry in API Gateway's form, with the most used fields of our format.
 * An entry has 421 bytes on average.
 */
export function randomEntry(random: Random, epoch: number): Record<string, unknown> {
  const status = oneOf(random, STATUSES);
  const latency = random(100) === 0 ? random(10_000) : random(60);
  return {
    requestId: `${random(2 ** 32).toString(36)}AbCdEfGh=`,
    sourceIp: `203.0.${random(8)}.${random(256)}`,
    requestTime: formatRequestTime(epoch),
    requestTimeEpoch: epoch,
    httpMethod: oneOf(random, ["GET", "POST"]),
    routeKey: oneOf(random, ROUTES),
    path: `/dev/events/${random(5000)}`,
    status,
    protocol: "HTTP/1.1",
    responseLength: random(4096),
    responseLatency: latency,
    integrationLatency: status === 401 ? "-" : String(random(latency + 1)),
    integrationStatus: status === 401 ? "-" : String(status),
    userAgent: oneOf(random, AGENTS),
    errorMessage: MESSAGES[status] ?? "-",
    stage: "dev",
    user: random(3) === 0 ? `user-${random(3000)}` : "-",
  };
}

/** Formats a time like `$context.requestTime`: `23/Nov/2026:09:30:00 +0000`. */
function formatRequestTime(epoch: number): string {
  const [, day, month, year, time] = new Date(epoch).toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}

/** Bytes with a meaning in JSON, and some that are not valid UTF-8. */
const JSON_BYTES = [...'"\\{}[]:,-0189eE.tfn \t\r/u'].map((character) => character.charCodeAt(0));
const BYTES = [...JSON_BYTES, 0x00, 0x1f, 0x7f, 0x80, 0xc3, 0xef, 0xbb, 0xbf, 0xff, 0x0a];

/**
 * Returns a damaged line: up to three changes of bytes (changed, inserted, removed, repeated or cut
 * off), and sometimes fields that are missing or in another order.
 */
export function mutateEntry(random: Random, entry: Record<string, unknown>): Uint8Array {
  const shuffled = random(4) === 0 ? Object.fromEntries(Object.entries(entry).sort(() => random(3) - 1)) : { ...entry };
  if (random(4) === 0) delete shuffled[oneOf(random, Object.keys(shuffled))];
  if (random(4) === 0) shuffled[oneOf(random, Object.keys(shuffled))] = oneOf(random, VALUES);
  let bytes = [...Buffer.from(JSON.stringify(shuffled))];
  for (let left = random(4); left > 0; left--) {
    const at = random(bytes.length);
    const length = random(12);
    const change = random(6);
    if (change === 0) bytes[at] = oneOf(random, BYTES);
    else if (change === 1) bytes.splice(at, 0, oneOf(random, BYTES));
    else if (change === 2) bytes.splice(at, length);
    else if (change === 3) bytes.splice(at, 0, ...bytes.slice(at, at + length));
    else if (change === 4) bytes[at] = ((bytes[at] ?? 0) + 1) & 0xff;
    else if (random(4) === 0) bytes = bytes.slice(0, at);
  }
  return Uint8Array.from(bytes);
}

const VALUES = [
  "200",
  "-",
  "",
  "007",
  1.5,
  -1,
  0,
  1e21,
  123456789012345680000,
  null,
  true,
  [],
  {},
  { status: 200 },
  '"x"',
  "é😀",
  "\u0000",
];
