import { type Coverage, not } from "./reasons";

const PASSWORDS = not(
  "passwords",
  "people sign in by name, without password, mail and second factor: as a user or as anybody else",
);

export const COGNITO: Record<`aws:cognito/${string}`, Coverage> = {
  "aws:cognito/resourceServer:ResourceServer": { identifier: true, name: true, scopes: true, userPoolId: true },
  "aws:cognito/userGroup:UserGroup": { description: true, name: true, userPoolId: true },
  "aws:cognito/userPool:UserPool": {
    name: true,
    // Passwords and mails are not simulated; one gap reports them all.
    accountRecoverySetting: PASSWORDS,
    adminCreateUserConfig: PASSWORDS,
    aliasAttributes: PASSWORDS,
    autoVerifiedAttributes: PASSWORDS,
    deletionProtection: true, // says what AWS refuses to delete
    emailConfiguration: PASSWORDS,
    mfaConfiguration: PASSWORDS,
    passwordPolicy: PASSWORDS,
    softwareTokenMfaConfiguration: PASSWORDS,
    userPoolAddOns: PASSWORDS,
    usernameAttributes: true,
    usernameConfiguration: ["caseSensitive"],
    verificationMessageTemplate: PASSWORDS,
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
    preventUserExistenceErrors: PASSWORDS,
    refreshTokenValidity: true,
    supportedIdentityProviders: true,
    tokenValidityUnits: ["accessToken", "idToken", "refreshToken"],
    userPoolId: true,
  },
  "aws:cognito/userPoolDomain:UserPoolDomain": { domain: true, userPoolId: true },
};
