import type { LambdaFunction } from "../lambda/function";
import type { HttpApi, Route } from "./api";
import { createAuthorizer } from "./authorizer";
import { compileCors } from "./cors";
import { ERRORS, errorResponse, type GatewayError } from "./error";
import { eventOf } from "./event";
import { type Exchange, type GatewayResponse, type IncomingRequest, openExchange } from "./exchange";
import { interpret } from "./response";
import { compileRoutes } from "./route";
import { pathInStage } from "./stage";
import { createThrottle } from "./throttle";

export interface Handled {
  exchange: Exchange;
  response: GatewayResponse;
  /** Milliseconds. */
  latency: number;
  /** False where no stage took the request: API Gateway does not log it. */
  logged: boolean;
}

export type Gateway = (request: IncomingRequest) => Promise<Handled>;

/** Lambda's own limit for the event of a synchronous invocation, in bytes. */
const EVENT_LIMIT = 6 * 1024 * 1024;

/** API Gateway's limit for the body of a request, in bytes. */
export const BODY_LIMIT = 10 * 1024 * 1024;

/** A request on its way through the API: stage, preflight, route, throttle, authorizer, function, CORS. Never rejects. */
export function createGateway(api: HttpApi, functionOf: (arn: string) => LambdaFunction | undefined): Gateway {
  const selectRoute = compileRoutes(api.routes);
  const cors = compileCors(api.cors);
  const admit = createThrottle(api.throttle, () => performance.now());
  const authorizers = new Map(
    api.routes.map(({ authorizer }) => [authorizer, authorizer && createAuthorizer(authorizer, Date.now)]),
  );

  return async function handle(request) {
    const start = performance.now();
    const exchange = openExchange(request, Date.now());
    const path = pathInStage(api.stage, exchange.path);
    const response = path === undefined ? refuse(exchange, ERRORS.notFound) : await answer(exchange, path);
    response.headers["apigw-requestid"] = exchange.requestId;
    return { exchange, response, latency: Math.round(performance.now() - start), logged: path !== undefined };
  };

  async function answer(exchange: Exchange, path: string): Promise<GatewayResponse> {
    try {
      return cors.preflight(exchange.request) ?? (await serve(exchange, path));
    } catch (error) {
      exchange.internalError = error;
      return refuse(exchange, ERRORS.internal);
    }
  }

  async function serve(exchange: Exchange, path: string): Promise<GatewayResponse> {
    const { request } = exchange;
    const match = selectRoute(request.method, path);
    if (match === undefined) return refuse(exchange, ERRORS.notFound);
    const { route, pathParameters } = match;
    exchange.routeKey = route.routeKey;
    if (pathParameters !== undefined) exchange.pathParameters = pathParameters;
    if (!admit(route.routeKey)) return refuse(exchange, ERRORS.throttled);
    const authorization = await authorizers.get(route.authorizer)?.(request, route.scopes);
    if (authorization?.ok === false) {
      exchange.authorizerError = authorization.reason;
      return refuse(exchange, authorization.error);
    }
    if (authorization !== undefined)
      exchange.authorized = { claims: authorization.claims, scopes: authorization.scopes };
    if (request.body.length > BODY_LIMIT) return refuse(exchange, ERRORS.tooLarge);
    return await integrate(exchange, route);
  }

  async function integrate(exchange: Exchange, route: Route): Promise<GatewayResponse> {
    const lambda = functionOf(route.functionArn);
    if (lambda === undefined) return fail(exchange, ERRORS.internal, `there is no function ${route.functionArn}`);
    const event = eventOf(api, exchange);
    if (Buffer.byteLength(event) > EVENT_LIMIT) return refuse(exchange, ERRORS.tooLarge);
    const start = performance.now();
    const { requestId, result } = lambda.invoke(event, exchange.traceId);
    exchange.integrationRequestId = requestId;
    const outcome = await within(route.timeoutMs, result);
    exchange.integrationLatency = Math.round(performance.now() - start);
    if (outcome === undefined)
      return fail(exchange, ERRORS.timeout, `the integration took longer than ${route.timeoutMs} ms`);
    exchange.integrationServiceStatus = 200; // Lambda's own answer, also where the function failed
    if (!outcome.ok) return fail(exchange, ERRORS.internal, `${outcome.errorType}: ${outcome.errorMessage}`);
    const interpreted = interpret(outcome.json);
    if (!interpreted.ok)
      return fail(exchange, ERRORS.internal, `The function's response is malformed: ${interpreted.reason}`);
    exchange.integrationStatus = interpreted.response.status;
    return cors.applyTo(interpreted.response, exchange.request);
  }
}

function refuse(exchange: Exchange, error: GatewayError): GatewayResponse {
  exchange.errorMessage = error.message;
  exchange.errorType = error.responseType;
  return errorResponse(error);
}

function fail(exchange: Exchange, error: GatewayError, reason: string): GatewayResponse {
  exchange.integrationError = reason;
  return refuse(exchange, error);
}

/** `undefined` when the time, in milliseconds, is over first. The function goes on. */
function within<T>(ms: number, result: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    void result.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
