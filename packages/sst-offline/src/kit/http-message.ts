import { validateHeaderName, validateHeaderValue } from "node:http";

/** A request as the caller sent it. */
export interface IncomingRequest {
  readonly method: string;
  /** As sent: encoded, without the query string. */
  readonly path: string;
  /** As sent, without `?`. */
  readonly query: string;
  /** Name, value, name, value ... in the order of arrival. */
  readonly rawHeaders: readonly string[];
  /** Empty if the body is longer than the server reads. */
  readonly body: Buffer;
  /** Bytes that the caller sent. */
  readonly bodyLength: number;
  readonly sourceIp: string;
}

/** A response as it is sent, without the headers of the connection. */
export interface HttpResponse {
  readonly status: number;
  /** Header values by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Values of `set-cookie`. */
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

/** Returns the header with this lower-case name. Joins several values with commas. */
export function headerOf({ rawHeaders }: IncomingRequest, name: string): string | undefined {
  let joined: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== name) continue;
    joined = joined === undefined ? rawHeaders[at + 1] : `${joined},${rawHeaders[at + 1]}`;
  }
  return joined;
}

const EMPTY = Buffer.alloc(0);

/** Returns the body to send. Responses to HEAD, and with status 204 or 304, have none. */
export function sentBody(method: string, { status, body }: HttpResponse): Buffer {
  return method === "HEAD" || status === 204 || status === 304 ? EMPTY : body;
}

/** Percent-decodes a text. Returns it unchanged if the encoding is invalid. */
export function decodePercent(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Returns the name of the first header that HTTP does not allow, such as one with a line break. */
export function findUnsendableHeader({
  headers,
  cookies,
}: Pick<HttpResponse, "headers" | "cookies">): string | undefined {
  const all = [...Object.entries(headers), ...cookies.map((value) => ["set-cookie", value] as const)];
  return all.find(([name, value]) => !isSendable(name, value))?.[0];
}

function isSendable(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
