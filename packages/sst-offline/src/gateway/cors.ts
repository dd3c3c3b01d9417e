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
  /** Answers a preflight request; `undefined` for any other request. */
  preflight(request: IncomingRequest): HttpResponse | undefined;
  /**
   * Replaces the CORS headers of an integration's response by the API's own. A preflight request that a route took gets
   * those of a preflight: the function's are ignored, so a browser could not pass otherwise.
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
      // An origin that is not allowed gets no CORS headers: the browser refuses the request then.
      const headers = allowed === undefined ? {} : { "access-control-allow-origin": allowed, ...preflightHeaders };
      return { status: 204, headers, cookies: [], body: Buffer.alloc(0) };
    },
    applyTo(response, request) {
      const own = Object.entries(response.headers).filter(([name]) => !name.startsWith("access-control-"));
      const allowed = allowedOrigin(headerOf(request, "origin"));
      const declared = isPreflight(request) ? preflightHeaders : actualHeaders;
      const cors = allowed === undefined ? {} : { "access-control-allow-origin": allowed, ...declared };
      return { ...response, headers: { ...Object.fromEntries(own), ...cors } };
    },
  };

  /** The value of `access-control-allow-origin`. A whole scheme may be allowed, a part of a host may not. */
  function allowedOrigin(origin: string | undefined): string | undefined {
    if (origin === undefined) return undefined;
    if (allowOrigins.includes("*")) return "*";
    if (!ORIGIN.test(origin)) return undefined; // two headers in one, or what no browser sends: not to be echoed
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
