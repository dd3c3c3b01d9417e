import { type Coverage, not } from "./reasons";

const USERS = not("users", "there are no accounts: people sign in under any name, with the groups they choose");

export const COGNITO: Record<`aws:cognito/${string}`, Coverage> = {
  "aws:cognito/resourceServer:ResourceServer": { identifier: true, name: true, scopes: true, userPoolId: true },
  "aws:cognito/userGroup:UserGroup": { description: true, name: true, userPoolId: true },
  "aws:cognito/userPool:UserPool": {
    name: true,
    // Accounts, passwords and mails are not simulated; one gap reports them all.
    accountRecoverySetting: USERS,
    adminCreateUserConfig: USERS,
    aliasAttributes: USERS,
    autoVerifiedAttributes: USERS,
    deletionProtection: true, // says what AWS refuses to delete
    emailConfiguration: USERS,
    mfaConfiguration: USERS,
    passwordPolicy: USERS,
    softwareTokenMfaConfiguration: USERS,
    userPoolAddOns: USERS,
    usernameAttributes: USERS,
    usernameConfiguration: USERS,
    verificationMessageTemplate: USERS,
  },
  "aws:cognito/userPoolClient:UserPoolClient": {
    accessTokenValidity: true,
    allowedOauthFlows: true,
    allowedOauthFlowsUserPoolClient: true,
    allowedOauthScopes: true,
    callbackUrls: true,
    enableTokenRevocation: true,
    explicitAuthFlows: true, // none but the token endpoint's is here
    generateSecret: true,
    idTokenValidity: true,
    logoutUrls: true,
    name: true,
    preventUserExistenceErrors: USERS,
    refreshTokenValidity: true,
    supportedIdentityProviders: true,
    tokenValidityUnits: ["accessToken", "idToken", "refreshToken"],
    userPoolId: true,
  },
  "aws:cognito/userPoolDomain:UserPoolDomain": { domain: true, userPoolId: true },
};
