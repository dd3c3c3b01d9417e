import type { IncomingMessage, ServerResponse } from "node:http";

const LIMIT_BYTES = 64 * 1024;

export const HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...HEADERS });
  response.end(JSON.stringify(body));
}

/** The JSON of a body; undefined for more than 64 KB, and for what is not JSON. */
export async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= LIMIT_BYTES) chunks.push(chunk);
  }
  try {
    return length > LIMIT_BYTES ? undefined : JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}
