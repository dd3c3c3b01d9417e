import type { Resource, Value } from "@backend/sst-graph/graph";
import { isTrusted } from "./api";
import type { Finding, Rule } from "./rule";
import { expectTarget, expectThat, found, isUnknown, raw, rawList, targetOf, type View, written } from "./view";

const CLIENT = "aws:cognito/userPoolClient:UserPoolClient";
const SERVER = "aws:cognito/resourceServer:ResourceServer";
const POOL = "aws:cognito/userPool:UserPool";
const ROUTE = "aws:apigatewayv2/route:Route";

/**
 * Minutes that tokens may hold. People authenticate again at least every 12 hours: NIST SP 800-63B (2017), 4.2.3,
 * https://pages.nist.gov/800-63-3/sp800-63b.html#aal2reauth
 */
const MAX_PERSON_TOKEN = { access: 15, id: 15, refresh: 12 * 60 };
const MAX_MACHINE_TOKEN = 60;
const MINUTES: Record<string, number> = { seconds: 1 / 60, minutes: 1, hours: 60, days: 24 * 60 };

const ofClients = (check: (view: View, client: Resource) => Finding[]) => (view: View) =>
  view.all(CLIENT).flatMap((client) => check(view, client));
const listOf = (value: Value | undefined): Value[] => (Array.isArray(value) ? value : []);

export const COGNITO_CLIENT_RULES: Rule[] = [
  {
    id: "client-flows",
    severity: "high",
    title:
      "A client gets tokens by an authorization code, or by its own credentials; never by the implicit flow, never by a password",
    reason:
      "The implicit flow writes tokens into addresses; a flow that takes passwords lets a client ask for them, and an attacker try them.",
    fix: "Set allowedOauthFlows to one flow and explicitAuthFlows to ALLOW_REFRESH_TOKEN_AUTH by transform.client.",
    check: ofClients((view, client) => [
      ...expectThat(
        view,
        client,
        "allowedOauthFlows",
        (flows) => ['["code"]', '["client_credentials"]'].includes(JSON.stringify(flows)),
        "expected code alone or client_credentials alone",
      ),
      ...expectThat(
        view,
        client,
        "explicitAuthFlows",
        (flows) => JSON.stringify(flows) === '["ALLOW_REFRESH_TOKEN_AUTH"]',
        "expected ALLOW_REFRESH_TOKEN_AUTH alone, stated: the default takes passwords",
      ),
      ...expectThat(
        view,
        client,
        "allowedOauthFlowsUserPoolClient",
        (value) => value === true,
        "expected the flows to be in force",
      ),
      ...expectTarget(view, client, "userPoolId", [POOL], "expected a pool of this deployment"),
    ]),
  },
  {
    id: "client-scopes",
    severity: "high",
    title: "A client may ask for scopes of the deployment's own APIs, never for its user's own attributes",
    reason:
      "With aws.cognito.signin.user.admin a stolen access token changes its user's email address and second factor.",
    fix: "Set allowedOauthScopes by transform.client.",
    check: ofClients((view, client) => {
      const scopes = rawList(client, "allowedOauthScopes").map((scope) => scopeOf(view, scope));
      const known = ["openid", "email", "profile", ...scopesOf(view)];
      return [
        ...(scopes.length > 0 ? [] : [found(client, "allowedOauthScopes", "expected the scopes to be listed")]),
        ...scopes.flatMap((scope, at) =>
          scope !== undefined && known.includes(scope)
            ? []
            : [found(client, `allowedOauthScopes.${at}`, `"${scope}" is no scope of this deployment`)],
        ),
      ];
    }),
  },
  {
    id: "scopes-exist",
    severity: "medium",
    title: "Routes ask for scopes that a resource server declares, and for each of those",
    reason:
      "A scope that does not exist is in no token: nobody may call, until somebody takes the scope off in a hurry. One that no route asks for is given away for nothing.",
    fix: "Declare the scope in a resource server, or ask for one that is declared.",
    check: (view) => {
      if (view.all(POOL).length === 0) return [];
      const known = scopesOf(view);
      const asked = view
        .all(ROUTE)
        .flatMap((route) => rawList(route, "authorizationScopes").map((scope) => scopeOf(view, scope)));
      return [
        ...view.all(ROUTE).flatMap((route) =>
          rawList(route, "authorizationScopes")
            .map((scope) => scopeOf(view, scope) ?? "")
            .filter((scope) => !known.includes(scope))
            .map((scope) => found(route, "authorizationScopes", `no resource server declares "${scope}"`)),
        ),
        ...view.all(CLIENT).flatMap((client) => laterServers(view, client)),
        ...view.all(SERVER).flatMap((server) => [
          ...expectTarget(view, server, "userPoolId", [POOL], "expected a pool of this deployment"),
          ...rawList(server, "scopes").flatMap((item, at) => {
            const scope = nameOf(server, item);
            if (asked.includes(scope) || isExclusive(view, scope)) return []; // functions read those
            const fix = "Remove the scope, or add the route that asks for it.";
            return [{ ...found(server, `scopes.${at}`, `no route asks for "${scope}"`), fix }];
          }),
        ]),
      ];
    },
  },
  {
    id: "machine-client-alone",
    severity: "high",
    title: "A machine's client has a secret, and nothing that is for people",
    reason:
      "client_credentials without a secret gives tokens to anyone; with a callback or a sign-in page the client can be used for people too.",
    fix: "Set generateSecret, and leave callbackUrls, logoutUrls and supportedIdentityProviders out.",
    check: ofClients((view, client) => {
      if (!rawList(client, "allowedOauthFlows").includes("client_credentials")) return [];
      const none = (path: string) =>
        expectThat(
          view,
          client,
          path,
          (list) => listOf(list).length === 0,
          "expected none: it is no client for people",
        );
      const people = rawList(client, "allowedOauthScopes").filter(
        (scope) => !String(scopeOf(view, scope)).includes("/"),
      );
      return [
        ...expectThat(view, client, "generateSecret", (value) => value === true, "expected a secret"),
        ...["callbackUrls", "logoutUrls", "supportedIdentityProviders", "defaultRedirectUri"].flatMap(none),
        ...people.map((scope) => found(client, "allowedOauthScopes", `"${written(scope)}" is a scope for people`)),
      ];
    }),
  },
  {
    id: "exclusive-scopes",
    severity: "critical",
    title: "A machine client may ask for one exclusive scope at most, and any other client for none",
    reason: "An exclusive scope says whose data a token may read and write. A second one opens somebody else's data.",
    fix: "Leave at most one in allowedOauthScopes of a machine client, and none in those of other clients.",
    check: ofClients((view, client) => {
      const exclusive = rawList(client, "allowedOauthScopes")
        .map((scope) => scopeOf(view, scope) ?? "")
        .filter((scope) => isExclusive(view, scope));
      const isMachine = JSON.stringify(raw(client, "allowedOauthFlows")) === '["client_credentials"]';
      const most = isMachine ? 1 : 0;
      if (exclusive.length <= most) return [];
      const expected = isMachine ? "expected one" : "expected none: people may ask for each scope of their client";
      return [found(client, "allowedOauthScopes", `asks for ${exclusive.join(" and ")}; ${expected}`)];
    }),
  },
  {
    id: "client-callbacks",
    severity: "high",
    title: "People come back to pages of known origins over TLS; outside prod also to the developer's own machine",
    reason: "An authorization code that is sent to somebody else's page is somebody else's session.",
    fix: "List only pages of known origins in callbackUrls and logoutUrls.",
    check: ofClients((view, client) => {
      const forPeople = rawList(client, "allowedOauthFlows").some((flow) => flow !== "client_credentials");
      const trusted = (path: string, least: number) =>
        expectThat(
          view,
          client,
          path,
          (list) =>
            listOf(list).length >= least &&
            listOf(list).every(
              (url) =>
                isUnknown(url as Value) ||
                (isTrusted(String(url), view.strict) && !String(url).includes("*") && !isPlaceholder(String(url))),
            ),
          "expected pages with https, or of http://localhost outside prod",
        );
      return [...trusted("callbackUrls", forPeople ? 1 : 0), ...trusted("logoutUrls", 0)];
    }),
  },
  {
    id: "client-tells-nothing",
    severity: "medium",
    title: "A client does not tell who exists, and its tokens can be revoked",
    reason:
      "Answers that differ for users who exist and who do not are a list of users; a stolen refresh token has to be stopped.",
    fix: "Set preventUserExistenceErrors to ENABLED and enableTokenRevocation by transform.client.",
    check: ofClients((view, client) => [
      ...expectThat(view, client, "preventUserExistenceErrors", (value) => value === "ENABLED", "expected ENABLED"),
      ...expectThat(
        view,
        client,
        "enableTokenRevocation",
        (value) => value === true,
        "expected tokens to be revocable",
      ),
    ]),
  },
  {
    id: "client-token-validity",
    severity: "medium",
    title:
      "People's tokens hold for at most 15 minutes (refresh tokens: 12 hours), those of machines for an hour, all of it stated",
    reason: "The API does not hear of a revoked token before it expires.",
    fix: "Set the validities and their units by transform.client.",
    check: ofClients((view, client) => {
      const machine = JSON.stringify(raw(client, "allowedOauthFlows")) === '["client_credentials"]';
      const lasts = (token: string, most: number) => {
        const unit = view.read(client, `tokenValidityUnits.${token}`);
        const factor = unit.is === "known" ? (MINUTES[String(unit.value)] ?? Number.NaN) : Number.NaN;
        return expectThat(
          view,
          client,
          `${token}Validity`,
          (value) => Number(value) * factor >= 5 && Number(value) * factor <= most,
          `expected 5 to ${most} minutes, value and unit stated`,
        );
      };
      if (machine) return lasts("accessToken", MAX_MACHINE_TOKEN);
      return [
        ...lasts("accessToken", MAX_PERSON_TOKEN.access),
        ...lasts("idToken", MAX_PERSON_TOKEN.id),
        ...lasts("refreshToken", MAX_PERSON_TOKEN.refresh),
      ];
    }),
  },
];

function isExclusive({ promises }: View, scope: string): boolean {
  return promises.exclusiveScopes?.test(scope) === true;
}

/** True for a page that nobody can own: https://www.rfc-editor.org/rfc/rfc2606#section-3 */
function isPlaceholder(page: string): boolean {
  const { hostname } = URL.canParse(page) ? new URL(page) : { hostname: "" };
  return /^(.+\.)?example\.(com|net|org)$/.test(hostname);
}

/** `orders/write` of each resource server. */
function scopesOf(view: View): string[] {
  return view.all(SERVER).flatMap((server) => rawList(server, "scopes").flatMap((item) => [nameOf(server, item)]));
}

function nameOf(server: Resource, item: Value): string {
  return `${written(raw(server, "identifier"))}/${String((item as Record<string, Value> | null)?.scopeName)}`;
}

/** A scope as text, also where it is an output of a resource server, `scopeIdentifiers[0]`. */
function scopeOf(view: View, scope: Value): string | undefined {
  const target = targetOf(view, scope);
  if (target === undefined) return written(scope);
  const at = Number(/^scopeIdentifiers\[(\d+)\]$/.exec(target.output)?.[1] ?? Number.NaN);
  const item = rawList(target.resource, "scopes")[at];
  return item === undefined ? undefined : nameOf(target.resource, item);
}

/** A scope as plain text says nothing of the order: the client may be made before the scope that it asks for. */
function laterServers(view: View, client: Resource): Finding[] {
  const texts = rawList(client, "allowedOauthScopes").filter((scope) => typeof scope === "string");
  return view
    .all(SERVER)
    .filter((server) => rawList(server, "scopes").some((item) => texts.includes(nameOf(server, item))))
    .filter(({ urn }) => !(client.dependsOn ?? []).includes(urn))
    .map((server) => found(client, "@dependsOn", `expected to be made after ${server.name}, whose scope it asks for`));
}
