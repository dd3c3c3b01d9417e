import type { APIGatewayProxyEventV2, Context } from "aws-lambda";

import get from "./events/get.json" with { type: "json" };

/**
 * Returns the event of a GET request to a named stage, in payload format 2.0:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 *
 * Like recorded events, it has no `body`, `cookies`, `queryStringParameters` and `authorizer` if
 * the request has none.
 */
export function requestEvent(changes: RequestChanges = {}): APIGatewayProxyEventV2 {
  const { method = "GET", headers = {}, body, isBase64Encoded = false } = changes;
  const event: APIGatewayProxyEventV2 = structuredClone(get);
  event.requestContext.http.method = method;
  event.isBase64Encoded = isBase64Encoded;
  Object.assign(event.headers, headers);
  if (body !== undefined) {
    event.body = body;
    event.headers["content-length"] = String(Buffer.byteLength(body, isBase64Encoded ? "base64" : "utf8"));
  }
  return event;
}

export interface RequestChanges {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  isBase64Encoded?: boolean;
}

/**
 * The context that Lambda passes to a handler:
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 */
export const lambdaContext: Context = {
  callbackWaitsForEmptyEventLoop: true,
  functionName: "SecureBackendFunction-dev",
  functionVersion: "$LATEST",
  invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:SecureBackendFunction-dev",
  memoryLimitInMB: "512",
  awsRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
  logGroupName: "/aws/lambda/SecureBackendFunction-dev",
  logStreamName: "2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef",
  getRemainingTimeInMillis: () => 9_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
};
