import { type HttpResponse, headerOf, type IncomingRequest } from "../kit/http-message";

/** https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html#apis-apiid-model-cors */
export interface CorsConfiguration {
  allowOrigins: string[];
  allowMethods: string[];
  allowHeaders: string[];
  exposeHeaders: string[];
  allowCredentials: boolean;
  /** Seconds. */
  maxAge: number | undefined;
}

export interface Cors {
  /** Returns the response to a preflight request, or `undefined` for any other request. */
  preflight(request: IncomingRequest): HttpResponse | undefined;
  /**
   * Replaces the CORS headers of a function's response by the API's. If a route handled a preflight
   * request, the response gets the headers of a preflight: API Gateway ignores the function's, so
   * the browser would otherwise block the request.
   */
  applyTo(response: HttpResponse, request: IncomingRequest): HttpResponse;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html */
export function compileCors(configuration: CorsConfiguration | undefined): Cors {
  if (configuration === undefined) return { preflight: () => undefined, applyTo: (response) => response };
  const { allowOrigins, allowMethods, allowHeaders, exposeHeaders, allowCredentials, maxAge } = configuration;
  const credentials = allowCredentials ? { "access-control-allow-credentials": "true" } : {};
  const preflightHeaders = {
    ...listHeader("access-control-allow-methods", allowMethods),
    ...listHeader("access-control-allow-headers", allowHeaders),
    ...(maxAge !== undefined && { "access-control-max-age": String(maxAge) }),
    ...credentials,
  };
  const actualHeaders = { ...listHeader("access-control-expose-headers", exposeHeaders), ...credentials };

  return {
    preflight(request) {
      if (!isPreflight(request)) return undefined;
      const allowed = allowedOrigin(headerOf(request, "origin"));
      // Without CORS headers, the browser blocks the request.
      const headers = allowed === undefined ? {} : { "access-control-allow-origin": allowed, ...preflightHeaders };
      return { status: 204, headers, cookies: [], body: Buffer.alloc(0) };
    },
    applyTo(response, request) {
      const others = Object.entries(response.headers).filter(([name]) => !name.startsWith("access-control-"));
      const allowed = allowedOrigin(headerOf(request, "origin"));
      const declared = isPreflight(request) ? preflightHeaders : actualHeaders;
      const cors = allowed === undefined ? {} : { "access-control-allow-origin": allowed, ...declared };
      return { ...response, headers: { ...Object.fromEntries(others), ...cors } };
    },
  };

  /**
   * Returns `access-control-allow-origin`. A pattern may be a whole scheme, but not part of a host.
   */
  function allowedOrigin(origin: string | undefined): string | undefined {
    if (origin === undefined) return undefined;
    if (allowOrigins.includes("*")) return "*";
    if (!ORIGIN.test(origin)) return undefined; // no browser sends such an origin: never echo it
    const allowed = allowOrigins.some(
      (pattern) => pattern === origin || (isScheme(pattern) && origin.startsWith(pattern.slice(0, -1))),
    );
    return allowed ? origin : undefined;
  }
}

function isPreflight(request: IncomingRequest): boolean {
  return (
    request.method === "OPTIONS" &&
    headerOf(request, "origin") !== undefined &&
    headerOf(request, "access-control-request-method") !== undefined
  );
}

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[\w.:[\]-]+$/i;

function isScheme(pattern: string): boolean {
  return pattern === "https://*" || pattern === "http://*";
}

function listHeader(name: string, values: string[]): Record<string, string> {
  return values.length === 0 ? {} : { [name]: values.join(",") };
}
