import type { IncomingMessage, ServerResponse } from "node:http";

import { readBody, sendJson as send } from "@backend/sst-offline/kit/http";

const LIMIT_BYTES = 64 * 1024;

export const HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

export function sendJson(response: ServerResponse, status: number, body: object): void {
  send(response, status, body, HEADERS);
}

/** The JSON of a body; undefined for more than 64 KB, and for what is not JSON. */
export async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request, LIMIT_BYTES);
  try {
    return body === undefined ? undefined : JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
