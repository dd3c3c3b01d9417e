import { type AwsCall, AwsError, type AwsLocation } from "../../kit/aws-call";
import { constraint, invalid, textIn } from "../../logs/input";
import { addClientSecret, type ClientSecret, clientSecrets, removeClientSecret } from "../client-secret";
import type { AppClient, UserPool } from "../pool";
import { pageOf, requiredText } from "./input";
import type { AdminOperation, AdminPool, FindPool } from "./operation";

const PAGING = { limit: "MaxResults", token: "NextToken" } as const;

/**
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html
 */
const MAX_SECRETS = 2;
const SECRET = /^[\w+]{24,64}$/;

/** Returns the operations on pools, clients, and client secrets. */
export function clientOperations(
  all: AdminPool[],
  find: FindPool,
  { location, now }: { location: AwsLocation; now(): number },
): Record<string, AdminOperation> {
  return {
    ListUserPools(input) {
      if (input.MaxResults === undefined) throw constraint("maxResults", undefined, "not be null");
      const { items, next } = pageOf(input, all, PAGING);
      return { UserPools: items.map(({ pool: { id, name } }) => ({ Id: id, Name: name, LambdaConfig: {} })), ...next };
    },
    DescribeUserPool(input) {
      const { pool, users } = find(input);
      return { UserPool: describePool(pool, users.users().length, location) };
    },
    ListUserPoolClients(input) {
      const { pool } = find(input);
      const { items, next } = pageOf(input, pool.clients, PAGING);
      const clients = items.map(({ id, clientName }) => ({
        ClientId: id,
        UserPoolId: pool.id,
        ClientName: clientName,
      }));
      return { UserPoolClients: clients, ...next };
    },
    DescribeUserPoolClient(input) {
      const { pool, folder, client } = clientIn(input);
      // AWS does not document which of two secrets it returns.
      const [secret] = client.hasSecret ? clientSecrets(folder, client.id, now) : [];
      return { UserPoolClient: describeClient(pool.id, client, secret?.value) };
    },
    AddUserPoolClientSecret(input) {
      const { folder, client } = confidential(input);
      const value = textIn(input, "ClientSecret");
      if (value !== undefined && !SECRET.test(value))
        throw constraint("clientSecret", "***", "have 24 to 64 letters, digits, _ or +");
      if (clientSecrets(folder, client.id, now).length >= MAX_SECRETS)
        throw new AwsError("LimitExceededException", `A client has ${MAX_SECRETS} secrets at most.`);
      const added = addClientSecret(folder, client.id, { now, value });
      // The response does not repeat a value that the caller has chosen.
      return {
        ClientSecretDescriptor: {
          ...describeSecret(added),
          ...(value === undefined && { ClientSecretValue: added.value }),
        },
      };
    },
    ListUserPoolClientSecrets(input) {
      const { folder, client } = confidential(input);
      return { ClientSecrets: clientSecrets(folder, client.id, now).map(describeSecret) };
    },
    DeleteUserPoolClientSecret(input) {
      const { folder, client } = confidential(input);
      const id = requiredText(input, "ClientSecretId");
      const secrets = clientSecrets(folder, client.id, now);
      if (!secrets.some((secret) => secret.id === id))
        throw new AwsError("ResourceNotFoundException", `Client secret ${id} does not exist.`);
      if (secrets.length === 1) throw invalid("The last secret of a client cannot be deleted.");
      removeClientSecret(folder, client.id, id);
      return {};
    },
  };

  function clientIn(input: AwsCall["input"]): AdminPool & { client: AppClient } {
    const admin = find(input);
    const id = requiredText(input, "ClientId");
    const client = admin.pool.clients.find((candidate) => candidate.id === id);
    if (client === undefined) throw new AwsError("ResourceNotFoundException", `User pool client ${id} does not exist.`);
    return { ...admin, client };
  }

  function confidential(input: AwsCall["input"]): AdminPool & { client: AppClient } {
    const found = clientIn(input);
    if (!found.client.hasSecret) throw invalid("The client has no secret.");
    return found;
  }
}

/**
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html
 */
function describePool({ id, name, tags, aliases }: UserPool, users: number, { region, accountId }: AwsLocation) {
  return {
    Id: id,
    Name: name,
    Arn: `arn:aws:cognito-idp:${region}:${accountId}:userpool/${id}`,
    UserPoolTags: tags,
    EstimatedNumberOfUsers: users,
    ...(aliases.length > 0 && { UsernameAttributes: aliases }),
  };
}

/**
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
 */
function describeClient(poolId: string, client: AppClient, secret: string | undefined) {
  const { accessToken, idToken, refreshToken } = client.lifetimes;
  const seconds = "seconds";
  return {
    UserPoolId: poolId,
    ClientName: client.clientName,
    ClientId: client.id,
    ...(secret !== undefined && { ClientSecret: secret }),
    RefreshTokenValidity: refreshToken,
    AccessTokenValidity: accessToken,
    IdTokenValidity: idToken,
    TokenValidityUnits: { AccessToken: seconds, IdToken: seconds, RefreshToken: seconds },
    CallbackURLs: client.callbackUrls,
    LogoutURLs: client.logoutUrls,
    AllowedOAuthFlows: client.flows,
    AllowedOAuthScopes: client.scopes,
    AllowedOAuthFlowsUserPoolClient: client.flows.length > 0,
  };
}

/** Describes a secret without its value. The id ends in the time of creation. */
function describeSecret({ id }: ClientSecret) {
  return { ClientSecretId: id, ClientSecretCreateDate: Number(id.split("--").at(-1)) };
}
