import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-content-type-options": "nosniff",
};

/**
 * Returns a response with a JSON body. It has no `content-length`: API Gateway sets it, and drops a
 * function's own.
 */
export function respond(
  method: string,
  statusCode: number,
  body: unknown,
  contentType: string,
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode,
    headers: { "content-type": contentType, ...headers, ...SECURITY_HEADERS },
    ...(method !== "HEAD" && { body: JSON.stringify(body) }),
  };
}
