import type { Plain } from "@backend/sst-graph/graph";
import type { ResolvedGraph, ResolvedResource } from "@backend/sst-graph/resolve";

import { objectOf, stringsOf } from "../kit/json";

/** A user pool of the graph, with its clients and groups. */
export interface UserPool {
  /** Id such as `us-east-1_AbCdEfGhI`. */
  id: string;
  name: string;
  tags: Record<string, string>;
  /** Attributes with which people sign in instead of a user name. */
  aliases: Alias[];
  /** True if user names that differ only by case are different. */
  isCaseSensitive: boolean;
  clients: AppClient[];
  /** Names of the groups. */
  groups: string[];
  runtimeGroups: RuntimeGroups | undefined;
  testIdentities: TestIdentity[];
}

/** What an app says about its users beyond the deployment graph. */
export interface AppUsers {
  /** User groups that are created at run time, so that the graph does not declare them. */
  runtimeGroups?: RuntimeGroups;
  /** People that the sign-in page offers. They exist in every user pool. */
  testIdentities?: TestIdentity[];
}

export interface TestIdentity {
  /** What makes this identity special, such as `Operator`. */
  label: string;
  user: string;
  groups: string[];
}

/** Attribute with which people may sign in, from `usernameAttributes`. */
export type Alias = "email" | "phone_number";

/** Groups that are created at run time, such as one for each customer. */
export interface RuntimeGroups {
  /** Matches their names. */
  pattern: RegExp;
  /** Label on the sign-in page. */
  label: string;
  /** Begins each name. People may leave it out when they sign in. */
  prefix: string;
  /** Name of such a group without the prefix, for hints. */
  example: string;
}

export interface AppClient {
  id: string;
  /** Logical name of the resource. */
  name: string;
  /** Name in the pool. */
  clientName: string;
  hasSecret: boolean;
  /** `code`, `implicit`, `client_credentials`. */
  flows: string[];
  mayRefresh: boolean;
  scopes: string[];
  callbackUrls: string[];
  logoutUrls: string[];
  /** Seconds. */
  lifetimes: { accessToken: number; idToken: number; refreshToken: number };
}

/** Returns the user pools of a graph. Throws an Error that names an invalid client. */
export function userPoolsOf({ resources, tags }: ResolvedGraph, users: AppUsers = {}): UserPool[] {
  const ofType = (type: string) => resources.filter((resource) => resource.type === `aws:cognito/${type}`);
  return ofType("userPool:UserPool").map(({ name, inputs, outputs: { id = "" } }) => {
    const own = (type: string) => ofType(type).filter(({ inputs }) => inputs.userPoolId === id);
    return {
      id,
      name: String(inputs.name ?? name),
      tags: { ...tags, ...textsOf(inputs.tags) },
      aliases: stringsOf(inputs.usernameAttributes).filter(isAlias),
      isCaseSensitive: objectOf(inputs.usernameConfiguration).caseSensitive !== false,
      clients: own("userPoolClient:UserPoolClient").map(clientOf),
      groups: own("userGroup:UserGroup").map(({ inputs, name }) => String(inputs.name ?? name)),
      runtimeGroups: users.runtimeGroups,
      testIdentities: users.testIdentities ?? [],
    };
  });
}

/** Returns the origins of local pages that request tokens themselves after a sign-in. */
export function originsOf({ clients }: UserPool): string[] {
  const pages = clients.filter(({ flows, hasSecret }) => flows.includes("code") && !hasSecret);
  const urls = pages.flatMap(({ callbackUrls }) => callbackUrls).map((url) => new URL(url));
  const own = urls.filter(({ protocol, hostname }) => protocol === "http:" && LOOPBACK.includes(hostname));
  return [...new Set(own.map(({ origin }) => origin))];
}

function isAlias(attribute: string): attribute is Alias {
  return attribute === "email" || attribute === "phone_number";
}

function textsOf(value: Plain | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(objectOf(value)).map(([key, text]) => [key, String(text)]));
}

const LOOPBACK = ["localhost", "127.0.0.1"];

function clientOf({ name, inputs, outputs: { id = "" } }: ResolvedResource): AppClient {
  const units = Object(inputs.tokenValidityUnits) as Record<string, Plain>;
  const lifetime = (token: "accessToken" | "idToken" | "refreshToken", unit: keyof typeof SECONDS, usual: number) => {
    const declaredUnit = String(units[token] ?? unit);
    const seconds = SECONDS[declaredUnit];
    const length = inputs[`${token}Validity`] || usual;
    if (seconds === undefined || typeof length !== "number") {
      const found = `${JSON.stringify(length)} ${declaredUnit}`;
      throw new Error(`user pool client "${name}": ${token}Validity is ${found}, expected a number of ${UNITS}`);
    }
    return length * seconds;
  };
  const callbackUrls = stringsOf(inputs.callbackUrls);
  const unusable = callbackUrls.find((url) => !URL.canParse(url));
  if (unusable !== undefined)
    throw new Error(`user pool client "${name}": callback URL "${unusable}", expected an absolute one`);
  return {
    id,
    name,
    clientName: String(inputs.name ?? name),
    hasSecret: inputs.generateSecret === true,
    flows: stringsOf(inputs.allowedOauthFlows),
    mayRefresh: inputs.explicitAuthFlows === undefined || stringsOf(inputs.explicitAuthFlows).includes(REFRESH),
    scopes: stringsOf(inputs.allowedOauthScopes),
    callbackUrls,
    logoutUrls: stringsOf(inputs.logoutUrls),
    // Cognito's defaults:
    // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
    lifetimes: {
      accessToken: lifetime("accessToken", "hours", 1),
      idToken: lifetime("idToken", "hours", 1),
      refreshToken: lifetime("refreshToken", "days", 30),
    },
  };
}

const REFRESH = "ALLOW_REFRESH_TOKEN_AUTH";
const SECONDS: Record<string, number> = { seconds: 1, minutes: 60, hours: 60 * 60, days: 24 * 60 * 60 };
const UNITS = Object.keys(SECONDS).join(", ");
