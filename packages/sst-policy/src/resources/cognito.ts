import type { Description } from "./description";

export const COGNITO: Record<`aws:cognito/${string}`, Description> = {
  "aws:cognito/userPool:UserPool": {
    judged: `name accountRecoverySetting adminCreateUserConfig autoVerifiedAttributes deletionProtection
      emailConfiguration.emailSendingAccount lambdaConfig mfaConfiguration passwordPolicy
      smsConfiguration softwareTokenMfaConfiguration userPoolAddOns userPoolTier
      usernameAttributes usernameConfiguration verificationMessageTemplate`,
  },
  "aws:cognito/userPoolClient:UserPoolClient": {
    judged: `name userPoolId accessTokenValidity idTokenValidity refreshTokenValidity tokenValidityUnits
      allowedOauthFlows allowedOauthFlowsUserPoolClient allowedOauthScopes callbackUrls logoutUrls
      defaultRedirectUri enableTokenRevocation explicitAuthFlows generateSecret
      preventUserExistenceErrors supportedIdentityProviders authSessionValidity`,
  },
  "aws:cognito/userPoolDomain:UserPoolDomain": { judged: "*" },
  "aws:cognito/userGroup:UserGroup": { judged: "*" },
  "aws:cognito/resourceServer:ResourceServer": { judged: "*" },
  "aws:cognito/identityProvider:IdentityProvider": { judged: "*" },
};
