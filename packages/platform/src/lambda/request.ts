import type { APIGatewayProxyEventV2, APIGatewayProxyEventV2WithJWTAuthorizer } from "aws-lambda";
import { authorize, type Claims, TENANT_HEADER } from "../access/authorize";
import type { AnyOperation, Caller, TenantCaller } from "../api/contract";
import { parse } from "../input";

import { jsonBody } from "./body";
import { queryOf } from "./query";

/** Where a request comes from. */
export interface RequestInfo {
  /** API Gateway's id of the request. */
  id: string;
  /** Address of the caller. */
  sourceAddress: string;
  userAgent: string;
  /** Host name in the caller's request. */
  host: string;
  stage: string;
}

/**
 * Returns the caller; undefined for a public operation. Throws an `AppError` if the caller may not
 * use the operation.
 */
export function callerOf(event: APIGatewayProxyEventV2, { access }: AnyOperation): Caller | TenantCaller | undefined {
  const { authorizer } = event.requestContext as Partial<APIGatewayProxyEventV2WithJWTAuthorizer["requestContext"]>;
  const claims = authorizer?.jwt?.claims as Claims | undefined; // all strings, as API Gateway writes them
  return access && authorize(access, claims, event.headers[TENANT_HEADER]);
}

/** Returns the validated input of a handler. Rejects with an `AppError` for invalid input. */
export async function inputOf(
  event: APIGatewayProxyEventV2,
  { headers, path, query, body, bodyLimit }: AnyOperation,
  request: RequestInfo,
  caller: Caller | TenantCaller | undefined,
) {
  const pathParameters = event.pathParameters ?? {};
  return {
    request,
    caller,
    headers: headers && parse(headers, pick(event.headers, Object.keys(headers.shape))),
    path: path === undefined ? pathParameters : parse(path, pathParameters),
    query: query && parse(query, queryOf(event.rawQueryString)),
    body: body && parse(body, jsonBody(event, bodyLimit)),
  };
}

function pick(values: Record<string, string | undefined>, names: string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])));
}
