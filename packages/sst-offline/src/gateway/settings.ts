import type { Plain } from "@backend/sst-graph/graph";
import type { ResolvedResource } from "@backend/sst-graph/resolve";

import { objectOf } from "../kit/json";
import { compileIdentitySource, type JwtAuthorizer } from "./authorizer";
import type { CorsConfiguration } from "./cors";
import type { ThrottleLimits } from "./throttle";

type Inputs = ResolvedResource["inputs"];

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MOST_AUDIENCES = 50;
const MOST_SCOPES = 10;

// RFC 9110, 5.6.2: what the name of a method or of a header may be. RFC 6749, 3.3: what a scope may be.
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** An origin, a whole scheme, or all: http-api-cors.html. Nothing else can ever match. */
const ORIGIN = /^(\*|https?:\/\/\*|[a-z][a-z0-9+.-]*:\/\/[\w.:[\]-]+)$/i;

/**
 * Reads the CORS configuration. An empty one counts as none: SST declares it for `cors: false`.
 *
 * @throws Error for what API Gateway refuses
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
      "the API's corsConfiguration allows credentials to every origin, which API Gateway refuses (aws/aws-cdk#9076)",
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
 * The limits of every route. Throws an Error for what would answer 429 to every request: any route setting without both
 * limits sets them to 0 (pulumi/pulumi-aws#2363).
 */
export function throttleOf({ defaultRouteSettings, routeSettings }: Inputs): ThrottleLimits | undefined {
  if (Array.isArray(routeSettings) && routeSettings.length > 0) {
    throw new Error(
      "the stage has routeSettings: a first deployment fails with them, since the stage is made before its routes",
    );
  }
  const settings = objectOf(defaultRouteSettings);
  if (Object.keys(settings).length === 0) return undefined;
  const { throttlingRateLimit: rateLimit = 0, throttlingBurstLimit: burstLimit = 0 } = settings;
  if (typeof rateLimit !== "number" || rateLimit <= 0 || !isInteger(burstLimit, 1, Number.MAX_SAFE_INTEGER)) {
    throw new Error(
      `the stage's defaultRouteSettings have throttlingRateLimit ${rateLimit} and throttlingBurstLimit ${burstLimit}: every request would be answered 429; set both above 0`,
    );
  }
  return { rateLimit, burstLimit };
}

/** Throws an Error for scopes that no token can have, or more of them than a route may ask for. */
export function scopesOfRoute({ routeKey, authorizationScopes }: Inputs): string[] {
  const scopes = listOf(`authorizationScopes of route "${routeKey}"`, authorizationScopes, SCOPE);
  if (scopes.length > MOST_SCOPES) {
    throw new Error(`route "${routeKey}" has ${scopes.length} scopes, ${MOST_SCOPES} are allowed`);
  }
  return scopes;
}

/** Throws an Error that names what a JWT authorizer cannot be without. */
export function authorizerOf({ name, inputs }: ResolvedResource): JwtAuthorizer {
  const { issuer, audiences } = objectOf(inputs.jwtConfiguration);
  const [identitySource = "", ...more] = listOf(`identitySources of authorizer "${name}"`, inputs.identitySources, /./);
  if (more.length > 0) {
    throw new Error(`authorizer "${name}" has ${1 + more.length} identity sources, a JWT authorizer has one`);
  }
  compileIdentitySource(identitySource); // throws for one that cannot be read
  if (typeof issuer !== "string" || !/^https?:\/\//.test(issuer)) {
    throw new Error(`authorizer "${name}" has the issuer ${JSON.stringify(issuer)}, expected an address of HTTP`);
  }
  const names = listOf(`audiences of authorizer "${name}"`, audiences, /./);
  if (names.length === 0) throw new Error(`authorizer "${name}" has no audience: it would refuse every token`);
  if (names.length > MOST_AUDIENCES) {
    throw new Error(`authorizer "${name}" has ${names.length} audiences, ${MOST_AUDIENCES} are allowed`);
  }
  return { identitySource, issuer, audiences: names };
}

/** Milliseconds. Throws an Error for what is outside of API Gateway's bounds (service model: 50 to 30,000). */
export function timeoutOf(routeKey: string, { timeoutMilliseconds = 30_000 }: Inputs): number {
  if (isInteger(timeoutMilliseconds, 50, 30_000)) return timeoutMilliseconds;
  throw new Error(
    `route "${routeKey}": its integration has timeoutMilliseconds ${timeoutMilliseconds}, expected 50 to 30000`,
  );
}

/** Reads a list of strings of a form. Anything else is refused: an empty list instead might open a door. */
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
