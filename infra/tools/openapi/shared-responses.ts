import { STATUS_CODES } from "node:http";

import type { JsonObject } from "./schema";

/** By status. */
export type Responses = Record<string, JsonObject>;

/**
 * Replaces responses that operations share by references, in place, and returns them by name, such
 * as `TooManyRequests` for 429. Less common ones of the same status are numbered:
 * `TooManyRequests2`.
 */
export function shareResponses(operations: { responses: Responses }[]): Record<string, JsonObject> {
  const uses = new Map<string, number>();
  for (const { responses } of operations)
    for (const entry of Object.entries(responses)) {
      const text = JSON.stringify(entry);
      uses.set(text, (uses.get(text) ?? 0) + 1);
    }
  const names = new Map<string, string>();
  for (const [text] of [...uses].filter(([, count]) => count > 1).sort(([, a], [, b]) => b - a)) {
    const [status] = JSON.parse(text) as [string];
    const before = [...names.keys()].filter((other) => JSON.parse(other)[0] === status).length;
    names.set(text, `${nameOf(status)}${before === 0 ? "" : before + 1}`);
  }
  for (const { responses } of operations)
    for (const entry of Object.entries(responses)) {
      const name = names.get(JSON.stringify(entry));
      if (name !== undefined) responses[entry[0]] = { $ref: `#/components/responses/${name}` };
    }
  const shared = [...names].map(([text, name]): [string, JsonObject] => [name, JSON.parse(text)[1]]);
  return Object.fromEntries(shared.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** https://www.iana.org/assignments/http-status-codes/http-status-codes.xhtml */
function nameOf(status: string): string {
  return (STATUS_CODES[status] ?? status).replaceAll(/[^A-Za-z0-9]/g, "");
}
