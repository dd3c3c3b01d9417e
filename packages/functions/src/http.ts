import type { Claims } from "@secure-backend/core/access/access";
import { EDGE_HEADERS, edgeSecrets, requireEdge } from "@secure-backend/core/access/edge";
import { AppError } from "@secure-backend/core/error";
import { PROBLEM_JSON, problemOf } from "@secure-backend/core/problem";
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithJWTAuthorizer,
  APIGatewayProxyStructuredResultV2,
  Context,
} from "aws-lambda";

import { jsonBody } from "./body";
import { queryOf } from "./query";

export interface HttpRequest {
  method: string;
  routeKey: string;
  stage: string;
  /** API Gateway's id of the request. */
  requestId: string;
  /** Host of the API. */
  domainName: string;
  /** Address of the caller. */
  sourceIp: string;
  /** That address again, where the edge told it: the access log has the edge's. */
  viewerAddress?: string;
  userAgent: string;
  /** Of a token that API Gateway has checked; absent on a route that asks for none. */
  claims: Claims | undefined;
  pathParameters: Record<string, string | undefined>;
  /** The query parameters. Throws an `AppError` where one is given twice. */
  query(): Record<string, string>;
  /** @param name in lower case */
  header(name: string): string | undefined;
  /**
   * The body as JSON. Throws an `AppError` where there is none, or none that can be read.
   *
   * @param limit bytes
   */
  json(limit?: number): unknown;
}

interface HttpResponse {
  status: number;
  /** Written as JSON. */
  body: unknown;
  headers?: Record<string, string>;
}

type Serve = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;
export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

export interface HttpOptions {
  /** Epoch milliseconds. */
  now?: () => number;
  /** Of the edge, where the stage has one: who does not come through it is refused. */
  secrets?: string[];
}

/**
 * A Lambda handler for an HTTP API (payload format 2.0) that dispatches on the route key, or on the
 * method where a route has `ANY`, and writes one log record an invocation. HEAD is served as GET
 * without the body. Errors become problem details; all that is thrown is that an event is of
 * another kind.
 */
export function http(serves: Record<string, Serve>, options: HttpOptions = {}): HttpHandler {
  const { now = Date.now, secrets = edgeSecrets(process.env.ORIGIN_SECRETS) } = options;
  const methods = Object.keys(serves).filter((key) => !key.includes(" "));
  const allow = [...new Set([...methods, ...("GET" in serves ? ["HEAD"] : []), "OPTIONS"])].sort().join(", ");

  return async function handle(event, context) {
    const start = now();
    let request = requestOf(event);
    let status = 500;
    let failure: unknown;
    try {
      if (secrets.length > 0) request = throughEdge(request, secrets);
      const response = await within(context.getRemainingTimeInMillis() - ANSWER_MS, serve(request));
      status = response.statusCode ?? status;
      return response;
    } catch (error) {
      failure = error;
      const problem = problemOf(error, request.requestId);
      status = problem.status;
      return respond(
        request,
        status,
        problem,
        PROBLEM_JSON,
        error instanceof AppError && error.kind === "method" ? { allow } : {},
      );
    } finally {
      record(request, context, { status, durationMs: now() - start }, failure);
    }
  };

  async function serve(request: HttpRequest): Promise<APIGatewayProxyStructuredResultV2> {
    const ofRoute = Object.hasOwn(serves, request.routeKey) ? serves[request.routeKey] : undefined;
    if (ofRoute !== undefined) return await answer(request, ofRoute);
    // API Gateway answers preflights itself; any other OPTIONS asks what there is (RFC 9110, 9.3.7).
    if (request.method === "OPTIONS") return { statusCode: 204, headers: { ...SECURITY_HEADERS, allow } };
    const method = request.method === "HEAD" ? "GET" : request.method;
    const found = Object.hasOwn(serves, method) ? serves[method] : undefined;
    if (found === undefined) {
      throw new AppError(
        "method",
        "method.not-allowed",
        `The method ${request.method} is not allowed here. Allowed: ${allow}.`,
      );
    }
    return await answer(request, found);
  }
}

/** Milliseconds that are left for the answer and its log record when work is given up. */
const ANSWER_MS = 500;

/**
 * Waits for work as long as there is time. Throws an `AppError` after that: what a killed function
 * answers is a 500.
 */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const fail = () => reject(new AppError("unavailable", "store.unavailable", "The answer took too long. Try again."));
    timer = setTimeout(fail, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function answer(request: HttpRequest, serve: Serve): Promise<APIGatewayProxyStructuredResultV2> {
  const { status, body, headers } = await serve(request);
  return respond(request, status, body, "application/json", headers);
}

function requestOf(event: APIGatewayProxyEventV2): HttpRequest {
  if (event.version !== "2.0") {
    throw new Error(
      `expected an event of an HTTP API in payload format 2.0, got version ${JSON.stringify(event.version)}`,
    );
  }
  const { http: request, requestId, routeKey, stage, domainName } = event.requestContext;
  const { authorizer } = event.requestContext as Partial<APIGatewayProxyEventV2WithJWTAuthorizer["requestContext"]>;
  return {
    method: request.method,
    routeKey,
    stage,
    requestId,
    domainName,
    sourceIp: request.sourceIp,
    userAgent: request.userAgent,
    claims: authorizer?.jwt.claims as Claims | undefined, // every one of them a text, as API Gateway writes them
    pathParameters: event.pathParameters ?? {},
    query: () => queryOf(event.rawQueryString),
    header: (name) => event.headers[name],
    json: (limit) => jsonBody(event, limit),
  };
}

/** A request as the edge saw it. Throws an `AppError` where it did not come that way. */
function throughEdge(request: HttpRequest, secrets: string[]): HttpRequest {
  const { header, sourceIp, domainName } = request;
  requireEdge(secrets, header(EDGE_HEADERS.secret));
  const viewerAddress = header(EDGE_HEADERS.address) ?? sourceIp;
  return {
    ...request,
    sourceIp: viewerAddress,
    viewerAddress,
    domainName: header(EDGE_HEADERS.host) ?? domainName,
  };
}

const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-content-type-options": "nosniff",
};

// No content-length: API Gateway drops a function's own and sets it.
function respond(
  { method }: HttpRequest,
  statusCode: number,
  body: unknown,
  contentType: string,
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode,
    headers: { "content-type": contentType, ...SECURITY_HEADERS, ...headers },
    ...(method !== "HEAD" && { body: JSON.stringify(body) }),
  };
}

/**
 * One record an invocation. It names both request ids: API Gateway's leads to the access log,
 * Lambda's to the platform's records.
 */
function record(
  { requestId, routeKey, method, viewerAddress }: HttpRequest,
  { awsRequestId }: Context,
  outcome: { status: number; durationMs: number },
  failure: unknown,
): void {
  const viewer = viewerAddress === undefined ? {} : { viewerAddress };
  const fields = { requestId, lambdaRequestId: awsRequestId, routeKey, method, ...viewer, ...outcome };
  if (failure === undefined) console.info(fields);
  else if (failure instanceof AppError && failure.cause instanceof Error && outcome.status >= 500)
    console.error({ ...fields, code: failure.code, error: describe(failure.cause) });
  else if (failure instanceof AppError) console.info({ ...fields, code: failure.code });
  else console.error({ ...fields, error: describe(failure) });
}

function describe(failure: unknown): { name: string; message: string; stack?: string } {
  if (!(failure instanceof Error)) return { name: typeof failure, message: String(failure) };
  const { name, message, stack } = failure;
  return { name, message, ...(stack !== undefined && { stack }) };
}
