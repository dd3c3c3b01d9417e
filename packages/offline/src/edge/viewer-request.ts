import vm from "node:vm";

import type { IncomingRequest } from "../gateway/exchange";

type Headers = Record<string, { value: string; multiValue?: { value: string }[] }>;

interface EdgeRequest {
  method: string;
  uri: string;
  querystring: object;
  headers: Headers;
  cookies: object;
}

/** Milliseconds that its code may take to be read. A call may run for as long as it wants: it is our own. */
const LOADING = 1000;

/**
 * Plays a CloudFront function of event type viewer-request: what it makes of method, path and headers is what goes on.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 *
 * @param code of runtime `cloudfront-js-2.0`
 */
export function viewerRequest(code: string): (request: IncomingRequest) => Promise<IncomingRequest> {
  const handler: unknown = vm.runInNewContext(`${code}\n;handler`, {}, { timeout: LOADING });
  if (typeof handler !== "function") throw new Error("the function of the distribution has no handler");
  return async (request) => {
    const { method, path, sourceIp } = request;
    const viewer = { ip: sourceIp };
    const headers = headersOf(request.rawHeaders);
    const asked: EdgeRequest = { method, uri: path, querystring: {}, headers, cookies: {} };
    const answer: EdgeRequest | { statusCode: number } = await handler({ version: "1.0", viewer, request: asked });
    if ("statusCode" in answer)
      throw new Error("the function of the distribution answers by itself, which is not played");
    return { ...request, method: answer.method, path: answer.uri, rawHeaders: rawHeadersOf(answer.headers) };
  };
}

function headersOf(rawHeaders: string[]): Headers {
  const headers: Headers = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = [rawHeaders[index]?.toLowerCase(), rawHeaders[index + 1]];
    const known = headers[name];
    if (known === undefined) headers[name] = { value };
    else
      headers[name] = {
        value: known.value,
        multiValue: [...(known.multiValue ?? [{ value: known.value }]), { value }],
      };
  }
  return headers;
}

function rawHeadersOf(headers: Headers): string[] {
  return Object.entries(headers).flatMap(([name, { value, multiValue }]) => {
    return (multiValue ?? [{ value }]).flatMap((item) => [name, item.value]);
  });
}
