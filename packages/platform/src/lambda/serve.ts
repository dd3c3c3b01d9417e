import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithJWTAuthorizer,
  APIGatewayProxyStructuredResultV2,
  Context,
} from "aws-lambda";
import { authorize, type Claims, TENANT_HEADER } from "../access/authorize";
import { EDGE_HEADERS, edgeSecrets, requireEdge } from "../access/edge";
import type { AnyOperation, Caller, Operation, TenantCaller } from "../api/contract";
import { AppError } from "../error";
import { parse } from "../input";
import { PROBLEM_JSON, problemOf } from "../problem";
import { type Count, type Quotas, takeQuota } from "../quota/quotas";

import { jsonBody } from "./body";
import { type Counts, writeMetrics } from "./metrics";
import { queryOf } from "./query";
import { quotasOf } from "./quota-counter";

/** Where a request comes from. */
export interface RequestInfo {
  /** API Gateway's id of the request. */
  id: string;
  /** Address of the caller. */
  sourceAddress: string;
  userAgent: string;
  /** Host that the caller asked. */
  host: string;
  stage: string;
}

interface Answer {
  status: number;
  /** Written as JSON. */
  body: unknown;
  headers?: Record<string, string>;
  /** Units that were recorded, if they are not all that the body has. */
  units?: number;
}

/** An operation with the code that answers it. */
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

/**
 * Returned without properties of the body that no answer of this status has: callers would see
 * them.
 */
type Exact<Returned, A> = Returned &
  (Returned extends { status: infer Status; body: infer Body }
    ? { body: Partial<Record<Exclude<KeysOf<Body>, KeysOf<BodyOf<A, Status>>>, never>> }
    : unknown);
type BodyOf<A, Status> = A extends { status: Status; body: infer Body } ? Body : never;
type KeysOf<T> = T extends unknown ? keyof T : never;

/**
 * Connects an operation with the code that answers it. The code runs after the access check, with
 * input that the operation's schemas have accepted.
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
  /** Secrets of the edge. If there are any, requests that did not come through it are refused. */
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
 * body. Requests whose input is not valid count as well. It writes one log record for each
 * invocation, and metrics of requests that were refused, failed, or recorded something. HEAD is
 * answered as GET without a body. Errors become problem details; the handler throws only for an
 * event of another format.
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
      log({ ...ids, routeKey, method: sent.method, ...viewer, ...outcome, ...quota }, failure);
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
        // A quota is for fairness and cost, not for safety: without its table, the API goes on.
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

/** What the steps of a request find out for its log record and its metrics. */
interface Progress {
  /** Why the caller's quota could not be counted. */
  quotaError?: ErrorDescription;
  /** Units of a metered operation that was answered. */
  units?: { recorded: number; failed: number };
}

const METHODS = ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"];

/** Milliseconds that are left for the answer and its log record when the work is given up. */
const ANSWER_MS = 500;

function versioned(event: APIGatewayProxyEventV2): APIGatewayProxyEventV2 {
  if (event.version === "2.0") return event;
  const found = JSON.stringify(event.version);
  throw new Error(`expected an event of an HTTP API in payload format 2.0, got version ${found}`);
}

/**
 * The key of the operation that answers a method on a route: that of an `ANY` route depends on the
 * method.
 */
function keyOf(routeKey: string, method: string): string {
  if (!routeKey.startsWith("ANY ")) return routeKey;
  return `${method === "HEAD" ? "GET" : method}${routeKey.slice("ANY".length)}`;
}

/**
 * Returns who calls; undefined for a public operation. Throws an `AppError` if the caller may not
 * use the operation.
 */
function callerOf(event: APIGatewayProxyEventV2, { access }: AnyOperation): Caller | TenantCaller | undefined {
  const { authorizer } = event.requestContext as Partial<APIGatewayProxyEventV2WithJWTAuthorizer["requestContext"]>;
  const claims = authorizer?.jwt?.claims as Claims | undefined; // all strings, as API Gateway writes them
  return access && authorize(access, claims, event.headers[TENANT_HEADER]);
}

/** Rejects with an `AppError` if the input is not valid. */
async function inputOf(
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

function unitsOf({ metered = false }: AnyOperation, body: unknown): number {
  if (!metered) return 0;
  return Array.isArray(body) ? body.length : 1;
}

/** Returns what CloudWatch counts of a request; nothing for most requests that are served. */
function countsOf(status: number, failure: unknown, { quotaError, units }: Progress): Counts {
  return {
    ...((status === 401 || status === 403) && { Denied: 1 }),
    ...(failure instanceof AppError && failure.code.startsWith("quota.") && { QuotaRefused: 1 }),
    ...(status >= 500 && { Failed: 1 }),
    ...(quotaError !== undefined && { QuotaError: 1 }),
    ...(units !== undefined && units.recorded > 0 && { UnitsRecorded: units.recorded }),
    ...(units !== undefined && units.failed > 0 && { UnitsFailed: units.failed }),
  };
}

function pick(values: Record<string, string | undefined>, names: string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])));
}

/**
 * Waits for work as long as there is time. Throws an `AppError` after that, because Lambda answers
 * 500 for a function that it has to kill.
 */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    const fail = () => reject(new AppError("unavailable", "store.unavailable", "The answer took too long. Try again."));
    timer = setTimeout(fail, milliseconds);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-content-type-options": "nosniff",
};

// Without content-length: API Gateway drops a function's own and sets it.
function respond(
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

/**
 * Writes one record for each invocation. API Gateway's request id leads to the access log, Lambda's
 * to the platform's records.
 */
function log(
  fields: Record<string, unknown> & Pick<Progress, "quotaError"> & { status: number },
  failure: unknown,
): void {
  if (fields.status < 500 && failure === undefined) console[fields.quotaError ? "error" : "info"](fields);
  else if (failure instanceof AppError && failure.cause instanceof Error && fields.status >= 500)
    console.error({ ...fields, code: failure.code, error: describe(failure.cause) });
  else if (failure instanceof AppError) console.info({ ...fields, code: failure.code });
  else console.error({ ...fields, error: describe(failure) });
}

interface ErrorDescription {
  name: string;
  message: string;
  stack?: string;
}

function describe(failure: unknown): ErrorDescription {
  if (!(failure instanceof Error)) return { name: typeof failure, message: String(failure) };
  const { name, message, stack } = failure;
  return { name, message, ...(stack !== undefined && { stack }) };
}
