import type { Plain } from "@backend/sst-graph/graph";

import { type Coverage, DOMAIN, type Gap } from "./reasons";

export const APIGATEWAYV2: Record<`aws:apigatewayv2/${string}`, Coverage> = {
  "aws:apigatewayv2/api:Api": {
    name: true,
    description: true,
    protocolType: true,
    disableExecuteApiEndpoint: true, // offline, too, then serves only the custom domains
    corsConfiguration: ["allowCredentials", "allowHeaders", "allowMethods", "allowOrigins", "exposeHeaders", "maxAge"],
  },
  "aws:apigatewayv2/apiMapping:ApiMapping": { apiId: true, apiMappingKey: true, domainName: true, stage: true },
  "aws:apigatewayv2/domainName:DomainName": DOMAIN,
  "aws:apigatewayv2/authorizer:Authorizer": {
    apiId: true,
    authorizerType: true,
    identitySources: true,
    jwtConfiguration: ["audiences", "issuer"],
    name: true,
  },
  "aws:apigatewayv2/stage:Stage": {
    accessLogSettings: ["destinationArn", "format"],
    apiId: true,
    autoDeploy: deployment,
    defaultRouteSettings: ["throttlingBurstLimit", "throttlingRateLimit"],
    description: true,
    name: true,
  },
  "aws:apigatewayv2/route:Route": {
    apiId: true,
    authorizationScopes: true,
    authorizationType: true,
    authorizerId: true,
    routeKey: true,
    target: true,
  },
  "aws:apigatewayv2/integration:Integration": {
    apiId: true,
    integrationType: true,
    integrationUri: true,
    payloadFormatVersion: true,
    timeoutMilliseconds: true,
  },
};

function deployment(value: Plain): Gap | undefined {
  if (value === true) return undefined;
  return {
    what: "deployments",
    why: "the stage has no auto-deploy: AWS serves the last deployment, offline serves the declared routes",
  };
}
