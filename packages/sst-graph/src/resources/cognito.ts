import type { Names } from "../names";
import type { Row } from "./row";

export const COGNITO: Record<`aws:cognito/${string}`, Row> = {
  "aws:cognito/resourceServer:ResourceServer": (names) => ({
    id: `${names.input("userPoolId")}|${names.input("identifier")}`,
    outputs: {
      scopeIdentifiers: scopesOf(names).map((scope) => `${names.input("identifier")}/${scope}`),
    },
  }),
  "aws:cognito/userGroup:UserGroup": (names) => ({
    id: `${names.input("userPoolId")}/${names.input("name")}`,
    outputs: {},
  }),
  "aws:cognito/userPool:UserPool": (names) => {
    const id = `${names.region}_${names.id(9, "mixed")}`;
    return {
      id,
      outputs: {
        arn: names.arn("cognito-idp", `userpool/${id}`),
        endpoint: `cognito-idp.${names.region}.amazonaws.com/${id}`,
      },
    };
  },
  "aws:cognito/userPoolClient:UserPoolClient": (names) => ({
    id: names.id(26),
    outputs: { clientSecret: names.id(52, "lower", "secret") },
    secrets: ["clientSecret"],
  }),
  "aws:cognito/userPoolDomain:UserPoolDomain": (names) => ({
    id: names.input("domain"),
    outputs: { cloudfrontDistribution: `d${names.id(13)}.cloudfront.net` },
  }),
};

function scopesOf(names: Names): string[] {
  const scopes = names.inputs.scopes;
  if (!Array.isArray(scopes)) return [];
  return scopes.flatMap((scope) =>
    typeof scope === "object" && scope !== null && !Array.isArray(scope) && typeof scope.scopeName === "string"
      ? [scope.scopeName]
      : [],
  );
}
