import type { Operation, OperationResponse } from "@secure-backend/core/api/operation";
import { GatewayError, Problem } from "@secure-backend/core/api/schemas";

import type { ApiRoute } from "./routes";
import { type Json, type JsonObject, schemaOf } from "./schema";

/** The name of the security scheme. */
export const SCHEME = "cognito";

/** An OpenAPI Operation Object: https://spec.openapis.org/oas/v3.1.1.html#operation-object */
export function operationObject(operation: Operation, { path, scopes }: ApiRoute): JsonObject {
  const { id, summary, description, body } = operation;
  const parameters = [
    ...pathParameters(operation, path),
    ...queryParameters(operation),
    ...headerParameters(operation),
  ];
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    security: scopes === undefined ? [] : [{ [SCHEME]: scopes }],
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: schemaOf(body), examples: bodyExamples(operation) } },
      },
    }),
    responses: responses(operation, scopes !== undefined),
  };
}

function bodyExamples({ examples }: Operation): Json {
  const withBody = Object.entries(examples).filter(([, { body }]) => body !== undefined);
  return Object.fromEntries(
    withBody.map(([name, { summary, body, status }]) => [
      name,
      { summary: status < 300 ? summary : `${summary}: ${status}`, value: body as Json },
    ]),
  );
}

function pathParameters({ id, path: descriptions = {} }: Operation, path: string): JsonObject[] {
  const names = [...path.matchAll(/\{(\w+)\+?\}/g)].map(([, name = ""]) => name);
  return names.map((name) => {
    const description = descriptions[name];
    if (description === undefined) throw new Error(`the operation "${id}" does not describe {${name}} of ${path}`);
    return { name, in: "path", required: true, description, schema: { type: "string" } };
  });
}

function queryParameters({ query }: Operation): JsonObject[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query) as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }));
}

function headerParameters({ headers = {} }: Operation): JsonObject[] {
  return Object.entries(headers).map(([name, { description, schema }]) => ({
    name,
    in: "header",
    required: false,
    description,
    schema: schemaOf(schema),
  }));
}

function responses({ responses: own }: Operation, isGuarded: boolean): Json {
  const ofGateway: Record<number, string> = {
    ...(isGuarded && { 401: "There is no token, or it is not valid" }),
    ...(isGuarded && { 403: "The token has none of the scopes that the operation asks for" }),
    429: "Too many requests",
    500: "The function failed, or its answer could not be used",
    503: "The function took longer than 30 seconds",
  };
  const statuses = [...new Set([...Object.keys(own), ...Object.keys(ofGateway)])].sort();
  return Object.fromEntries(statuses.map((status) => [status, response(own[+status], ofGateway[+status])]));
}

function response(own: OperationResponse | undefined, ofGateway: string | undefined): JsonObject {
  const content = {
    ...(own?.content !== undefined && ownContent(own.content)),
    ...(ofGateway !== undefined && { "application/json": { schema: schemaOf(GatewayError) } }),
  };
  const headers = Object.entries(own?.headers ?? {}).map(([name, description]) => [name, header(description)]);
  return {
    description: [own?.description, ofGateway].filter((text) => text !== undefined).join(". Or: "),
    headers: { "apigw-requestid": { $ref: "#/components/headers/RequestId" }, ...Object.fromEntries(headers) },
    ...(Object.keys(content).length > 0 && { content }),
  };
}

/** The components of the document that every response refers to. */
export const HEADERS: JsonObject = { RequestId: header("Id of the request, under which it stands in the access log") };

function header(description: string): JsonObject {
  return { description, schema: { type: "string" } };
}

function ownContent(content: NonNullable<OperationResponse["content"]>): JsonObject {
  return content === "problem"
    ? { "application/problem+json": { schema: schemaOf(Problem) } }
    : { "application/json": { schema: schemaOf(content) } };
}
