import { createHash } from "node:crypto";

import { stagePolicy } from "./stage";

/** What a client may ask for, by resource server: `audit/write` is the scope `write` of the server `audit`. */
const SCOPES = {
  audit: { write: "Record audit events", read: "Read audit events" },
  traffic: { read: "Read traffic and the access log" },
};

/** What a person may do beyond what the client may ask for. Membership is an administrator's decision. */
const GROUPS = { writers: "May record audit events", operators: "May read traffic and the access log" };

/** The machine client's tenant, and the scopes that the functions grant it. */
const MACHINE = { tenant: "acme", scopes: ["audit/write", "audit/read", "traffic/read"] };

export interface Auth {
  issuer: $util.Output<string>;
  /** Where people sign in and clients get tokens. */
  url: $util.Output<string>;
  /** Absent in a stage without a front end: nobody could be sent back to it. */
  webClientId?: $util.Output<string>;
  machineClientId: $util.Output<string>;
  audiences: $util.Output<string>[];
  /** JSON: what the functions grant to each machine client. */
  machineGrants: $util.Output<string>;
}

/** The user pool: who people and programs are. Sign-up is closed. */
export function auth(): Auth {
  const { corsOrigins, keepEvidence, mfa, tenants } = stagePolicy($app.stage);
  const pool = new sst.aws.CognitoUserPool("SecureBackendUsers", {
    domain: { prefix: domainPrefix($app.name, $app.stage) },
    mfa,
    softwareToken: true,
    transform: {
      userPool: (userPool, options) => {
        userPool.name = `SecureBackendUsers-${$app.stage}`;
        userPool.adminCreateUserConfig = { allowAdminCreateUserOnly: true };
        userPool.accountRecoverySetting = { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] };
        userPool.autoVerifiedAttributes = ["email"];
        userPool.passwordPolicy = {
          minimumLength: 14,
          requireLowercase: true,
          requireNumbers: true,
          requireSymbols: true,
          requireUppercase: true,
          temporaryPasswordValidityDays: 3,
        };
        userPool.deletionProtection = keepEvidence ? "ACTIVE" : "INACTIVE";
        options.retainOnDelete = keepEvidence;
      },
    },
  });

  // Named by their server's output, so that no client is made before the scopes that it may ask for.
  const scopes = Object.entries(SCOPES).flatMap(([identifier, members]) => {
    const server = new aws.cognito.ResourceServer(`SecureBackendScopes${capital(identifier)}`, {
      userPoolId: pool.id,
      identifier,
      name: identifier,
      scopes: Object.entries(members).map(([scopeName, scopeDescription]) => ({ scopeName, scopeDescription })),
    });
    return Object.keys(members).map((name) => $interpolate`${server.identifier}/${name}`);
  });

  const tenantGroups = tenants.map((tenant) => [`tenant:${tenant}`, `Acts for the tenant ${tenant}`] as const);
  for (const [name, description] of [...Object.entries(GROUPS), ...tenantGroups]) {
    new aws.cognito.UserGroup(`SecureBackendGroup${capital(name)}`, { userPoolId: pool.id, name, description });
  }

  const machine = pool.addClient("SecureBackendMachine", {
    transform: {
      client: (client) => {
        Object.assign(client, COMMON, {
          allowedOauthFlows: ["client_credentials"],
          allowedOauthScopes: scopes,
          callbackUrls: undefined,
          supportedIdentityProviders: undefined,
          generateSecret: true,
        });
      },
    },
  });
  const web =
    corsOrigins.length === 0
      ? undefined
      : pool.addClient("SecureBackendWeb", {
          callbackUrls: corsOrigins.map((origin) => `${origin}/`),
          transform: {
            client: (client) => {
              Object.assign(client, COMMON, {
                allowedOauthFlows: ["code"],
                allowedOauthScopes: ["openid", ...scopes],
                logoutUrls: corsOrigins.map((origin) => `${origin}/`),
                generateSecret: false, // a page cannot keep one: PKCE stands in
              });
            },
          },
        });

  return {
    issuer: $interpolate`https://${pool.nodes.userPool.endpoint}`,
    url: $output(pool.domainUrl).apply((url) => url ?? ""),
    ...(web !== undefined && { webClientId: web.id }),
    machineClientId: machine.id,
    audiences: [machine.id, ...(web === undefined ? [] : [web.id])],
    machineGrants: machine.id.apply((id) => JSON.stringify([{ client: id, ...MACHINE }])),
  };
}

/** Tokens are not asked about again once issued: an access token that gets lost is good for an hour at most. */
const COMMON = {
  accessTokenValidity: 60,
  idTokenValidity: 60,
  refreshTokenValidity: 12,
  tokenValidityUnits: { accessToken: "minutes", idToken: "minutes", refreshToken: "hours" },
  enableTokenRevocation: true,
  preventUserExistenceErrors: "ENABLED",
  // Passwords are typed into Cognito's own page alone: without this, Cognito would allow sign-in by its API.
  explicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH"],
};

/**
 * Prefix domains are unique in a region over all accounts, so a part of it is made from the account's number; `aws` and
 * `cognito` may not occur: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
 */
function domainPrefix(app: string, stage: string): $util.Output<string> {
  const readable = `${app}-${stage}`
    .toLowerCase()
    .replaceAll(/aws|cognito/g, "x")
    .slice(0, 50);
  return aws.getCallerIdentityOutput().accountId.apply((account) => {
    const digest = createHash("sha256").update(account).digest("hex");
    return `${readable}-${digest.slice(0, 10)}`;
  });
}

/** `tenant:acme` -> `TenantAcme`. */
function capital(text: string): string {
  return text
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
