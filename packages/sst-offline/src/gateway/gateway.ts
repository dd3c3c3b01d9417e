import type { Edge } from "../edge/edge";
import { ViewerFunctionError } from "../edge/viewer-function";
import { type HttpResponse, headerOf, type IncomingRequest } from "../kit/http-message";
import { isTraceId, newEdgeRequestId, newRequestId, newTraceId } from "../kit/ids";
import type { LambdaFunction } from "../lambda/function";
import type { LogWriter } from "../logs/service";
import { compileAddresses } from "./address";
import type { HttpApi, Route } from "./api";
import { createAuthorizer } from "./authorizer";
import { compileCors } from "./cors";
import { ERRORS, edgeError, errorResponse, type GatewayError } from "./error";
import { eventOf } from "./event";
import type { GatewayResult, Integration, Outcome, RequestContext } from "./outcome";
import { parseResult } from "./response";
import { compileRoutes } from "./route";
import { createThrottle } from "./throttle";

export interface GatewayOptions {
  api: HttpApi;
  /** The distribution in front of the API, if the graph declares one. */
  edge: Edge | undefined;
  functionOf(arn: string): LambdaFunction | undefined;
  /** Absent if the graph declares no access log. */
  accessLog: LogWriter | undefined;
  /** Called once when writing the access log starts to fail, and once when it works again. */
  notice(text: string): void;
}

export interface Gateway {
  /** Handles a request and writes its access log entry. Never rejects. */
  handle(request: IncomingRequest): Promise<Outcome>;
}

/** Lambda's limit for the event of a synchronous invocation. */
const EVENT_LIMIT_BYTES = 6 * 1024 * 1024;

/** API Gateway's limit for the body of a request. */
export const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

/**
 * Creates the gateway of an API. A request passes these steps in order: edge, address, route,
 * preflight, throttle, authorizer, function, CORS, access log.
 */
export function createGateway({ api, edge, functionOf, accessLog, notice }: GatewayOptions): Gateway {
  const arrive = compileAddresses(api.addresses, api.defaultHost);
  const selectRoute = compileRoutes(api.routes);
  const cors = compileCors(api.cors);
  const admit = createThrottle(api.throttle, () => performance.now());
  const authorizers = new Map(
    [...new Set(api.routes.map(({ authorizer }) => authorizer))].map((authorizer) => [
      authorizer,
      authorizer && createAuthorizer(authorizer, Date.now),
    ]),
  );
  let isLogFailing = false;

  return {
    async handle(request) {
      const start = performance.now();
      const receivedAt = Date.now();
      const requestId = newRequestId();
      const received = await receive(request, requestId, receivedAt).catch((error) => {
        return { request, ...reject(ERRORS.internal), defect: messageOf(error) };
      });
      const outcome = { ...received, requestId, receivedAt, latency: Math.round(performance.now() - start) };
      return await writeAccessLog(outcome);
    },
  };

  type Received = GatewayResult & Pick<Outcome, "request" | "arrival">;

  async function receive(sent: IncomingRequest, requestId: string, receivedAt: number): Promise<Received> {
    let request = sent;
    if (edge !== undefined) {
      const outcome = await passEdge(edge, sent);
      if ("response" in outcome) return { request: sent, ...outcome };
      request = outcome.request;
    }
    const arrival = arrive(request, edge !== undefined);
    if (arrival === undefined) {
      const notFound = reject(ERRORS.notFound);
      return { request, ...notFound, response: withRequestId(notFound.response, requestId) };
    }
    const traceHeader = headerOf(request, "x-amzn-trace-id");
    const traceId = traceHeader !== undefined && isTraceId(traceHeader) ? traceHeader : newTraceId(receivedAt);
    const context = { request, requestId, traceId, receivedAt, arrival };
    const result = await serve(context).catch((error) => ({ ...reject(ERRORS.internal), defect: messageOf(error) }));
    return { request, arrival, ...result, response: withRequestId(result.response, requestId) };
  }

  async function serve(context: RequestContext): Promise<GatewayResult> {
    const { request, arrival } = context;
    const match = selectRoute(request.method, arrival.routePath);
    const preflight = match !== undefined && handlesOptions(match.route) ? undefined : cors.preflight(request);
    if (preflight !== undefined) return { response: preflight };
    if (match === undefined) return reject(ERRORS.notFound);
    const { route, pathParameters } = match;
    const { routeKey } = route;
    if (!admit(routeKey)) return { routeKey, ...reject(ERRORS.throttled) };
    const authorization = await authorizers.get(route.authorizer)?.(request, route.scopes);
    if (authorization?.ok === false)
      return { routeKey, ...reject(authorization.error), authorizerError: authorization.reason };
    const authorized = authorization && { claims: authorization.claims, scopes: authorization.scopes };
    const routed = authorized === undefined ? { routeKey } : { routeKey, authorized };
    if (request.bodyLength > BODY_LIMIT_BYTES) return { ...routed, ...reject(ERRORS.tooLarge) };
    const event = eventOf(api, { ...context, ...routed, pathParameters });
    if (Buffer.byteLength(event) > EVENT_LIMIT_BYTES) return { ...routed, ...reject(ERRORS.tooLarge) };
    return { ...routed, ...(await integrate(context, route, event)) };
  }

  async function integrate({ request, traceId }: RequestContext, route: Route, event: string): Promise<GatewayResult> {
    const { functionArn, timeoutMs } = route;
    const lambda = functionOf(functionArn);
    if (lambda === undefined) return fail(ERRORS.internal, { error: `there is no function ${functionArn}` });
    const start = performance.now();
    const { requestId, result, withdraw } = lambda.invoke(event, traceId);
    const outcome = await within(timeoutMs, result);
    const latency = Math.round(performance.now() - start);
    if (outcome === undefined) {
      withdraw();
      const error = `the integration took longer than ${timeoutMs} ms`;
      return fail(ERRORS.timeout, { requestId, latency, error });
    }
    if (!outcome.ok && outcome.isThrottled) {
      const error = `${outcome.errorType}: ${outcome.errorMessage}`;
      return fail(ERRORS.functionThrottled, { requestId, latency, serviceStatus: 429, error });
    }
    const integration = { requestId, latency, serviceStatus: 200 }; // Lambda's status, even if the function failed
    if (!outcome.ok)
      return fail(ERRORS.internal, { ...integration, error: `${outcome.errorType}: ${outcome.errorMessage}` });
    const parsed = parseResult(outcome.json);
    if (!parsed.ok) {
      const error = `The function's response is malformed: ${parsed.reason}`;
      return fail(ERRORS.internal, { ...integration, error });
    }
    return {
      response: cors.applyTo(parsed.response, request),
      integration: { ...integration, functionStatus: parsed.response.status },
    };
  }

  /**
   * Writes the access log entry. If that fails, the response is 500: no served request may be
   * unlogged.
   */
  async function writeAccessLog(outcome: Outcome): Promise<Outcome> {
    if (accessLog === undefined || api.accessLog === undefined || outcome.arrival === undefined) return outcome;
    const { format } = api.accessLog;
    try {
      const line = format.render({ api, outcome });
      await new Promise<void>((resolve, reject) => {
        accessLog.write(outcome.receivedAt, line, format.isJson, (error?: Error) => {
          if (error === undefined) resolve();
          else reject(error);
        });
      });
      if (isLogFailing) notice("The access log works again.");
      isLogFailing = false;
      return outcome;
    } catch (error) {
      const defect = `the access log cannot be written: ${messageOf(error)}`;
      if (!isLogFailing) notice(`${accessLog.file}: ${defect}. Requests get status 500 until it can.`);
      isLogFailing = true;
      const rejected = reject(ERRORS.internal);
      return { ...outcome, ...rejected, response: withRequestId(rejected.response, outcome.requestId), defect };
    }
  }
}

/**
 * True for `$default` and OPTIONS routes, which also handle preflight requests, with their
 * authorizer. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
function handlesOptions({ routeKey }: Route): boolean {
  return routeKey === "$default" || routeKey.startsWith("OPTIONS ");
}

async function passEdge(edge: Edge, request: IncomingRequest): Promise<GatewayResult | { request: IncomingRequest }> {
  try {
    const outcome = await edge.receive(request);
    if ("request" in outcome) {
      const { request: changed } = outcome;
      return { request: edge.originPath === "" ? changed : { ...changed, path: `${edge.originPath}${changed.path}` } };
    }
    if ("badRequest" in outcome)
      return { response: edgeError(400, newEdgeRequestId()), isFromEdge: true, defect: outcome.badRequest };
    const { response } = outcome;
    const headers = { ...response.headers, "x-cache": "FunctionGeneratedResponse from cloudfront" };
    return { response: { ...response, headers: { ...headers, "x-amz-cf-id": newEdgeRequestId() } }, isFromEdge: true };
  } catch (error) {
    if (!(error instanceof ViewerFunctionError)) throw error;
    return {
      response: edgeError(503, newEdgeRequestId()),
      isFromEdge: true,
      defect: `the distribution's viewer function failed: ${error.message}`,
    };
  }
}

function withRequestId(response: HttpResponse, requestId: string): HttpResponse {
  return { ...response, headers: { ...response.headers, "apigw-requestid": requestId } };
}

function reject(error: GatewayError): Pick<GatewayResult, "response"> & Required<Pick<GatewayResult, "error">> {
  return { response: errorResponse(error), error: { message: error.message, type: error.responseType } };
}

function fail(error: GatewayError, integration: Integration): GatewayResult {
  return { ...reject(error), integration };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Resolves to `undefined` after the time limit. The function keeps running. */
function within<T>(ms: number, result: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    result.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
