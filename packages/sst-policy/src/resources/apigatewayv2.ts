import type { Description } from "./description";

export const APIGATEWAYV2: Record<`aws:apigatewayv2/${string}`, Description> = {
  "aws:apigatewayv2/api:Api": {
    judged: `name description protocolType corsConfiguration disableExecuteApiEndpoint version
      routeSelectionExpression apiKeySelectionExpression ipAddressType`,
  },
  "aws:apigatewayv2/stage:Stage": {
    judged: `name description apiId autoDeploy accessLogSettings routeSettings
      defaultRouteSettings.throttlingBurstLimit defaultRouteSettings.throttlingRateLimit
      defaultRouteSettings.detailedMetricsEnabled`,
  },
  "aws:apigatewayv2/route:Route": {
    judged: "apiId routeKey target authorizationType authorizationScopes authorizerId operationName",
  },
  "aws:apigatewayv2/authorizer:Authorizer": {
    judged: `name apiId authorizerType identitySources jwtConfiguration authorizerUri
      authorizerPayloadFormatVersion authorizerResultTtlInSeconds enableSimpleResponses`,
  },
  "aws:apigatewayv2/integration:Integration": {
    judged: `apiId description integrationType integrationUri integrationMethod payloadFormatVersion
      connectionType timeoutMilliseconds passthroughBehavior requestParameters responseParameters
      requestTemplates credentialsArn tlsConfig`,
  },
  "aws:apigatewayv2/domainName:DomainName": { judged: "*" },
  "aws:apigatewayv2/apiMapping:ApiMapping": { judged: "*" },
};
