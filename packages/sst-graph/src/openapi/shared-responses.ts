import { STATUS_CODES } from "node:http";

import type { JsonObject } from "./schema";

/** By status. */
export type Responses = Record<string, JsonObject>;

/**
 * Replaces responses that operations share by references, in place, and returns them by name, such as
 * `TooManyRequests` for 429. For each status, only the most common response is shared.
 */
export function shareResponses(operations: { responses: Responses }[]): Record<string, JsonObject> {
  const uses = new Map<string, { status: string; count: number }>();
  for (const [status, response] of operations.flatMap(({ responses }) => Object.entries(responses))) {
    const text = JSON.stringify([status, response]);
    uses.set(text, { status, count: (uses.get(text)?.count ?? 0) + 1 });
  }
  const shared: Record<string, JsonObject> = {};
  for (const status of new Set([...uses.values()].map((use) => use.status))) {
    const [text, count] = mostUsed([...uses].filter(([, use]) => use.status === status));
    if (count > 1) shared[nameOf(status)] = JSON.parse(text)[1];
  }
  for (const { responses } of operations)
    for (const [status, response] of Object.entries(responses)) {
      const name = nameOf(status);
      if (JSON.stringify(shared[name]) === JSON.stringify(response))
        responses[status] = { $ref: `#/components/responses/${name}` };
    }
  return Object.fromEntries(Object.entries(shared).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function mostUsed(uses: [string, { count: number }][]): [text: string, count: number] {
  const counts = uses.map(([text, { count }]): [string, number] => [text, count]);
  return counts.reduce((most, next) => (next[1] > most[1] ? next : most));
}

/** https://www.iana.org/assignments/http-status-codes/http-status-codes.xhtml */
function nameOf(status: string): string {
  return (STATUS_CODES[status] ?? status).replaceAll(/[^A-Za-z0-9]/g, "");
}
