import type { Resource, Value } from "@backend/sst-graph/graph";
import { isTrusted } from "./api";
import type { Finding, Rule } from "./rule";
import { expectTarget, expectThat, flag, inputListOf, inputOf, isUnknown, targetOf, textOf, type View } from "./view";

const CLIENT = "aws:cognito/userPoolClient:UserPoolClient";
const SERVER = "aws:cognito/resourceServer:ResourceServer";
const POOL = "aws:cognito/userPool:UserPool";
const ROUTE = "aws:apigatewayv2/route:Route";

/**
 * Longest validity of users' tokens. Users authenticate again at least every 12 hours:
 * NIST SP 800-63B (2017), 4.2.3, https://pages.nist.gov/800-63-3/sp800-63b.html#aal2reauth
 */
const MAX_USER_TOKEN_MINUTES = { access: 15, id: 15, refresh: 12 * 60 };
const MAX_MACHINE_TOKEN_MINUTES = 60;
const MINUTES_PER_UNIT: Record<string, number> = { seconds: 1 / 60, minutes: 1, hours: 60, days: 24 * 60 };

const checkClients = (check: (view: View, client: Resource) => Finding[]) => (view: View) =>
  view.all(CLIENT).flatMap((client) => check(view, client));
const listOf = (value: Value | undefined): Value[] => (Array.isArray(value) ? value : []);

export const COGNITO_CLIENT_RULES: Rule[] = [
  {
    id: "client-flows",
    severity: "high",
    title: "A client gets tokens by authorization code or client credentials, never by the implicit flow or a password",
    reason:
      "The implicit flow puts tokens into URLs. A password flow lets clients ask for passwords, and lets " +
      "attackers guess them.",
    fix: "With transform.client, set allowedOauthFlows to one flow and explicitAuthFlows to ALLOW_REFRESH_TOKEN_AUTH.",
    check: checkClients((view, client) => [
      ...expectThat(
        view,
        client,
        "allowedOauthFlows",
        (flows) => ['["code"]', '["client_credentials"]'].includes(JSON.stringify(flows)),
        "expected only code or only client_credentials",
      ),
      ...expectThat(
        view,
        client,
        "explicitAuthFlows",
        (flows) => JSON.stringify(flows) === '["ALLOW_REFRESH_TOKEN_AUTH"]',
        "expected only ALLOW_REFRESH_TOKEN_AUTH, set explicitly: the default accepts passwords",
      ),
      ...expectThat(
        view,
        client,
        "allowedOauthFlowsUserPoolClient",
        (value) => value === true,
        "expected true: otherwise the flows have no effect",
      ),
      ...expectTarget(view, client, "userPoolId", [POOL], "expected a pool of this deployment"),
    ]),
  },
  {
    id: "client-scopes",
    severity: "high",
    title: "A client may request only scopes of this deployment's APIs, never those for its user's own attributes",
    reason:
      "With aws.cognito.signin.user.admin, a stolen access token can change the user's email address and " +
      "second factor.",
    fix: "Set allowedOauthScopes with transform.client.",
    check: checkClients((view, client) => {
      const scopes = inputListOf(client, "allowedOauthScopes").map((scope) => scopeOf(view, scope));
      const allowed = ["openid", "email", "profile", ...scopesOf(view)];
      return [
        ...(scopes.length > 0 ? [] : [flag(client, "allowedOauthScopes", "expected the scopes to be listed")]),
        ...scopes.flatMap((scope, at) =>
          scope !== undefined && allowed.includes(scope)
            ? []
            : [flag(client, `allowedOauthScopes.${at}`, `"${scope}" is not a scope of this deployment`)],
        ),
      ];
    }),
  },
  {
    id: "scopes-exist",
    severity: "medium",
    title:
      "Routes require only scopes that a resource server declares, and every declared scope is required by a route",
    reason:
      "No token contains an undeclared scope, so nobody can call the route until someone removes the scope " +
      "in a hurry. A scope that no route requires is granted for nothing.",
    fix: "Declare the scope in a resource server, or require one that is declared.",
    check: (view) => {
      if (view.all(POOL).length === 0) return [];
      const declared = scopesOf(view);
      const required = view
        .all(ROUTE)
        .flatMap((route) => inputListOf(route, "authorizationScopes").map((scope) => scopeOf(view, scope)));
      return [
        ...view.all(ROUTE).flatMap((route) =>
          inputListOf(route, "authorizationScopes")
            .map((scope) => scopeOf(view, scope) ?? "")
            .filter((scope) => !declared.includes(scope))
            .map((scope) => flag(route, "authorizationScopes", `no resource server declares "${scope}"`)),
        ),
        ...view.all(CLIENT).flatMap((client) => laterServers(view, client)),
        ...view.all(SERVER).flatMap((server) => [
          ...expectTarget(view, server, "userPoolId", [POOL], "expected a pool of this deployment"),
          ...inputListOf(server, "scopes").flatMap((item, at) => {
            const scope = nameOf(server, item);
            if (required.includes(scope) || isExclusive(view, scope)) return []; // functions check exclusive scopes
            const fix = "Remove the scope, or add the route that requires it.";
            return [{ ...flag(server, `scopes.${at}`, `no route requires "${scope}"`), fix }];
          }),
        ]),
      ];
    },
  },
  {
    id: "machine-client-alone",
    severity: "high",
    title: "A machine client has a secret, and no settings for users",
    reason:
      "client_credentials without a secret gives tokens to anyone. With a callback or a sign-in page, users " +
      "can sign in with the client too.",
    fix: "Set generateSecret. Remove callbackUrls, logoutUrls and supportedIdentityProviders.",
    check: checkClients((view, client) => {
      if (!inputListOf(client, "allowedOauthFlows").includes("client_credentials")) return [];
      const none = (path: string) =>
        expectThat(
          view,
          client,
          path,
          (list) => listOf(list).length === 0,
          "expected none: the client is not for users",
        );
      const userScopes = inputListOf(client, "allowedOauthScopes").filter(
        (scope) => !String(scopeOf(view, scope)).includes("/"),
      );
      return [
        ...expectThat(view, client, "generateSecret", (value) => value === true, "expected a secret"),
        ...["callbackUrls", "logoutUrls", "supportedIdentityProviders", "defaultRedirectUri"].flatMap(none),
        ...userScopes.map((scope) => flag(client, "allowedOauthScopes", `"${textOf(scope)}" is a scope for users`)),
      ];
    }),
  },
  {
    id: "exclusive-scopes",
    severity: "critical",
    title: "A machine client may request at most one exclusive scope; other clients may request none",
    reason:
      "An exclusive scope decides whose data a token may read and write. A second one gives access to " +
      "someone else's data.",
    fix:
      "Leave at most one exclusive scope in a machine client's allowedOauthScopes, and none in those of " +
      "other clients.",
    check: checkClients((view, client) => {
      const exclusive = inputListOf(client, "allowedOauthScopes")
        .map((scope) => scopeOf(view, scope) ?? "")
        .filter((scope) => isExclusive(view, scope));
      const isMachine = JSON.stringify(inputOf(client, "allowedOauthFlows")) === '["client_credentials"]';
      const most = isMachine ? 1 : 0;
      if (exclusive.length <= most) return [];
      const expected = isMachine ? "expected one" : "expected none: users may request every scope of their client";
      return [flag(client, "allowedOauthScopes", `may request ${exclusive.join(" and ")}; ${expected}`)];
    }),
  },
  {
    id: "client-callbacks",
    severity: "high",
    title: "Users return only to pages of known origins over TLS; outside prod also to localhost",
    reason: "If an authorization code goes to another site's page, that site can take over the user's session.",
    fix: "List only pages of known origins in callbackUrls and logoutUrls.",
    check: checkClients((view, client) => {
      const isForUsers = inputListOf(client, "allowedOauthFlows").some((flow) => flow !== "client_credentials");
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
          "expected https pages, or http://localhost outside prod",
        );
      return [...trusted("callbackUrls", isForUsers ? 1 : 0), ...trusted("logoutUrls", 0)];
    }),
  },
  {
    id: "client-tells-nothing",
    severity: "medium",
    title: "A client does not reveal which users exist, and its tokens can be revoked",
    reason:
      "Different responses for existing and unknown users reveal who has an account. A stolen refresh token " +
      "must be revocable.",
    fix: "With transform.client, set preventUserExistenceErrors to ENABLED and enableTokenRevocation to true.",
    check: checkClients((view, client) => [
      ...expectThat(view, client, "preventUserExistenceErrors", (value) => value === "ENABLED", "expected ENABLED"),
      ...expectThat(
        view,
        client,
        "enableTokenRevocation",
        (value) => value === true,
        "expected true: tokens must be revocable",
      ),
    ]),
  },
  {
    id: "client-token-validity",
    severity: "medium",
    title: "Users' tokens are valid for at most 15 minutes (refresh tokens: 12 hours), machines' tokens for an hour",
    reason: "The API accepts a revoked token until it expires.",
    fix: "Set the validities and their units with transform.client.",
    check: checkClients((view, client) => {
      const isMachine = JSON.stringify(inputOf(client, "allowedOauthFlows")) === '["client_credentials"]';
      const expectValidity = (token: string, most: number) => {
        const unit = view.read(client, `tokenValidityUnits.${token}`);
        const factor = unit.is === "known" ? (MINUTES_PER_UNIT[String(unit.value)] ?? Number.NaN) : Number.NaN;
        return expectThat(
          view,
          client,
          `${token}Validity`,
          (value) => Number(value) * factor >= 5 && Number(value) * factor <= most,
          `expected 5 to ${most} minutes, with value and unit set explicitly`,
        );
      };
      if (isMachine) return expectValidity("accessToken", MAX_MACHINE_TOKEN_MINUTES);
      return [
        ...expectValidity("accessToken", MAX_USER_TOKEN_MINUTES.access),
        ...expectValidity("idToken", MAX_USER_TOKEN_MINUTES.id),
        ...expectValidity("refreshToken", MAX_USER_TOKEN_MINUTES.refresh),
      ];
    }),
  },
];

function isExclusive({ promises }: View, scope: string): boolean {
  return promises.exclusiveScopes?.test(scope) === true;
}

/**
 * True for a page on a reserved example domain: https://www.rfc-editor.org/rfc/rfc2606#section-3
 */
function isPlaceholder(page: string): boolean {
  const { hostname } = URL.canParse(page) ? new URL(page) : { hostname: "" };
  return /^(.+\.)?example\.(com|net|org)$/.test(hostname);
}

/** Returns the scopes of all resource servers, such as `orders/write`. */
function scopesOf(view: View): string[] {
  return view.all(SERVER).flatMap((server) => inputListOf(server, "scopes").flatMap((item) => [nameOf(server, item)]));
}

function nameOf(server: Resource, item: Value): string {
  return `${textOf(inputOf(server, "identifier"))}/${String((item as Record<string, Value> | null)?.scopeName)}`;
}

/** Returns a scope as text. It may be an output of a resource server, `scopeIdentifiers[0]`. */
function scopeOf(view: View, scope: Value): string | undefined {
  const target = targetOf(view, scope);
  if (target === undefined) return textOf(scope);
  const at = Number(/^scopeIdentifiers\[(\d+)\]$/.exec(target.output)?.[1] ?? Number.NaN);
  const item = inputListOf(target.resource, "scopes")[at];
  return item === undefined ? undefined : nameOf(target.resource, item);
}

/**
 * Finds resource servers that the client must depend on. A scope as plain text implies no order, so
 * the client could be created before its scope.
 */
function laterServers(view: View, client: Resource): Finding[] {
  const texts = inputListOf(client, "allowedOauthScopes").filter((scope) => typeof scope === "string");
  return view
    .all(SERVER)
    .filter((server) => inputListOf(server, "scopes").some((item) => texts.includes(nameOf(server, item))))
    .filter(({ urn }) => !(client.dependsOn ?? []).includes(urn))
    .map((server) => flag(client, "@dependsOn", `expected a dependency on ${server.name}, which declares its scope`));
}
