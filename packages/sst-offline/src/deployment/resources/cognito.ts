import { type Coverage, not } from "./reasons";

const PASSWORDS = not("passwords", "people sign in with any name, without password, email or second factor");

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
    deletionProtection: true, // makes no difference at run time
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
    explicitAuthFlows: true, // these flows are calls of the Cognito API, which is not simulated
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
