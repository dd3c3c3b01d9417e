import type { Plain } from "@secure-backend/graph/graph";
import type { ResolvedResource } from "@secure-backend/graph/resolve";

import type { JwtAuthorizer } from "./authorizer";
import type { CorsConfiguration } from "./cors";
import type { ThrottleLimits } from "./throttle";

type Inputs = ResolvedResource["inputs"];

/** An empty configuration is none: SST declares one for `cors: false`. */
export function corsOf({ corsConfiguration }: Inputs): CorsConfiguration | undefined {
  const configuration = objectOf(corsConfiguration);
  if (Object.keys(configuration).length === 0) return undefined;
  const { maxAge } = configuration;
  if (maxAge !== undefined && !(typeof maxAge === "number" && maxAge >= -1 && maxAge <= 86_400)) {
    throw new Error(`the API's corsConfiguration has maxAge ${maxAge}: expected -1 to 86400 seconds`);
  }
  return {
    allowOrigins: stringsOf(configuration.allowOrigins),
    allowMethods: stringsOf(configuration.allowMethods),
    allowHeaders: stringsOf(configuration.allowHeaders),
    exposeHeaders: stringsOf(configuration.exposeHeaders),
    allowCredentials: configuration.allowCredentials === true,
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
  if (typeof rateLimit !== "number" || typeof burstLimit !== "number" || rateLimit <= 0 || burstLimit <= 0) {
    throw new Error(
      `the stage's defaultRouteSettings have throttlingRateLimit ${rateLimit} and throttlingBurstLimit ${burstLimit}: every request would be answered 429; set both above 0`,
    );
  }
  return { rateLimit, burstLimit };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MOST_AUDIENCES = 50;
const MOST_SCOPES = 10;

/** Throws an Error where there are more than a route may ask for. */
export function scopesOfRoute({ routeKey, authorizationScopes }: Inputs): string[] {
  const scopes = stringsOf(authorizationScopes);
  if (scopes.length > MOST_SCOPES)
    throw new Error(`route "${routeKey}" has ${scopes.length} scopes, ${MOST_SCOPES} are allowed`);
  return scopes;
}

/** Throws an Error that names what a JWT authorizer cannot be without. */
export function authorizerOf({ name, inputs }: ResolvedResource): JwtAuthorizer {
  const { identitySources, jwtConfiguration } = inputs;
  const [identitySource = "", ...more] = stringsOf(identitySources);
  if (more.length > 0)
    throw new Error(`authorizer "${name}" has ${1 + more.length} identity sources, a JWT authorizer has one`);
  const { issuer, audiences } = objectOf(jwtConfiguration);
  if (typeof issuer !== "string") throw new Error(`authorizer "${name}" has no issuer`);
  const names = stringsOf(audiences);
  if (names.length > MOST_AUDIENCES)
    throw new Error(`authorizer "${name}" has ${names.length} audiences, ${MOST_AUDIENCES} are allowed`);
  return { identitySource, issuer, audiences: names };
}

export function objectOf(value: Plain | undefined): Record<string, Plain> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

function stringsOf(value: Plain | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
