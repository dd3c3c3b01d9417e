import { domainPrefix } from "./domain-prefix";
import { stagePolicy } from "./stage";
import { withPage } from "./with-page";

/** What a client may ask for, as `<API>/<scope>`. */
const SCOPES = {
  audit: { write: "Record audit events", read: "Read audit events" },
  traffic: { read: "Read the traffic and the logs" },
};
type Apis = typeof SCOPES;
export type Scope = { [Api in keyof Apis]: `${Api}/${keyof Apis[Api] & string}` }[keyof Apis];

/** What a person may do. Which tenant they belong to says a group as well, `tenant:<id>`. */
const GROUPS = {
  writers: "May record audit events",
  operators: "May read the traffic and the logs",
};

/**
 * The users, and the clients that get tokens for them or for themselves.
 *
 * @param consoleOrigin where people come back to beside the pages that the stage names, such as `https://<id>.cloudfront.net`
 */
export function auth(consoleOrigin?: $util.Input<string>) {
  const pool = userPool();
  const servers = resourceServers(pool);
  groups(pool);
  const web = webClient(pool, servers, consoleOrigin);
  const machines = Object.entries(stagePolicy($app.stage).machines).map(([name, grant]) => ({
    ...grant,
    client: machineClient(name, grant.scopes, pool, servers),
  }));
  const { region } = aws.getRegionOutput();
  return {
    issuer: $interpolate`https://cognito-idp.${region}.amazonaws.com/${pool.id}`,
    authUrl: $output(pool.domainUrl).apply((url) => url ?? ""),
    userPoolId: pool.id,
    clientIds: {
      ...(web && { webClientId: web.id }),
      ...(machines[0] && { machineClientId: machines[0].client.id }),
    },
    /** Tokens of these clients are let in. */
    audiences: [...(web === undefined ? [] : [web]), ...machines.map(({ client }) => client)].map(({ id }) => id),
    /** `{"<client id>": {"tenant": "<id>", "scopes": ["audit/read"]}}` as JSON. */
    machineGrants: $resolve(machines.map(({ client }) => client.id)).apply((ids) =>
      JSON.stringify(Object.fromEntries(machines.map(({ tenant, scopes }, at) => [ids[at], { tenant, scopes }]))),
    ),
  };
}

/**
 * People sign in with their email address: they need not remember a name, and Cognito gives them an id that is nobody's
 * address, which is what tokens and logs then hold.
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
        pool.name = `SecureBackendUsers-${$app.stage}`;
        pool.adminCreateUserConfig = { allowAdminCreateUserOnly: true };
        // The length is NIST SP 800-63B-4's for a password that stands alone, the rest what Security Hub's Cognito.3 asks for.
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

function resourceServers(pool: sst.aws.CognitoUserPool) {
  return Object.entries(SCOPES).map(
    ([identifier, scopes]) =>
      new aws.cognito.ResourceServer(`${capitalised(identifier)}Scopes`, {
        userPoolId: pool.id,
        identifier,
        name: identifier,
        scopes: Object.entries(scopes).map(([scopeName, scopeDescription]) => ({ scopeName, scopeDescription })),
      }),
  );
}

/** Kept with the pool: who may do what is told by the groups that its users are in. */
function groups(pool: sst.aws.CognitoUserPool) {
  const { keepEvidence, tenants } = stagePolicy($app.stage);
  const group = (logicalName: string, name: string, description: string) =>
    new aws.cognito.UserGroup(
      logicalName,
      { userPoolId: pool.id, name, description },
      { retainOnDelete: keepEvidence },
    );
  for (const [name, description] of Object.entries(GROUPS)) group(capitalised(name), name, description);
  for (const tenant of tenants) group(`Tenant-${tenant}`, `tenant:${tenant}`, `Belong to the tenant ${tenant}`);
}

/** For people, by the pool's own sign-in page and an authorization code with PKCE: a page in a browser keeps no secret. */
function webClient(
  pool: sst.aws.CognitoUserPool,
  servers: aws.cognito.ResourceServer[],
  consoleOrigin: $util.Input<string> | undefined,
) {
  const policy = stagePolicy($app.stage);
  const callbackUrls = withPage(policy.callbackUrls, consoleOrigin, "/callback");
  const logoutUrls = withPage(policy.logoutUrls, consoleOrigin, "/");
  if (callbackUrls.length === 0) return undefined;
  const scopes = Object.entries(SCOPES).flatMap(([api, own]) => Object.keys(own).map((scope) => `${api}/${scope}`));
  return pool.addClient("Web", {
    callbackUrls,
    transform: {
      client: (client, options) => {
        Object.assign(client, CLIENT, { logoutUrls, generateSecret: false, allowedOauthFlows: ["code"] });
        client.allowedOauthScopes = ["openid", ...scopes];
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
  scopes: Scope[],
  pool: sst.aws.CognitoUserPool,
  servers: aws.cognito.ResourceServer[],
) {
  return pool.addClient(name, {
    transform: {
      client: (client, options) => {
        Object.assign(client, CLIENT, { generateSecret: true, allowedOauthFlows: ["client_credentials"] });
        client.allowedOauthScopes = scopes;
        client.tokenValidityUnits = { accessToken: "minutes" };
        client.accessTokenValidity = 60; // each request for a token is billed
        delete client.callbackUrls;
        delete client.supportedIdentityProviders;
        options.dependsOn = servers;
      },
    },
  });
}

/** With no flow stated but the refresh of tokens, passwords are asked for by the sign-in page alone. */
const CLIENT = {
  explicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH"],
  preventUserExistenceErrors: "ENABLED",
  enableTokenRevocation: true,
};

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
