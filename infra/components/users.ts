import { PERMISSIONS, type Permission, type PermissionName } from "@backend/core/permissions";
import { domainPrefix } from "@backend/platform/domain-prefix";

import { type Machine, stagePolicy } from "../stage";
import { physicalName } from "./physical-name";
import { withPage } from "./with-page";

/** Scopes have the names of permissions: `<resource server>/<scope>`. */
const SCOPES = Object.keys(PERMISSIONS) as PermissionName[];

/**
 * An HTTP API's JWT authorizer:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const MAX_AUDIENCES = 50;

export interface Users {
  issuer: $util.Output<string>;
  /** Base URL of the sign-in page. */
  authUrl: $util.Output<string>;
  userPoolId: $util.Output<string>;
  /** Ids of the clients whose tokens an API accepts. */
  audiences: $util.Output<string>[];
  webClientId: $util.Output<string> | undefined;
  /** Of the first declared machine client. */
  machineClientId: $util.Output<string> | undefined;
}

/**
 * Creates the user pool, and the clients that get tokens for people or in their own name.
 *
 * @param site the console, to which people return after signing in
 */
export function users({ site }: { site?: { origin: $util.Input<string> } | undefined } = {}): Users {
  const { machines } = stagePolicy($app.stage);
  const pool = userPool();
  const servers = resourceServers(pool);
  groups(pool);
  const web = webClient(pool, servers, site?.origin);
  const clients = Object.entries(machines).map(([name, machine]) => machineClient(name, machine, pool, servers));
  const all = [...(web === undefined ? [] : [web]), ...clients];
  if (all.length > MAX_AUDIENCES)
    throw new Error(
      `stage ${$app.stage}: ${all.length} clients, and an API accepts the tokens of ${MAX_AUDIENCES} at most: ` +
        "remove machine clients from infra/stage.ts",
    );
  const { region } = aws.getRegionOutput();
  return {
    issuer: $interpolate`https://cognito-idp.${region}.amazonaws.com/${pool.id}`,
    authUrl: $output(pool.domainUrl).apply((url) => url ?? ""),
    userPoolId: pool.id,
    audiences: all.map(({ id }) => id),
    webClientId: web?.id,
    machineClientId: clients[0]?.id,
  };
}

/**
 * People sign in with their email address: they need not remember a name, and Cognito gives them an
 * id that is nobody's address, which is what tokens and logs then hold.
 */
function userPool() {
  const { keepEvidence, mfa } = stagePolicy($app.stage);
  const { accountId } = aws.getCallerIdentityOutput();
  return new sst.aws.CognitoUserPool("Users", {
    usernames: ["email"],
    mfa,
    softwareToken: true,
    domain: { prefix: accountId.apply((id) => domainPrefix($app.name, $app.stage, id)) },
    transform: {
      userPool: (pool, options) => {
        pool.name = physicalName("Users");
        pool.adminCreateUserConfig = { allowAdminCreateUserOnly: true };
        // The length is NIST SP 800-63B-4's for a password that stands alone, the rest what
        // Security Hub's Cognito.3 asks for.
        pool.passwordPolicy = {
          minimumLength: 15,
          requireLowercase: true,
          requireUppercase: true,
          requireNumbers: true,
          requireSymbols: true,
          temporaryPasswordValidityDays: 3,
        };
        pool.accountRecoverySetting = { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] };
        pool.deletionProtection = keepEvidence ? "ACTIVE" : "INACTIVE";
        options.retainOnDelete = keepEvidence;
      },
    },
  });
}

/** One for each first part of a scope, and `tenant` if the stage declares machine clients. */
function resourceServers(pool: sst.aws.CognitoUserPool) {
  const tenants = new Set(Object.values(stagePolicy($app.stage).machines).map(({ tenant }) => tenant));
  const descriptions = [
    ...SCOPES.map((scope): [string, string] => [scope, PERMISSIONS[scope].description]),
    ...[...tenants].map((tenant): [string, string] => [tenantScope(tenant), `Act for the tenant ${tenant}`]),
  ];
  const identifiers = [...new Set(descriptions.map(([scope]) => serverOf(scope)))];
  return identifiers.map(
    (identifier) =>
      new aws.cognito.ResourceServer(`${capitalised(identifier)}Scopes`, {
        userPoolId: pool.id,
        identifier,
        name: identifier,
        scopes: descriptions
          .filter(([scope]) => serverOf(scope) === identifier)
          .map(([scope, scopeDescription]) => ({ scopeName: scope.slice(identifier.length + 1), scopeDescription })),
      }),
  );
}

function serverOf(scope: string): string {
  return scope.slice(0, scope.indexOf("/"));
}

/** Only machine clients may ask for it: it says whose events they record and read. */
function tenantScope(tenant: string): string {
  return `tenant/${tenant}`;
}

/** A user's groups say what they may do. They are kept with the pool. */
function groups(pool: sst.aws.CognitoUserPool) {
  const { keepEvidence, tenants } = stagePolicy($app.stage);
  const group = (logicalName: string, name: string, description: string) =>
    new aws.cognito.UserGroup(
      logicalName,
      { userPoolId: pool.id, name, description },
      { retainOnDelete: keepEvidence },
    );
  for (const [name, description] of groupDescriptions()) group(capitalised(name), name, description);
  for (const tenant of tenants) group(`Tenant-${tenant}`, `tenant:${tenant}`, `Belong to the tenant ${tenant}`);
}

/** `May record audit events`, by the group that a permission asks for. */
function groupDescriptions(): Map<string, string> {
  const descriptions = new Map<string, string>();
  for (const { group, description } of Object.values<Permission>(PERMISSIONS)) {
    if (group === undefined) continue;
    const action = `${description.charAt(0).toLowerCase()}${description.slice(1)}`;
    const before = descriptions.get(group);
    descriptions.set(group, before === undefined ? `May ${action}` : `${before}, ${action}`);
  }
  return descriptions;
}

/**
 * For people, by the pool's own sign-in page and an authorization code with PKCE: a page in a
 * browser keeps no secret.
 */
function webClient(
  pool: sst.aws.CognitoUserPool,
  servers: aws.cognito.ResourceServer[],
  consoleOrigin: $util.Input<string> | undefined,
) {
  const policy = stagePolicy($app.stage);
  const callbackUrls = withPage(policy.callbackUrls, consoleOrigin, "/callback");
  const logoutUrls = withPage(policy.logoutUrls, consoleOrigin, "/");
  if (callbackUrls.length === 0) return undefined;
  return pool.addClient("Web", {
    callbackUrls,
    transform: {
      client: (client, options) => {
        Object.assign(client, CLIENT, { logoutUrls, generateSecret: false, allowedOauthFlows: ["code"] });
        client.allowedOauthScopes = ["openid", ...SCOPES];
        client.tokenValidityUnits = { accessToken: "minutes", idToken: "minutes", refreshToken: "minutes" };
        // The API does not hear of a revoked token before it expires.
        client.accessTokenValidity = 15;
        client.idTokenValidity = 15;
        client.refreshTokenValidity = 12 * 60;
        options.dependsOn = servers;
      },
    },
  });
}

/** For a program, which signs in with its secret. */
function machineClient(
  name: string,
  { tenant, scopes }: Machine,
  pool: sst.aws.CognitoUserPool,
  servers: aws.cognito.ResourceServer[],
) {
  return pool.addClient(name, {
    transform: {
      client: (client, options) => {
        Object.assign(client, CLIENT, { generateSecret: true, allowedOauthFlows: ["client_credentials"] });
        client.allowedOauthScopes = [...scopes, tenantScope(tenant)];
        client.tokenValidityUnits = { accessToken: "minutes" };
        client.accessTokenValidity = 60; // each request for a token is billed
        delete client.callbackUrls;
        delete client.supportedIdentityProviders;
        options.dependsOn = servers;
      },
    },
  });
}

/**
 * With no flow stated but the refresh of tokens, passwords are asked for by the sign-in page alone.
 */
const CLIENT = {
  explicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH"],
  preventUserExistenceErrors: "ENABLED",
  enableTokenRevocation: true,
};

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
