import type { Outcome, RequestContext } from "../src/gateway/outcome";
import { decodePercent, type IncomingRequest } from "../src/kit/http-message";

export function requestOf(changes: Partial<IncomingRequest> = {}): IncomingRequest {
  const body = changes.body ?? Buffer.alloc(0);
  return {
    method: "GET",
    path: "/",
    query: "",
    rawHeaders: [],
    body,
    bodyLength: body.length,
    sourceIp: "127.0.0.1",
    ...changes,
  };
}

/** Returns the context of a request to the stage in the first segment of its path. */
export function contextOf(request: IncomingRequest, changes: Partial<RequestContext> = {}): RequestContext {
  const { path } = request;
  return {
    request,
    requestId: "JCJM3j95PHcEJHg=",
    traceId: "Root=1-5e9f0c65-1de4d666d4dd26aced652b6c",
    receivedAt: Date.UTC(2025, 3, 14, 22, 14, 16, 7),
    arrival: {
      routePath: path,
      eventPath: decodePercent(path),
      loggedPath: path,
      domainName: "aaaaaaaaaa.execute-api.eu-west-1.amazonaws.com",
    },
    ...changes,
  };
}

export function outcomeOf(request: IncomingRequest, changes: Partial<Outcome> = {}): Outcome {
  const { traceId: _traceId, ...context } = contextOf(request);
  return {
    ...context,
    response: { status: 200, headers: {}, cookies: [], body: Buffer.alloc(0) },
    latency: 3,
    ...changes,
  };
}
