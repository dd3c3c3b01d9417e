import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { requestEvent } from "./event";

export interface RouteRequest {
  query?: Record<string, string>;
  path?: Record<string, string>;
  headers?: Record<string, string>;
  body?: unknown;
  /** Claims of the token; `null` for no token. */
  as?: Record<string, string> | null;
}

/** Returns the event of a request to a route, with a token that API Gateway has verified. */
export function routeEvent(routeKey: string, { query, path, headers, body, as }: RouteRequest): APIGatewayProxyEventV2 {
  const event = requestEvent({
    method: routeKey.split(" ")[0] ?? "",
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const authorizer = as === null ? {} : { authorizer: { jwt: { claims: as, scopes: ["audit/write"] } } };
  Object.assign(event, { routeKey, rawQueryString: String(new URLSearchParams(query)), pathParameters: path ?? {} });
  Object.assign(event.requestContext, { routeKey, ...authorizer });
  return event;
}
