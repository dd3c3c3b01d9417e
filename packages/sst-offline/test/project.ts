import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import type { Graph, Resource } from "@backend/sst-graph/graph";

export interface FixtureFunction {
  /** TypeScript; exports `handler`. */
  source: string;
  /** Inputs of the Lambda function, in addition to the defaults. */
  lambda?: Resource["inputs"];
  integration?: Resource["inputs"];
  route?: Resource["inputs"];
}

/** Inputs of the API and its stage, and a JWT authorizer named `Jwt` that routes may refer to. */
export interface FixtureApi {
  format?: string;
  api?: Resource["inputs"];
  stage?: Resource["inputs"];
  authorizer?: { issuer: string; audiences: string[]; identitySource?: string };
  /** Resources in addition to the API. The ARN of the first function is `lambdaRef(0)`. */
  resources?: Resource[];
}

export interface FixtureProject {
  folder: string;
  /** Writes the graph of stage "dev", and the functions' sources. */
  write(functions: Record<string, FixtureFunction>): void;
  remove(): void;
}

/** Creates a project folder with one function per route key, without SST. */
export function fixtureProject(functions: Record<string, FixtureFunction>, api: FixtureApi = {}): FixtureProject {
  const folder = mkdtempSync(path.join(os.tmpdir(), "project-"));
  mkdirSync(path.join(folder, "infra/graph"), { recursive: true });
  write(functions);
  return { folder, write, remove: () => rmSync(folder, { recursive: true, force: true }) };

  function write(all: Record<string, FixtureFunction>): void {
    for (const [index, { source }] of Object.values(all).entries()) {
      writeFileSync(path.join(folder, `f${index}.ts`), source);
    }
    writeFileSync(path.join(folder, "infra/graph/dev.json"), JSON.stringify(fixtureGraph(all, api)));
  }
}

const urn = (type: string, name: string) => `urn:pulumi:dev::fixture::${type}::${name}`;
const API = urn("aws:apigatewayv2/api:Api", "Api");
const AUTHORIZER = urn("aws:apigatewayv2/authorizer:Authorizer", "Jwt");
const LOG_GROUP = urn("aws:cloudwatch/logGroup:LogGroup", "AccessLog");

/** Returns the inputs of a route that requires a token. */
export function jwtRoute(...scopes: string[]): Resource["inputs"] {
  return { authorizationType: "JWT", authorizerId: { ref: `${AUTHORIZER}#id` }, authorizationScopes: scopes };
}

function fixtureGraph(functions: Record<string, FixtureFunction>, declared: FixtureApi): Graph {
  const { format = DEFAULT_FORMAT, api, stage, authorizer, resources = [] } = declared;
  const entries = Object.entries(functions);
  return {
    version: 1,
    app: "fixture",
    stage: "dev",
    region: "eu-west-1",
    removal: "remove",
    protect: false,
    tags: {},
    outputs: { url: `\${${API}#apiEndpoint}/dev` },
    functions: entries.map((_, index) => ({
      name: `F${index}`,
      urn: lambdaUrn(index),
      handler: `f${index}.handler`,
      runtime: "nodejs24.x",
      architecture: "arm64",
      nodejs: {},
    })),
    resources: [
      resource(API, { name: "Api", protocolType: "HTTP", ...api }),
      resource(urn("aws:apigatewayv2/stage:Stage", "Stage"), {
        apiId: { ref: `${API}#id` },
        name: "dev",
        accessLogSettings: { destinationArn: { ref: `${LOG_GROUP}#arn` }, format },
        ...stage,
      }),
      ...(authorizer === undefined
        ? []
        : [
            resource(AUTHORIZER, {
              name: "Jwt",
              authorizerType: "JWT",
              identitySources: [authorizer.identitySource ?? "$request.header.Authorization"],
              jwtConfiguration: { issuer: authorizer.issuer, audiences: authorizer.audiences },
            }),
          ]),
      resource(LOG_GROUP, { name: "/aws/apigateway/Api/dev" }),
      ...entries.flatMap(([routeKey, { lambda, integration, route }], index) => {
        const integrationUrn = urn("aws:apigatewayv2/integration:Integration", `I${index}`);
        return [
          resource(lambdaUrn(index), {
            name: `F${index}`,
            timeout: 5,
            memorySize: 128,
            runtime: "nodejs24.x",
            ...lambda,
          }),
          resource(integrationUrn, {
            integrationType: "AWS_PROXY",
            integrationUri: { ref: `${lambdaUrn(index)}#arn` },
            payloadFormatVersion: "2.0",
            ...integration,
          }),
          resource(urn("aws:apigatewayv2/route:Route", `R${index}`), {
            routeKey,
            target: `integrations/\${${integrationUrn}#id}`,
            ...route,
          }),
        ];
      }),
      ...resources,
    ],
  };
}

/** Returns a resource of any type, such as `aws:sqs/queue:Queue`. */
export function fixtureResource(type: string, name: string, inputs: Resource["inputs"]): Resource {
  return resource(urn(type, name), inputs);
}

/** Returns a reference to an output of a function, by its index. */
export function lambdaRef(index: number, output = "arn"): { ref: string } {
  return { ref: `${lambdaUrn(index)}#${output}` };
}

function lambdaUrn(index: number): string {
  return urn("aws:lambda/function:Function", `F${index}`);
}

function resource(of: string, inputs: Resource["inputs"]): Resource {
  const [, type = "", name = ""] = /::([^:]+:[^:]+:[^:]+)::([^:]+)$/.exec(of) ?? [];
  return { urn: of, type, name, inputs };
}

const DEFAULT_FORMAT =
  '{"requestId":"$context.requestId","status":$context.status,"routeKey":"$context.routeKey","path":"$context.path",' +
  '"integrationStatus":"$context.integrationStatus","functionStatus":"$context.integration.status",' +
  '"integrationError":"$context.integrationErrorMessage","error":"$context.error.message","type":"$context.error.responseType","authorizerError":"$context.authorizer.error","user":"$context.authorizer.claims.sub","length":$context.responseLength,' +
  '"userAgent":"$context.identity.userAgent"}';
