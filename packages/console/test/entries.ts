import { randomUUID } from "node:crypto";

import type { AccessLogEntry } from "@backend/platform/access-log/entry";

const ADA = "6b0d1c1e-7a51-5b8c-9d0e-2f6f0a4b1c2d";
const ADDRESSES = ["203.0.113.7", "203.0.113.24", "198.51.100.3", "192.0.2.99"];
const AGENTS = [
  "curl/8.11.0",
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/147.0",
  "python-requests/2.32",
];

interface Kind {
  weight: number;
  fields: Partial<AccessLogEntry>;
  latency: number;
}

const authenticated = { user: ADA, client: "6ka3m790cv5hrhjdqt2ju89v45" };
const gateway = (status: number, errorMessage: string, errorType: string) => ({ status, errorMessage, errorType });

const KINDS: Kind[] = [
  {
    weight: 40,
    latency: 4,
    fields: {
      routeKey: "ANY /SecureBackendFunction",
      httpMethod: "GET",
      path: "/dev/SecureBackendFunction",
      status: 200,
    },
  },
  {
    weight: 18,
    latency: 14,
    fields: { routeKey: "POST /events", httpMethod: "POST", path: "/dev/events", status: 201, ...authenticated },
  },
  {
    weight: 24,
    latency: 22,
    fields: { routeKey: "GET /events", httpMethod: "GET", path: "/dev/events", status: 200, ...authenticated },
  },
  {
    weight: 6,
    latency: 9,
    fields: {
      routeKey: "GET /events/{id}",
      httpMethod: "GET",
      path: "/dev/events/01M84X2A583ARSW9ZHGY7CPPNN",
      status: 404,
      ...authenticated,
    },
  },
  {
    weight: 4,
    latency: 1,
    fields: {
      routeKey: "GET /events",
      httpMethod: "GET",
      path: "/dev/events",
      authorizerError: "the token has expired",
      ...gateway(401, "Unauthorized", "UNAUTHORIZED"),
    },
  },
  {
    weight: 3,
    latency: 1,
    fields: { httpMethod: "GET", path: "/dev/.env", ...gateway(404, "Not Found", "NOT_FOUND") },
  },
  {
    weight: 2,
    latency: 1,
    fields: {
      routeKey: "ANY /SecureBackendFunction",
      httpMethod: "GET",
      path: "/dev/SecureBackendFunction",
      ...gateway(429, "Too Many Requests", "THROTTLED"),
    },
  },
  {
    weight: 1,
    latency: 40,
    fields: {
      routeKey: "POST /events",
      httpMethod: "POST",
      path: "/dev/events",
      integrationError: "The Lambda function returned the following error: TableNotReady",
      ...gateway(500, "Internal Server Error", "INTEGRATION_FAILURE"),
      ...authenticated,
    },
  },
];

/**
 * Returns sample entries, oldest first. They depend only on the arguments, except for their ids.
 */
export function entries(number: number, from: number, to: number): AccessLogEntry[] {
  let seed = 7;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  const kindAt = (place: number) => {
    let passed = 0;
    const found = KINDS.find(({ weight }) => {
      passed += weight;
      return place < passed;
    });
    return found ?? (KINDS[0] as Kind);
  };
  const total = KINDS.reduce((sum, { weight }) => sum + weight, 0);
  const times = Array.from({ length: number }, () => from + (to - from) * random()).sort((a, b) => a - b);
  return times.map((time) => {
    const kind = kindAt(random() * total);
    const latency = Math.max(1, Math.round(kind.latency * (0.6 + random() + (random() > 0.97 ? 12 : 0))));
    return entryOf(Math.floor(time), kind.fields, latency, random);
  });
}

/** Writes a time as API Gateway does: `23/Nov/2026:09:30:00 +0000`. */
function requestTimeOf(time: number): string {
  const [, day, month, year, clock] = new Date(time).toUTCString().split(" ");
  return `${day}/${month}/${year}:${clock} +0000`;
}

function entryOf(time: number, fields: Partial<AccessLogEntry>, latency: number, random: () => number): AccessLogEntry {
  const pick = (list: string[]) => list[Math.floor(random() * list.length)] ?? "";
  const reachedFunction = fields.errorMessage === undefined || fields.integrationError !== undefined;
  return {
    requestId: `${randomUUID().replaceAll("-", "").slice(0, 15)}=`,
    requestTimeEpoch: time,
    requestTime: requestTimeOf(time),
    stage: "dev",
    protocol: "HTTP/1.1",
    status: 200,
    responseLength: Math.round(80 + random() * 2000),
    responseLatency: latency,
    ...(reachedFunction && {
      integrationLatency: Math.max(1, latency - 1),
      integrationStatus: fields.status,
      integrationRequestId: randomUUID(),
    }),
    sourceIp: pick(ADDRESSES),
    userAgent: pick(AGENTS),
    domainName: "abcdefghij.execute-api.eu-west-1.amazonaws.com",
    apiId: "abcdefghij",
    accountId: "000000000000",
    ...fields,
  } as AccessLogEntry;
}
