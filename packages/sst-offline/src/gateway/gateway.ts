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
import type { Answer, Integration, Outcome, RequestContext } from "./outcome";
import { interpret } from "./response";
import { compileRoutes } from "./route";
import { createThrottle } from "./throttle";

export interface GatewayOptions {
  api: HttpApi;
  /** The distribution that all requests come through, where the graph declares one. */
  edge: Edge | undefined;
  functionOf(arn: string): LambdaFunction | undefined;
  /** Where the access log is written, where the graph declares one. */
  accessLog: LogWriter | undefined;
  /** Called once each time the access log begins to fail, and once when it works again. */
  notice(text: string): void;
}

export interface Gateway {
  /** Answers a request; its line is in the access log by then. Never rejects. */
  handle(request: IncomingRequest): Promise<Outcome>;
}

/** Limit of Lambda for the event of a synchronous invocation, in bytes. */
const EVENT_LIMIT_BYTES = 6 * 1024 * 1024;

/** Limit of API Gateway for the body of a request, in bytes. */
export const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

/**
 * An API with what stands in front of it: edge, address, route, preflight, throttle, authorizer, function, CORS and the
 * access-log line, in this order.
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
      const facts = await receive(request, requestId, receivedAt).catch((error) => {
        return { request, ...refuse(ERRORS.internal), defect: messageOf(error) };
      });
      const outcome = { ...facts, requestId, receivedAt, latency: Math.round(performance.now() - start) };
      return await logged(outcome);
    },
  };

  type Received = Answer & Pick<Outcome, "request" | "arrival">;

  async function receive(sent: IncomingRequest, requestId: string, receivedAt: number): Promise<Received> {
    let request = sent;
    if (edge !== undefined) {
      const outcome = await throughEdge(edge, sent);
      if ("response" in outcome) return { request: sent, ...outcome };
      request = outcome.request;
    }
    const arrival = arrive(request, edge !== undefined);
    if (arrival === undefined) {
      const notFound = refuse(ERRORS.notFound);
      return { request, ...notFound, response: withRequestId(notFound.response, requestId) };
    }
    const traceHeader = headerOf(request, "x-amzn-trace-id");
    const traceId = traceHeader !== undefined && isTraceId(traceHeader) ? traceHeader : newTraceId(receivedAt);
    const context = { request, requestId, traceId, receivedAt, arrival };
    const answer = await serve(context).catch((error) => ({ ...refuse(ERRORS.internal), defect: messageOf(error) }));
    return { request, arrival, ...answer, response: withRequestId(answer.response, requestId) };
  }

  async function serve(context: RequestContext): Promise<Answer> {
    const { request, arrival } = context;
    const match = selectRoute(request.method, arrival.routePath);
    const preflight = match !== undefined && takesOptions(match.route) ? undefined : cors.preflight(request);
    if (preflight !== undefined) return { response: preflight };
    if (match === undefined) return refuse(ERRORS.notFound);
    const { route, pathParameters } = match;
    const { routeKey } = route;
    if (!admit(routeKey)) return { routeKey, ...refuse(ERRORS.throttled) };
    const authorization = await authorizers.get(route.authorizer)?.(request, route.scopes);
    if (authorization?.ok === false)
      return { routeKey, ...refuse(authorization.error), authorizerError: authorization.reason };
    const authorized = authorization && { claims: authorization.claims, scopes: authorization.scopes };
    const known = authorized === undefined ? { routeKey } : { routeKey, authorized };
    if (request.bodyLength > BODY_LIMIT_BYTES) return { ...known, ...refuse(ERRORS.tooLarge) };
    const event = eventOf(api, { ...context, ...known, pathParameters });
    if (Buffer.byteLength(event) > EVENT_LIMIT_BYTES) return { ...known, ...refuse(ERRORS.tooLarge) };
    return { ...known, ...(await integrate(context, route, event)) };
  }

  async function integrate({ request, traceId }: RequestContext, route: Route, event: string): Promise<Answer> {
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
    const integration = { requestId, latency, serviceStatus: 200 }; // Lambda's own answer, also where the function failed
    if (!outcome.ok)
      return fail(ERRORS.internal, { ...integration, error: `${outcome.errorType}: ${outcome.errorMessage}` });
    const interpreted = interpret(outcome.json);
    if (!interpreted.ok) {
      const error = `The function's response is malformed: ${interpreted.reason}`;
      return fail(ERRORS.internal, { ...integration, error });
    }
    return {
      response: cors.applyTo(interpreted.response, request),
      integration: { ...integration, functionStatus: interpreted.response.status },
    };
  }

  /** Writes the access-log line. If it cannot be written, the caller gets 500: no answered request may be missing. */
  async function logged(outcome: Outcome): Promise<Outcome> {
    if (accessLog === undefined || api.accessLog === undefined || outcome.arrival === undefined) return outcome;
    const { format } = api.accessLog;
    try {
      const line = format.render({ api, outcome });
      await new Promise<void>((resolve, reject) => {
        accessLog.write(outcome.receivedAt, line, format.structured, (error?: Error) => {
          if (error === undefined) resolve();
          else reject(error);
        });
      });
      if (isLogFailing) notice("The access log works again.");
      isLogFailing = false;
      return outcome;
    } catch (error) {
      const defect = `the access log cannot be written: ${messageOf(error)}`;
      if (!isLogFailing) notice(`${accessLog.file}: ${defect}. Requests are answered 500 until it can.`);
      isLogFailing = true;
      const refused = refuse(ERRORS.internal);
      return { ...outcome, ...refused, response: withRequestId(refused.response, outcome.requestId), defect };
    }
  }
}

/**
 * `$default` and routes for OPTIONS take preflight requests too, with their authorizer:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
function takesOptions({ routeKey }: Route): boolean {
  return routeKey === "$default" || routeKey.startsWith("OPTIONS ");
}

async function throughEdge(edge: Edge, request: IncomingRequest): Promise<Answer | { request: IncomingRequest }> {
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

function refuse(error: GatewayError): Pick<Answer, "response"> & Required<Pick<Answer, "error">> {
  return { response: errorResponse(error), error: { message: error.message, type: error.responseType } };
}

function fail(error: GatewayError, integration: Integration): Answer {
  return { ...refuse(error), integration };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `undefined` when the time, in milliseconds, is over first. The function goes on. */
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
