import type { Plain } from "@backend/sst-graph/graph";
import type { ResolvedResource } from "@backend/sst-graph/resolve";

import { objectOf } from "../kit/json";
import { compileIdentitySource, type JwtAuthorizer } from "./authorizer";
import type { CorsConfiguration } from "./cors";
import type { ThrottleLimits } from "./throttle";

type Inputs = ResolvedResource["inputs"];

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MAX_AUDIENCES = 50;
const MAX_SCOPES = 10;

/** The name of a method or a header: RFC 9110, 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

/** A scope: RFC 6749, 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * An origin, a whole scheme, or all. Nothing else can match a request.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
const ORIGIN = /^(\*|https?:\/\/\*|[a-z][a-z0-9+.-]*:\/\/[\w.:[\]-]+)$/i;

/**
 * Reads the CORS configuration. An empty one means no CORS: SST declares it for `cors: false`.
 *
 * @throws Error for values that API Gateway rejects
 */
export function corsOf({ corsConfiguration }: Inputs): CorsConfiguration | undefined {
  const configuration = objectOf(corsConfiguration);
  if (Object.keys(configuration).length === 0) return undefined;
  const { maxAge } = configuration;
  const list = (name: string, pattern: RegExp) =>
    listOf(`the API's corsConfiguration.${name}`, configuration[name], pattern);
  const allowOrigins = list("allowOrigins", ORIGIN);
  const allowCredentials = configuration.allowCredentials === true;
  if (maxAge !== undefined && !isInteger(maxAge, -1, 86_400)) {
    throw new Error(`the API's corsConfiguration has maxAge ${maxAge}: expected -1 to 86400 seconds`);
  }
  if (allowCredentials && allowOrigins.includes("*")) {
    throw new Error(
      "the API's corsConfiguration allows credentials to every origin, which API Gateway rejects (aws/aws-cdk#9076)",
    );
  }
  return {
    allowOrigins,
    allowMethods: list("allowMethods", TOKEN),
    allowHeaders: list("allowHeaders", TOKEN),
    exposeHeaders: list("exposeHeaders", TOKEN),
    allowCredentials,
    maxAge,
  };
}

/**
 * Reads the limits of every route. A missing limit counts as 0 as soon as there is any setting
 * (pulumi/pulumi-aws#2363).
 *
 * @throws Error for limits that would give 429 to every request
 */
export function throttleOf({ defaultRouteSettings, routeSettings }: Inputs): ThrottleLimits | undefined {
  if (Array.isArray(routeSettings) && routeSettings.length > 0) {
    throw new Error(
      "the stage has routeSettings: the first deployment would fail, because AWS creates the stage before its routes",
    );
  }
  const settings = objectOf(defaultRouteSettings);
  if (Object.keys(settings).length === 0) return undefined;
  const { throttlingRateLimit: rateLimit = 0, throttlingBurstLimit: burstLimit = 0 } = settings;
  if (typeof rateLimit !== "number" || rateLimit <= 0 || !isInteger(burstLimit, 1, Number.MAX_SAFE_INTEGER)) {
    throw new Error(
      `the stage's defaultRouteSettings have throttlingRateLimit ${rateLimit} and throttlingBurstLimit ` +
        `${burstLimit}: ` +
        "every request would get status 429; set both above 0",
    );
  }
  return { rateLimit, burstLimit };
}

/** Throws an Error for scopes that no token can have, and for more scopes than a route may have. */
export function scopesOfRoute({ routeKey, authorizationScopes }: Inputs): string[] {
  const scopes = listOf(`authorizationScopes of route "${routeKey}"`, authorizationScopes, SCOPE);
  if (scopes.length > MAX_SCOPES) {
    throw new Error(`route "${routeKey}" has ${scopes.length} scopes, ${MAX_SCOPES} are allowed`);
  }
  return scopes;
}

/** Throws an Error that names the missing or invalid setting of a JWT authorizer. */
export function authorizerOf({ name, inputs }: ResolvedResource): JwtAuthorizer {
  const { issuer, audiences } = objectOf(inputs.jwtConfiguration);
  const [identitySource = "", ...more] = listOf(`identitySources of authorizer "${name}"`, inputs.identitySources, /./);
  if (more.length > 0) {
    throw new Error(`authorizer "${name}" has ${1 + more.length} identity sources, a JWT authorizer has one`);
  }
  compileIdentitySource(identitySource); // throws if the source is invalid
  if (typeof issuer !== "string" || !/^https?:\/\//.test(issuer)) {
    throw new Error(`authorizer "${name}" has the issuer ${JSON.stringify(issuer)}, expected an HTTP URL`);
  }
  const names = listOf(`audiences of authorizer "${name}"`, audiences, /./);
  if (names.length === 0) throw new Error(`authorizer "${name}" has no audience: it would reject every token`);
  if (names.length > MAX_AUDIENCES) {
    throw new Error(`authorizer "${name}" has ${names.length} audiences, ${MAX_AUDIENCES} are allowed`);
  }
  return { identitySource, issuer, audiences: names };
}

/**
 * Returns milliseconds. Throws an Error outside API Gateway's bounds (service model: 50 to 30,000).
 */
export function timeoutOf(routeKey: string, { timeoutMilliseconds = 30_000 }: Inputs): number {
  if (isInteger(timeoutMilliseconds, 50, 30_000)) return timeoutMilliseconds;
  throw new Error(
    `route "${routeKey}": the integration has timeoutMilliseconds ${timeoutMilliseconds}, expected 50 to 30000`,
  );
}

/**
 * Reads a list of strings of a form. Throws for anything else: an empty list could make a route
 * public.
 */
function listOf(what: string, value: Plain | undefined, form: RegExp): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error(`${what}: expected a list, found ${JSON.stringify(value)}`);
  return value.map((item) => {
    if (typeof item === "string" && form.test(item)) return item;
    throw new Error(`${what}: ${JSON.stringify(item)} is not a value that API Gateway accepts`);
  });
}

function isInteger(value: Plain, least: number, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}
