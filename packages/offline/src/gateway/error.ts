import type { GatewayResponse } from "./exchange";

/** An answer of the gateway's own. HTTP APIs cannot change these bodies. */
export interface GatewayError {
  status: number;
  message: string;
  /** `$context.error.responseType`: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
  responseType: string;
  headers?: Record<string, string>;
}

export const ERRORS = {
  unauthorized: { status: 401, message: "Unauthorized", responseType: "UNAUTHORIZED" },
  forbidden: { status: 403, message: "Forbidden", responseType: "ACCESS_DENIED" },
  notFound: { status: 404, message: "Not Found", responseType: "RESOURCE_NOT_FOUND" },
  tooLarge: { status: 413, message: "Request Entity Too Large", responseType: "REQUEST_TOO_LARGE" },
  throttled: { status: 429, message: "Too Many Requests", responseType: "THROTTLED" },
  internal: { status: 500, message: "Internal Server Error", responseType: "INTEGRATION_FAILURE" },
  timeout: { status: 503, message: "Service Unavailable", responseType: "INTEGRATION_TIMEOUT" },
} as const satisfies Record<string, GatewayError>;

export function errorResponse({ status, message, headers }: GatewayError): GatewayResponse {
  const body = Buffer.from(JSON.stringify({ message }));
  return { status, headers: { "content-type": "application/json", ...headers }, cookies: [], body };
}
