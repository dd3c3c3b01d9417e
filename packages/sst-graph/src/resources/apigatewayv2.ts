import type { Row } from "./row";

export const APIGATEWAYV2: Record<`aws:apigatewayv2/${string}`, Row> = {
  "aws:apigatewayv2/api:Api": (names) => {
    const id = names.id(10);
    return {
      id,
      outputs: {
        arn: names.arn("apigateway", `/apis/${id}`, undefined, ""),
        apiEndpoint: `https://${id}.execute-api.${names.region}.amazonaws.com`,
        executionArn: names.arn("execute-api", id),
      },
    };
  },
  "aws:apigatewayv2/authorizer:Authorizer": (names) => ({ id: names.id(6), outputs: {} }),
  "aws:apigatewayv2/apiMapping:ApiMapping": (names) => ({ id: names.id(6), outputs: {} }),
  "aws:apigatewayv2/domainName:DomainName": (names) => {
    const { domainNameConfiguration } = names.inputs;
    const regional = `d-${names.id(10)}.execute-api.${names.region}.amazonaws.com`;
    return {
      id: names.input("domainName"),
      outputs: {
        arn: names.arn("apigateway", `/domainnames/${names.input("domainName")}`, undefined, ""),
        domainNameConfiguration: {
          ...(domainNameConfiguration as object),
          targetDomainName: regional,
          hostedZoneId: `Z${names.id(13, "upper")}`,
        },
      },
    };
  },
  "aws:apigatewayv2/integration:Integration": (names) => ({ id: names.id(7), outputs: {} }),
  "aws:apigatewayv2/route:Route": (names) => ({ id: names.id(7), outputs: {} }),
  "aws:apigatewayv2/stage:Stage": (names) => ({
    id: names.input("name"),
    outputs: {
      arn: names.arn("apigateway", `/apis/${names.input("apiId")}/stages/${names.input("name")}`, undefined, ""),
      executionArn: names.arn("execute-api", `${names.input("apiId")}/${names.input("name")}`),
      invokeUrl: `https://${names.input("apiId")}.execute-api.${names.region}.amazonaws.com/${names.input("name")}`,
    },
  }),
};
