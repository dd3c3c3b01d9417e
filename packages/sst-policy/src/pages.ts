import type { Resource, Value } from "@backend/sst-graph/graph";
import { isKnownAddress } from "./addresses";
import type { Finding, Rule } from "./rule";
import {
  entriesOf,
  flag,
  flagUnknown,
  inputListOf,
  inputOf,
  isUnknownText,
  itemsOf,
  targetOf,
  textOf,
  type View,
} from "./view";

const POOL = "aws:cognito/userPool:UserPool";
const CLIENT = "aws:cognito/userPoolClient:UserPoolClient";
const PROVIDER = "aws:cognito/identityProvider:IdentityProvider";
const API = "aws:apigatewayv2/api:Api";
const FUNCTION = "aws:lambda/function:Function";

/** Rules about pages, users and programs outside the deployment that get access to it. */
export const PAGE_RULES: Rule[] = [
  {
    id: "pages-known",
    severity: "high",
    title: "Pages that call the API or sign users in are the deployment's own, or of an origin that the project lists",
    reason: "Any other page gets users' authorization codes, or reads responses in their name.",
    fix: "Remove the address, or add its origin to the project's origins.",
    check: (view) => {
      const clients = ["callbackUrls", "logoutUrls"].flatMap((path) =>
        view.all(CLIENT).flatMap((client) => pageFindings(view, client, path)),
      );
      const redirects = view
        .all(CLIENT)
        .flatMap((client) => pageFinding(view, client, "defaultRedirectUri", inputOf(client, "defaultRedirectUri")));
      const origins = view.all(API).flatMap((api) => pageFindings(view, api, "corsConfiguration.allowOrigins"));
      return [...clients, ...redirects, ...origins];
    },
  },
  {
    id: "identity-provider-own",
    severity: "high",
    title: "Users sign in only through the user pool itself",
    reason: "The operator of an external identity provider can sign in as anyone, in any group that its mapping gives.",
    fix: "Remove the provider, or waive the finding with a reason.",
    check: (view) => {
      const others = (value: Value | undefined) => (textOf(value) === "COGNITO" ? [] : [textOf(value) ?? ""]);
      const message = (name: string) => `the provider "${name}" may sign users in`;
      return [
        ...view
          .all(PROVIDER)
          .flatMap((provider) =>
            others(inputOf(provider, "providerName")).map((name) => flag(provider, "providerName", message(name))),
          ),
        ...view
          .all(CLIENT)
          .flatMap((client) =>
            inputListOf(client, "supportedIdentityProviders").flatMap((one, at) =>
              others(one).map((name) => flag(client, `supportedIdentityProviders.${at}`, message(name))),
            ),
          ),
      ];
    },
  },
  {
    id: "user-pool-triggers",
    severity: "critical",
    title: "A user pool has no Lambda triggers",
    reason:
      "A trigger can put groups and scopes into tokens, confirm users and answer challenges. It decides who " +
      "a user is.",
    fix: "Remove the trigger. If it is a function of this deployment, you may waive the finding with a reason.",
    check: (view) => view.all(POOL).flatMap((pool) => triggerFindings(view, pool)),
  },
  {
    id: "client-without-secret",
    severity: "low",
    title: "A client for users has no secret if its pages run in a browser",
    reason:
      "A page in a browser cannot keep a secret. Anyone who opens the page has it, and a rotation breaks " +
      "every open page.",
    fix: "Leave generateSecret false: PKCE protects the code. Waive the finding for pages that a server renders.",
    check: (view) =>
      view
        .all(CLIENT)
        .filter((client) => inputListOf(client, "allowedOauthFlows").includes("code"))
        .filter((client) => inputOf(client, "generateSecret") === true)
        .map((client) => flag(client, "generateSecret", "expected no secret")),
  },
];

function pageFindings(view: View, resource: Resource, path: string): Finding[] {
  return itemsOf(inputOf(resource, path)).flatMap((page, at) => pageFinding(view, resource, `${path}.${at}`, page));
}

function pageFinding(view: View, resource: Resource, path: string, page: Value | undefined): Finding[] {
  if (page === undefined) return [];
  const address = textOf(page) ?? "";
  if (isUnknownText(address)) return [flagUnknown(resource, path, "the page is known only after the deployment")];
  return isKnownAddress(view, address) ? [] : [flag(resource, path, `"${address}" is not a page of this stage`)];
}

/** Triggers are ARNs, or objects with the ARN in `lambdaArn`. */
function triggerFindings(view: View, pool: Resource): Finding[] {
  return entriesOf(inputOf(pool, "lambdaConfig"))
    .filter(([name]) => name !== "kmsKeyId")
    .flatMap(([name, value]) => {
      const path = `lambdaConfig.${name}`;
      const lambda = targetOf(view, value)?.resource ?? targetOf(view, inputOf(pool, `${path}.lambdaArn`))?.resource;
      const message = lambda?.type === FUNCTION ? `runs ${lambda.name}` : "expected a function of this deployment";
      return [flag(pool, path, message)];
    });
}
