import {
  AddUserPoolClientSecretCommand,
  DeleteUserPoolClientSecretCommand,
  DescribeUserPoolClientCommand,
  ListUserPoolClientSecretsCommand,
  paginateListUserPoolClients,
} from "@aws-sdk/client-cognito-identity-provider";
import { TENANT_SCOPE } from "@backend/platform/access/authorize";

import type { Pool } from "./pool";

/** A program that gets tokens in its own name. */
export interface MachineClient {
  name: string;
  id: string;
  tenant?: string;
  scopes: string[];
}

export interface Secret {
  id: string;
  createdAt: Date;
}

/** Most that ListUserPoolClients returns at a time. */
const PAGE = 60;

/** The clients of the pool that may use the client credentials flow. */
export async function machineClients({ client, id, options }: Pool): Promise<MachineClient[]> {
  const found: MachineClient[] = [];
  const input = { UserPoolId: id, MaxResults: PAGE };
  for await (const { UserPoolClients = [] } of paginateListUserPoolClients({ client }, input, options)) {
    for (const { ClientId } of UserPoolClients) {
      const command = new DescribeUserPoolClientCommand({ UserPoolId: id, ClientId });
      const {
        ClientName = "",
        AllowedOAuthFlows,
        AllowedOAuthScopes = [],
      } = (await client.send(command, options)).UserPoolClient ?? {};
      if (ClientId === undefined || AllowedOAuthFlows?.includes("client_credentials") !== true) continue;
      const tenant = AllowedOAuthScopes.flatMap((scope) => TENANT_SCOPE.exec(scope)?.[1] ?? [])[0];
      const scopes = AllowedOAuthScopes.filter((scope) => !TENANT_SCOPE.test(scope));
      found.push({ name: ClientName, id: ClientId, ...(tenant !== undefined && { tenant }), scopes });
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Throws an Error that names the clients there are. */
export async function findMachineClient(pool: Pool, name: string): Promise<MachineClient> {
  const clients = await machineClients(pool);
  const found = clients.find((client) => client.name === name);
  if (found !== undefined) return found;
  const names = clients.map((client) => client.name).join(", ");
  throw new Error(`there is no machine client ${name}: expected ${names || "none, the stage has no machine clients"}`);
}

/** Oldest first; Cognito keeps two at most and lists them without their values. */
export async function listSecrets({ client, id, options }: Pool, { id: ClientId }: MachineClient): Promise<Secret[]> {
  const command = new ListUserPoolClientSecretsCommand({ UserPoolId: id, ClientId });
  const { ClientSecrets = [] } = await client.send(command, options);
  return ClientSecrets.map(({ ClientSecretId = "", ClientSecretCreateDate = new Date(0) }) => {
    return { id: ClientSecretId, createdAt: ClientSecretCreateDate };
  }).sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
}

/** The secret that Cognito still shows, or undefined. */
export async function readSecret({ client, id, options }: Pool, { id: ClientId }: MachineClient) {
  const command = new DescribeUserPoolClientCommand({ UserPoolId: id, ClientId });
  return (await client.send(command, options)).UserPoolClient?.ClientSecret;
}

/**
 * Makes a second secret and returns its value, which Cognito shows this once.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html
 */
export async function addSecret({ client, id, options }: Pool, { id: ClientId }: MachineClient): Promise<string> {
  const command = new AddUserPoolClientSecretCommand({ UserPoolId: id, ClientId });
  const { ClientSecretDescriptor } = await client.send(command, options);
  if (ClientSecretDescriptor?.ClientSecretValue !== undefined) return ClientSecretDescriptor.ClientSecretValue;
  throw new Error("Cognito made a secret and did not return it");
}

export async function deleteSecret(
  { client, id, options }: Pool,
  { id: ClientId }: MachineClient,
  secret: Secret,
): Promise<void> {
  const input = { UserPoolId: id, ClientId, ClientSecretId: secret.id };
  await client.send(new DeleteUserPoolClientSecretCommand(input), options);
}
