import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { EDGE_HEADERS, edgeSecrets, requireEdge } from "../access/edge";
import type { AnyOperation, Operation } from "../api/contract";
import { AppError } from "../error";
import { PROBLEM_JSON, problemOf } from "../problem";
import { type Count, type Quotas, takeQuota } from "../quota/quotas";

import { describe, writeRecord } from "./invocation-record";
import { countsOf, type Progress, writeMetrics } from "./metrics";
import { quotasOf } from "./quota-counter";
import { callerOf, inputOf, type RequestInfo } from "./request";
import { respond, SECURITY_HEADERS } from "./respond";
import { within } from "./within";

interface Answer {
  status: number;
  /** Written as JSON. */
  body: unknown;
  headers?: Record<string, string>;
  /** Units that were recorded, if they are not all that the body has. */
  units?: number;
}

/** An operation with its handler. */
export interface Implementation<Key extends string = string, PermissionName extends string = string> {
  readonly operation: AnyOperation & { readonly key: Key; readonly permission: PermissionName };
  handle(input: never): Promise<Answer> | Answer;
}

/** A Lambda handler. `Served` has the permission of each operation that it serves, by route key. */
export interface ServedHandler<Served = unknown> {
  (event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2>;
  /** Exists in the type only. */
  readonly served?: Served;
}

/** The permission of each implemented operation, by route key. */
type ServedBy<One> = {
  [Each in One as Each extends Implementation<infer Key> ? Key : never]: Each extends Implementation<
    string,
    infer PermissionName
  >
    ? PermissionName
    : never;
};

/** Refuses body properties that no response of this status has: callers would see them. */
type Exact<Returned, A> = Returned &
  (Returned extends { status: infer Status; body: infer Body }
    ? { body: Partial<Record<Exclude<KeysOf<Body>, KeysOf<BodyOf<A, Status>>>, never>> }
    : unknown);
type BodyOf<A, Status> = A extends { status: Status; body: infer Body } ? Body : never;
type KeysOf<T> = T extends unknown ? keyof T : never;

/**
 * Connects an operation with its handler, which runs after the access check with validated input.
 */
export function implement<
  Key extends string,
  Input,
  A extends Answer,
  PermissionName extends string,
  const Returned extends A,
>(
  operation: Operation<Key, Input, A, PermissionName>,
  handle: (input: Input & { request: RequestInfo }) => Exact<Returned, A> | Promise<Exact<Returned, A>>,
): Implementation<Key, PermissionName> {
  return { operation, handle };
}

export interface ServeOptions {
  /** Epoch milliseconds. */
  now?: () => number;
  /** Secrets of the edge. If there are any, requests that bypass it are rejected. */
  secrets?: string[];
  /** Limits of callers, and their counters. Without them, callers are not counted. */
  limits?: { quotas: Quotas; count: Count } | undefined;
  /** Namespace of the metrics. Without it, none are written. */
  namespace?: string | undefined;
}

/**
 * Returns the Lambda handler of these operations, for an HTTP API (payload format 2.0).
 *
 * For each request it checks in this order: edge, operation, access, quotas, headers, path, query,
 * body. Requests with invalid input count too. It writes one log record for each invocation, and
 * metrics of requests that it rejected, that failed, or that recorded units. HEAD is served as GET
 * without a body. Errors become problem details; the handler throws only for an event of another
 * format.
 */
export function serve<I extends Implementation[]>(...implementations: I): ServedHandler<ServedBy<I[number]>> {
  return serveWith({}, ...implementations);
}

/** As `serve`, with a clock and secrets for tests. */
export function serveWith<I extends Implementation[]>(
  {
    now = Date.now,
    secrets = edgeSecrets(process.env.ORIGIN_SECRETS),
    limits = quotasOf(process.env),
    namespace = process.env.METRICS_NAMESPACE,
  }: ServeOptions,
  ...implementations: I
): ServedHandler<ServedBy<I[number]>> {
  const byKey = new Map<string, Implementation>(implementations.map((one) => [one.operation.key, one]));
  if (byKey.size < implementations.length) throw new Error("two implementations have the same route key");

  return async function handler(event, context) {
    const start = now();
    const { http: sent, requestId, routeKey, stage, domainName } = versioned(event).requestContext;
    const header = (name: string) => event.headers[name];
    let info: RequestInfo = {
      id: requestId,
      sourceAddress: sent.sourceIp,
      userAgent: sent.userAgent,
      host: domainName,
      stage,
    };
    let viewerAddress: string | undefined;
    let status = 500;
    let failure: unknown;
    const progress: Progress = {};
    try {
      if (secrets.length > 0) {
        requireEdge(secrets, header(EDGE_HEADERS.secret));
        viewerAddress = header(EDGE_HEADERS.address) ?? sent.sourceIp;
        info = { ...info, sourceAddress: viewerAddress, host: header(EDGE_HEADERS.host) ?? domainName };
      }
      const response = await within(context.getRemainingTimeInMillis() - ANSWER_MS, answer(event, info, progress));
      status = response.statusCode ?? status;
      return response;
    } catch (error) {
      failure = error;
      const problem = problemOf(error, requestId);
      status = problem.status;
      return respond(sent.method, status, problem, PROBLEM_JSON, headersOf(error, routeKey));
    } finally {
      const ids = { requestId, lambdaRequestId: context.awsRequestId };
      const viewer = viewerAddress === undefined ? {} : { viewerAddress };
      const outcome = { status, durationMs: now() - start };
      const { quotaError } = progress;
      const quota = quotaError === undefined ? {} : { quotaError };
      writeRecord({ ...ids, routeKey, method: sent.method, ...viewer, ...outcome, ...quota }, failure);
      if (namespace !== undefined) {
        const operation = byKey.get(keyOf(routeKey, sent.method))?.operation.id ?? routeKey;
        writeMetrics({ namespace, operation, counts: countsOf(status, failure, progress), now: now() });
      }
    }
  };

  async function answer(
    event: APIGatewayProxyEventV2,
    info: RequestInfo,
    progress: Progress,
  ): Promise<APIGatewayProxyStructuredResultV2> {
    const { routeKey, http } = event.requestContext;
    const implementation = byKey.get(keyOf(routeKey, http.method));
    if (implementation !== undefined) {
      const { operation } = implementation;
      const input = await admit(event, operation, info, progress);
      // Its type is that of the operation.
      const { status, body, headers, units } = await implementation.handle(input as never);
      if (operation.metered) {
        const all = unitsOf(operation, input.body);
        const recorded = units ?? all;
        progress.units = { recorded, failed: all - recorded };
      }
      return respond(http.method, status, body, "application/json", headers);
    }
    if (!routeKey.startsWith("ANY ")) throw new Error(`the function does not serve the route "${routeKey}"`);
    const allow = allowedMethods(routeKey);
    // API Gateway answers preflight requests itself. Any other OPTIONS asks for the methods (RFC
    // 9110, 9.3.7).
    if (http.method === "OPTIONS") return { statusCode: 204, headers: { ...SECURITY_HEADERS, allow } };
    throw new AppError(
      "method",
      "method.not-allowed",
      `The method ${http.method} is not allowed here. Allowed: ${allow}.`,
    );
  }

  /**
   * Returns the handler's input. Throws an `AppError` if the caller may not use the operation, if a
   * quota of the caller has no room, or if the input is not valid.
   */
  async function admit(event: APIGatewayProxyEventV2, operation: AnyOperation, info: RequestInfo, progress: Progress) {
    const caller = callerOf(event, operation);
    const input = inputOf(event, operation, info, caller);
    if (caller !== undefined && limits !== undefined) {
      const units = await input.then(
        ({ body }) => unitsOf(operation, body),
        () => 0,
      );
      try {
        await takeQuota(limits, caller, units, now());
      } catch (error) {
        // Quotas serve fairness and cost, not safety: without their table the API keeps working.
        if (error instanceof AppError) throw error;
        progress.quotaError = describe(error);
      }
    }
    return await input;
  }

  function headersOf(error: unknown, routeKey: string): Record<string, string> {
    if (!(error instanceof AppError)) return {};
    return {
      ...(error.kind === "method" && { allow: allowedMethods(routeKey) }),
      ...(error.retryAfter !== undefined && { "retry-after": String(error.retryAfter) }),
    };
  }

  function allowedMethods(routeKey: string): string {
    const methods = METHODS.filter((method) => byKey.has(keyOf(routeKey, method)));
    return [...methods, "OPTIONS"].sort().join(", ");
  }
}

const METHODS = ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"];

/** Milliseconds kept for the response and its log record when the time limit ends the work. */
const ANSWER_MS = 500;

function versioned(event: APIGatewayProxyEventV2): APIGatewayProxyEventV2 {
  if (event.version === "2.0") return event;
  const found = JSON.stringify(event.version);
  throw new Error(`expected an event of an HTTP API in payload format 2.0, got version ${found}`);
}

/** Returns the key of the operation for a route and method. They differ for an `ANY` route. */
function keyOf(routeKey: string, method: string): string {
  if (!routeKey.startsWith("ANY ")) return routeKey;
  return `${method === "HEAD" ? "GET" : method}${routeKey.slice("ANY".length)}`;
}

function unitsOf({ metered = false }: AnyOperation, body: unknown): number {
  if (!metered) return 0;
  return Array.isArray(body) ? body.length : 1;
}
