import type { DocumentedOperation, OperationExample } from "@backend/platform/api/document";
import { GatewayError } from "@backend/platform/api/schemas";
import { Problem } from "@backend/platform/problem";

import type { ApiRoute } from "./routes";
import { type Json, type JsonObject, schemaOf } from "./schema";
import { securityOf } from "./security";
import type { Responses } from "./shared-responses";

/** An OpenAPI Operation Object: https://spec.openapis.org/oas/v3.1.1.html#operation-object */
export function operationObject(
  operation: DocumentedOperation,
  { path, access }: ApiRoute,
): JsonObject & { responses: Responses } {
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
    security: securityOf(access),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: schemaOf(body), examples: bodyExamples(operation) } },
      },
    }),
    responses: responses(operation, REFUSALS[access.by]),
  };
}

function bodyExamples(operation: DocumentedOperation): Json {
  return examplesOf(operation, ({ body }) => body as Json | undefined);
}

/** Returns Example Objects for the examples that have this value. */
function examplesOf(
  { examples }: DocumentedOperation,
  pick: (example: OperationExample) => Json | undefined,
): JsonObject {
  return Object.fromEntries(
    Object.entries(examples).flatMap(([name, example]) => {
      const { summary, status } = example;
      const value = pick(example);
      return value === undefined ? [] : [[name, { summary: status < 300 ? summary : `${summary}: ${status}`, value }]];
    }),
  );
}

/** Returns the examples of a parameter, if there are any. */
function withExamples(operation: DocumentedOperation, place: "path" | "query" | "headers", name: string): JsonObject {
  const examples = examplesOf(operation, (example) => example[place]?.[name]);
  return Object.keys(examples).length > 0 ? { examples } : {};
}

function pathParameters(operation: DocumentedOperation, path: string): JsonObject[] {
  const { id, path: descriptions = {} } = operation;
  const names = [...path.matchAll(/\{(\w+)\+?\}/g)].map(([, name = ""]) => name);
  return names.map((name) => {
    const description = descriptions[name];
    if (description === undefined) throw new Error(`the operation "${id}" does not describe {${name}} of ${path}`);
    return {
      ...{ name, in: "path", required: true, description, schema: { type: "string" } },
      ...withExamples(operation, "path", name),
    };
  });
}

function queryParameters(operation: DocumentedOperation): JsonObject[] {
  const { query } = operation;
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query) as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    ...(required.includes(name) && { required: true }),
    ...(description !== undefined && { description }),
    schema,
    ...withExamples(operation, "query", name),
  }));
}

function headerParameters(operation: DocumentedOperation): JsonObject[] {
  return Object.entries(operation.headers).map(([name, { description, schema }]) => ({
    name,
    in: "header",
    description,
    schema: schemaOf(schema),
    ...withExamples(operation, "headers", name),
  }));
}

/**
 * Responses of API Gateway to rejected callers, by the kind of authorization.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
const REFUSALS: Record<ApiRoute["access"]["by"], Record<number, string>> = {
  nobody: {},
  token: {
    401: "Missing or invalid token",
    403: "The token lacks the required scope",
  },
  signature: { 403: "The request is not signed, or the signer may not call this operation" },
  function: {
    401: "The request lacks a value that the authorizer requires",
    403: "The authorizer rejected the caller",
  },
};

function responses({ responses: own }: DocumentedOperation, refusals: Record<number, string>): Responses {
  const ofGateway: Record<number, string> = {
    ...refusals,
    429: "Too many requests",
    500: "The function failed, or returned an invalid response",
    503: "The function took longer than 30 seconds",
  };
  const statuses = [...new Set([...Object.keys(own), ...Object.keys(ofGateway)])].sort();
  return Object.fromEntries(statuses.map((status) => [status, response(status, own[+status], ofGateway[+status])]));
}

function response(
  status: string,
  own: DocumentedOperation["responses"][number] | undefined,
  ofGateway: string | undefined,
): JsonObject {
  const content = {
    ...(own?.content !== undefined && ownContent(own.content)),
    ...(ofGateway !== undefined && { "application/json": { schema: schemaOf(GatewayError) } }),
  };
  return {
    description: [own?.description, ofGateway].filter((text) => text !== undefined).join(". Or: "),
    headers: {
      "apigw-requestid": { $ref: "#/components/headers/RequestId" },
      ...(status === "429" && own !== undefined && { "retry-after": { $ref: "#/components/headers/RetryAfter" } }),
    },
    ...(Object.keys(content).length > 0 && { content }),
  };
}

/** The components of the document that every response refers to. */
export const HEADERS: JsonObject = {
  RequestId: header("Id of the request in the access log"),
  RetryAfter: header("Seconds until the same request may succeed. A refusal by API Gateway has none"),
};

function header(description: string): JsonObject {
  return { description, schema: { type: "string" } };
}

function ownContent(content: DocumentedOperation["responses"][number]["content"]): JsonObject {
  return content === "problem"
    ? { "application/problem+json": { schema: schemaOf(Problem) } }
    : { "application/json": { schema: schemaOf(content) } };
}
