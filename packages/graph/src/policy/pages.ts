import type { Resource } from "../graph";
import { isKnownAddress } from "./addresses";
import type { Finding, Rule } from "./rule";
import { nameWithoutStage } from "./runtime-variables";
import { entriesOf, found, isUnknownText, itemsOf, raw, rawList, targetOf, unknown, type View, written } from "./view";

const POOL = "aws:cognito/userPool:UserPool";
const CLIENT = "aws:cognito/userPoolClient:UserPoolClient";
const PROVIDER = "aws:cognito/identityProvider:IdentityProvider";
const API = "aws:apigatewayv2/api:Api";
const FUNCTION = "aws:lambda/function:Function";

/** Pages, people and programs outside the deployment that it lets in. */
export const PAGE_RULES: Rule[] = [
  {
    id: "pages-as-promised",
    severity: "high",
    title: "Pages that call the API and sign people in are the deployment's own, or promised for the stage",
    reason: "A page that nobody promised gets people's authorization codes, or reads answers in their name.",
    fix: "Take the address out, or add its origin to the stage's origins in packages/graph/src/policy/promises.ts.",
    check: (view) => {
      if (view.promises === undefined) return [];
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
    id: "identity-providers-as-promised",
    severity: "high",
    title: "Who may say who a person is, is promised",
    reason: "Whoever runs an identity provider may sign in as anybody, in any tenant that its mapping gives.",
    fix: "Take the provider out, or add it to identityProviders in packages/graph/src/policy/promises.ts.",
    check: (view) => {
      const promised = view.promises?.identityProviders;
      if (promised === undefined) return [];
      const name = (text: string | undefined) => (text !== undefined && promised.includes(text) ? [] : [text ?? ""]);
      return [
        ...view
          .all(PROVIDER)
          .flatMap((provider) =>
            name(written(raw(provider, "providerName"))).map((other) =>
              found(provider, "providerName", `nobody promised the provider "${other}"`),
            ),
          ),
        ...view
          .all(CLIENT)
          .flatMap((client) =>
            rawList(client, "supportedIdentityProviders").flatMap((one, at) =>
              name(written(one)).map((other) =>
                found(client, `supportedIdentityProviders.${at}`, `nobody promised the provider "${other}"`),
              ),
            ),
          ),
      ];
    },
  },
  {
    id: "user-pool-triggers",
    severity: "critical",
    title: "A user pool runs functions of this deployment only, and those that are promised",
    reason:
      "A trigger writes groups and scopes into tokens, confirms users and answers challenges: it decides who is who.",
    fix: 'Take the trigger out, or add the function with "user pool" to triggers in packages/graph/src/policy/promises.ts.',
    check: (view) => view.all(POOL).flatMap((pool) => triggerFindings(view, pool)),
  },
  {
    id: "client-without-secret",
    severity: "low",
    title: "A client for people has no secret where its pages run in a browser",
    reason: "A page in a browser keeps no secret: whoever opens it has it, and a rotation breaks every open page.",
    fix: "Leave generateSecret false; PKCE is what protects the code.",
    check: (view) => {
      if (view.promises === undefined) return []; // a server may keep one
      return view
        .all(CLIENT)
        .filter((client) => rawList(client, "allowedOauthFlows").includes("code"))
        .filter((client) => raw(client, "generateSecret") === true)
        .map((client) => found(client, "generateSecret", "expected no secret"));
    },
  },
];

function pageFindings(view: View, resource: Resource, path: string): Finding[] {
  return itemsOf(raw(resource, path)).flatMap((page, at) => pageFinding(view, resource, `${path}.${at}`, page));
}

function pageFinding(view: View, resource: Resource, path: string, page: Parameters<typeof written>[0]): Finding[] {
  if (page === undefined) return [];
  const address = written(page) ?? "";
  if (isUnknownText(address)) return [unknown(resource, path, "the page is known after the deployment alone")];
  return isKnownAddress(view, address) ? [] : [found(resource, path, `nobody promised the page "${address}"`)];
}

/** The functions stand as texts, or as `lambdaArn` of an object. */
function triggerFindings(view: View, pool: Resource): Finding[] {
  return entriesOf(raw(pool, "lambdaConfig"))
    .filter(([name]) => name !== "kmsKeyId")
    .flatMap(([name, value]) => {
      const path = `lambdaConfig.${name}`;
      const lambda = targetOf(view, value)?.resource ?? targetOf(view, raw(pool, `${path}.lambdaArn`))?.resource;
      if (lambda?.type !== FUNCTION) return [found(pool, path, "expected a function of this deployment")];
      const promised =
        view.promises === undefined || view.promises.triggers[nameWithoutStage(view, lambda)] === "user pool";
      return promised ? [] : [found(pool, path, `nobody promised that the user pool runs ${lambda.name}`)];
    });
}
