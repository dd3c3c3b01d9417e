import type * as z from "zod/mini";

/**
 * What is said of an operation to those who call it, beyond what the deployment graph says already: path, method, who may
 * call and with which scopes stand there.
 */
export interface Operation {
  /** Unique; what a generated client calls it. */
  id: string;
  summary: string;
  description?: string;
  /** One description for each parameter in the path. */
  path?: Record<string, string>;
  /** An object whose properties are the parameters of the query string, each optional or not. */
  query?: z.ZodMiniObject;
  /** By name in lower case. */
  headers?: Record<string, { description: string; schema: z.ZodMiniType }>;
  body?: z.ZodMiniType;
  /** What the function answers, by status. What API Gateway itself may answer is added from the graph. */
  responses: Record<number, OperationResponse>;
  /** Requests that the tests send, and the status that each must be answered with. */
  examples: Record<string, OperationExample>;
}

export interface OperationResponse {
  description: string;
  /** `problem` is `application/problem+json`, a schema `application/json`. */
  content?: z.ZodMiniType | "problem";
  /** Descriptions by name in lower case. */
  headers?: Record<string, string>;
}

export interface OperationExample {
  summary: string;
  path?: Record<string, string>;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  status: number;
}

/** Problems by status, each with its reason. */
export function problems(reasons: Record<number, string>): Record<number, OperationResponse> {
  return Object.fromEntries(
    Object.entries(reasons).map(([status, description]) => [status, { description, content: "problem" }]),
  );
}
