import type { Access, ApiRoute } from "./routes";
import type { JsonObject } from "./schema";

const [TOKEN, SIGNATURE] = ["cognito", "signature"];

/**
 * An operation's Security Requirement Objects:
 * https://spec.openapis.org/oas/v3.1.1.html#security-requirement-object
 */
export function securityOf(access: Access): JsonObject[] {
  if (access.by === "nobody") return [];
  if (access.by === "token") return [{ [TOKEN]: access.scopes }];
  return [{ [schemeOf(access)]: [] }];
}

/** The Security Scheme Objects that the routes refer to, by name. */
export function securitySchemes(routes: ApiRoute[], scopes: Record<string, string>): JsonObject {
  const schemes: JsonObject = {};
  for (const { access } of routes) if (access.by !== "nobody") schemes[schemeOf(access)] = schemeObject(access, scopes);
  return schemes;
}

function schemeOf(access: Exclude<Access, { by: "nobody" }>): string {
  if (access.by === "function") return access.authorizer;
  return access.by === "token" ? TOKEN : SIGNATURE;
}

function schemeObject(access: Exclude<Access, { by: "nobody" }>, scopes: Record<string, string>): JsonObject {
  if (access.by === "token") return signIn(scopes);
  if (access.by === "signature") {
    // As API Gateway exports it:
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html
    return {
      ...{ type: "apiKey", in: "header", name: "Authorization", "x-amazon-apigateway-authtype": "awsSigv4" },
      description: "A request signed with AWS credentials, Signature Version 4.",
    };
  }
  const { in: place, name } = access.source ?? { in: "header", name: "Authorization" };
  const what = access.source === undefined ? "something that the API does not declare" : `the ${place} "${name}"`;
  return {
    ...{ type: "apiKey", in: place, name },
    description: `The authorizer "${access.authorizer}" looks at ${what}.`,
  };
}

/** A person signs in with a code and PKCE, a program with its own credentials. */
function signIn(scopes: Record<string, string>): JsonObject {
  const [authorizationUrl, tokenUrl] = ["/oauth2/authorize", "/oauth2/token"];
  return {
    type: "oauth2",
    description: "An access token of the user pool, as `authorization: Bearer <token>`.",
    flows: {
      authorizationCode: { authorizationUrl, tokenUrl, refreshUrl: tokenUrl, scopes },
      clientCredentials: { tokenUrl, scopes },
    },
  };
}
