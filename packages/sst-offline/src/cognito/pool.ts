import type { Plain } from "@backend/sst-graph/graph";
import type { ResolvedGraph, ResolvedResource } from "@backend/sst-graph/resolve";

import { stringsOf } from "../kit/json";

/** A user pool as the graph declares it, with what belongs to it. */
export interface UserPool {
  /** Such as `us-east-1_AbCdEfGhI`. */
  id: string;
  clients: AppClient[];
  /** Names of its groups. */
  groups: string[];
  runtimeGroups: RuntimeGroups | undefined;
}

/** Groups that are made without a deployment, such as one for each customer. */
export interface RuntimeGroups {
  /** Fits their names. */
  pattern: RegExp;
  /** What the sign-in page calls them. */
  label: string;
  /** Name of such a group, for hints. */
  example: string;
}

export interface AppClient {
  id: string;
  /** Logical name of the resource. */
  name: string;
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

/** Throws an Error that names a client whose declaration cannot be read. */
export function userPoolsOf({ resources }: ResolvedGraph, runtimeGroups?: RuntimeGroups): UserPool[] {
  const ofType = (type: string) => resources.filter((resource) => resource.type === `aws:cognito/${type}`);
  return ofType("userPool:UserPool").map(({ outputs: { id = "" } }) => {
    const own = (type: string) => ofType(type).filter(({ inputs }) => inputs.userPoolId === id);
    return {
      id,
      clients: own("userPoolClient:UserPoolClient").map(clientOf),
      groups: own("userGroup:UserGroup").map(({ inputs, name }) => String(inputs.name ?? name)),
      runtimeGroups,
    };
  });
}

/**
 * Origins of the pages on this machine that people sign in for, and that have to ask for tokens
 * themselves.
 */
export function originsOf({ clients }: UserPool): string[] {
  const pages = clients.filter(({ flows, hasSecret }) => flows.includes("code") && !hasSecret);
  const urls = pages.flatMap(({ callbackUrls }) => callbackUrls).map((url) => new URL(url));
  const own = urls.filter(({ protocol, hostname }) => protocol === "http:" && LOOPBACK.includes(hostname));
  return [...new Set(own.map(({ origin }) => origin))];
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
    hasSecret: inputs.generateSecret === true,
    flows: stringsOf(inputs.allowedOauthFlows),
    mayRefresh: inputs.explicitAuthFlows === undefined || stringsOf(inputs.explicitAuthFlows).includes(REFRESH),
    scopes: stringsOf(inputs.allowedOauthScopes),
    callbackUrls,
    logoutUrls: stringsOf(inputs.logoutUrls),
    // What Cognito takes where nothing is declared:
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
