import type { Resource, Value } from "@backend/sst-graph/graph";
import { isKnownAddress } from "./addresses";
import type { Finding, Rule } from "./rule";
import { entriesOf, found, isUnknownText, itemsOf, raw, rawList, targetOf, unknown, type View, written } from "./view";

const POOL = "aws:cognito/userPool:UserPool";
const CLIENT = "aws:cognito/userPoolClient:UserPoolClient";
const PROVIDER = "aws:cognito/identityProvider:IdentityProvider";
const API = "aws:apigatewayv2/api:Api";
const FUNCTION = "aws:lambda/function:Function";

/** Pages, people and programs outside the deployment that it lets in. */
export const PAGE_RULES: Rule[] = [
  {
    id: "pages-known",
    severity: "high",
    title:
      "Pages that call the API and sign people in are the deployment's own, or of an origin that the project lists",
    reason: "Any other page gets people's authorization codes, or reads answers in their name.",
    fix: "Remove the address, or add its origin to the project's origins.",
    check: (view) => {
      const clients = ["callbackUrls", "logoutUrls"].flatMap((path) =>
        view.all(CLIENT).flatMap((client) => pageFindings(view, client, path)),
      );
      const redirects = view
        .all(CLIENT)
        .flatMap((client) => pageFinding(view, client, "defaultRedirectUri", raw(client, "defaultRedirectUri")));
      const origins = view.all(API).flatMap((api) => pageFindings(view, api, "corsConfiguration.allowOrigins"));
      return [...clients, ...redirects, ...origins];
    },
  },
  {
    id: "identity-provider-own",
    severity: "high",
    title: "Only the user pool itself says who a person is",
    reason: "Whoever runs an identity provider may sign in as anybody, in any group that its mapping gives.",
    fix: "Take the provider out, or waive the finding with the reason.",
    check: (view) => {
      const others = (value: Value | undefined) => (written(value) === "COGNITO" ? [] : [written(value) ?? ""]);
      const message = (name: string) => `the provider "${name}" may sign people in`;
      return [
        ...view
          .all(PROVIDER)
          .flatMap((provider) =>
            others(raw(provider, "providerName")).map((name) => found(provider, "providerName", message(name))),
          ),
        ...view
          .all(CLIENT)
          .flatMap((client) =>
            rawList(client, "supportedIdentityProviders").flatMap((one, at) =>
              others(one).map((name) => found(client, `supportedIdentityProviders.${at}`, message(name))),
            ),
          ),
      ];
    },
  },
  {
    id: "user-pool-triggers",
    severity: "critical",
    title: "A user pool runs no functions",
    reason:
      "A trigger writes groups and scopes into tokens, confirms users and answers challenges: it decides who is who.",
    fix: "Take the trigger out, or waive the finding of a function of this deployment with the reason.",
    check: (view) => view.all(POOL).flatMap((pool) => triggerFindings(view, pool)),
  },
  {
    id: "client-without-secret",
    severity: "low",
    title: "A client for people has no secret where its pages run in a browser",
    reason: "A page in a browser keeps no secret: whoever opens it has it, and a rotation breaks every open page.",
    fix: "Leave generateSecret false; PKCE is what protects the code. Waive the finding for pages that a server makes.",
    check: (view) =>
      view
        .all(CLIENT)
        .filter((client) => rawList(client, "allowedOauthFlows").includes("code"))
        .filter((client) => raw(client, "generateSecret") === true)
        .map((client) => found(client, "generateSecret", "expected no secret")),
  },
];

function pageFindings(view: View, resource: Resource, path: string): Finding[] {
  return itemsOf(raw(resource, path)).flatMap((page, at) => pageFinding(view, resource, `${path}.${at}`, page));
}

function pageFinding(view: View, resource: Resource, path: string, page: Value | undefined): Finding[] {
  if (page === undefined) return [];
  const address = written(page) ?? "";
  if (isUnknownText(address)) return [unknown(resource, path, "the page is known after the deployment alone")];
  return isKnownAddress(view, address) ? [] : [found(resource, path, `"${address}" is no page of this stage`)];
}

/** The functions stand as texts, or as `lambdaArn` of an object. */
function triggerFindings(view: View, pool: Resource): Finding[] {
  return entriesOf(raw(pool, "lambdaConfig"))
    .filter(([name]) => name !== "kmsKeyId")
    .flatMap(([name, value]) => {
      const path = `lambdaConfig.${name}`;
      const lambda = targetOf(view, value)?.resource ?? targetOf(view, raw(pool, `${path}.lambdaArn`))?.resource;
      const message = lambda?.type === FUNCTION ? `runs ${lambda.name}` : "expected a function of this deployment";
      return [found(pool, path, message)];
    });
}
