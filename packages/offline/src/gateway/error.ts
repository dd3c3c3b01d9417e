import type { GatewayResponse } from "./exchange";

/** An answer of the gateway's own. HTTP APIs cannot change these bodies. */
export interface GatewayError {
  status: number;
  message: string;
  /** `$context.error.responseType`: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
  responseType: string;
}

export const ERRORS = {
  notFound: { status: 404, message: "Not Found", responseType: "NOT_FOUND" },
  tooLarge: { status: 413, message: "Request Entity Too Large", responseType: "REQUEST_TOO_LARGE" },
  internal: { status: 500, message: "Internal Server Error", responseType: "INTEGRATION_FAILURE" },
  timeout: { status: 503, message: "Service Unavailable", responseType: "INTEGRATION_TIMEOUT" },
} as const satisfies Record<string, GatewayError>;

export function errorResponse({ status, message }: GatewayError): GatewayResponse {
  return {
    status,
    headers: { "content-type": "application/json" },
    cookies: [],
    body: Buffer.from(JSON.stringify({ message })),
  };
}
