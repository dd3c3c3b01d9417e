import path from "node:path";

import {
  type Command,
  type CommandStreams,
  type CommandValues,
  REPOSITORY,
  runCommand,
  UsageError,
} from "@backend/sst-graph/command-line";
import { resolve } from "@backend/sst-graph/resolve";
import { openStageGraph } from "@backend/sst-graph/stage-graph";

import type { OfflineApp } from "./app";
import { grantedScopes, OAuthError } from "./cognito/http";
import { findPerson, PersonError } from "./cognito/person";
import { pickClient } from "./cognito/pick-client";
import { issuerOf, poolFolder } from "./cognito/places";
import { userPoolsOf } from "./cognito/pool";
import { createTokens, newSignIn } from "./cognito/tokens";
import { createUserStore } from "./cognito/user-store";
import { isRecord } from "./kit/json";
import { readStateFile } from "./kit/state-file";

/** Limits the wait for the running stage, which may have to create its keys first. */
const RESPONSE_LIMIT_MS = 30_000;

const COMMAND = {
  name: "pnpm offline token",
  about: 'Prints an access token for the stage that "pnpm offline" runs.',
  usage: [
    '[--client NAME] [--scope "SCOPE ..."] [--stage NAME] [--project DIR]',
    '--user NAME [--group NAME]... [--scope "SCOPE ..."] [--stage NAME] [--project DIR]',
  ],
  details: "The token is for a machine client, or with --user for a user.",
  options: {
    client: {
      type: "string",
      value: "NAME",
      about: "client of the user pool, such as machine or web (default: the only one that fits)",
    },
    scope: {
      type: "string",
      value: "TEXT",
      about: "scopes, separated by spaces (default: all scopes of the client)",
    },
    user: { type: "string", value: "NAME", about: "user who signs in" },
    group: {
      type: "string",
      multiple: true,
      value: "NAME",
      about: "group of the user, such as operators; may be repeated",
    },
    stage: { type: "string", default: "dev", value: "NAME", about: "stage that is running (default: dev)" },
    project: {
      type: "string",
      default: REPOSITORY,
      value: "DIR",
      about: "folder with the sst.config.ts (default: this repository)",
    },
  },
} as const satisfies Command;

interface Environment extends CommandStreams {
  /** The user's current folder. A package manager runs scripts in the package's folder. */
  cwd: string;
}

/** Runs `pnpm offline token` and returns the exit code. */
export function token(argv: string[], { cwd, ...streams }: Environment, app: OfflineApp = {}): Promise<number> {
  return runCommand(COMMAND, argv, streams, async (values) => {
    streams.stdout.write(`${await signToken(values, cwd, app)}\n`);
    return 0;
  });
}

/**
 * Signs a token with the key of the running stage. The command reads the key from its file: an HTTP
 * endpoint that signs any token could be called by others.
 *
 * @throws UsageError for wrong usage
 * @throws Error if the stage is not running
 */
async function signToken(values: CommandValues<typeof COMMAND>, cwd: string, app: OfflineApp): Promise<string> {
  const { client: name, scope, user, group = [], stage, project } = values;
  if (user === undefined && group.length > 0) throw new UsageError(`--group ${group[0]}: needs --user NAME`);
  const folder = path.resolve(cwd, project);
  const pools = userPoolsOf(resolve(openStageGraph(folder, stage).load()), app);
  const { client, pool } = pickClient(pools, user === undefined ? "client_credentials" : "code", name);
  const scopes = checkUsage("--scope", () => grantedScopes(scope, client.scopes));
  const stageFolder = path.join(folder, ".offline", stage);
  const users = createUserStore(pool, poolFolder(stageFolder, pool.id), Date.now);
  const person =
    user === undefined ? undefined : checkUsage("--user, --group", () => findPerson(pool, users, user, group));

  const issuer = issuerOf(readEndpointUrl(stageFolder, stage), pool.id);
  const publishedIds = await fetchKeyIds(issuer, stage);
  const tokens = createTokens(issuer, poolFolder(stageFolder, pool.id), Date.now);
  if (!publishedIds.includes((await tokens.keys()).accessToken.kid))
    throw new Error(`${issuer} does not use the keys in ${stageFolder}: ${startAdvice(stage)}`);
  if (person === undefined) return tokens.machineToken(client, scopes);
  return tokens.accessToken(client, newSignIn(person, scopes, Date.now()));
}

/** Turns an error about the values of these options into a UsageError. */
function checkUsage<T>(options: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof OAuthError || error instanceof PersonError)
      throw new UsageError(`${options}: ${error.message}`);
    throw error;
  }
}

/** Returns the URL of the AWS endpoint, from the outputs file of the running stage. */
function readEndpointUrl(stageFolder: string, stage: string): string {
  const file = path.join(stageFolder, "outputs.json");
  const outputs = readStateFile(file, isOutputs, startAdvice(stage));
  if (outputs !== undefined) return outputs.awsEndpointUrl;
  throw new Error(
    `${file} is missing: stage "${stage}" is not running, or its folder was deleted; ${startAdvice(stage)}`,
  );
}

function isOutputs(value: unknown): value is { awsEndpointUrl: string } {
  return isRecord(value) && typeof value.awsEndpointUrl === "string" && URL.canParse(value.awsEndpointUrl);
}

/** Returns the ids of the issuer's keys. The issuer creates its keys at the first request. */
async function fetchKeyIds(issuer: string, stage: string): Promise<string[]> {
  const url = `${issuer}/.well-known/jwks.json`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(RESPONSE_LIMIT_MS) });
    const body = await response.text();
    if (!response.ok) throw new Error(body);
    return (JSON.parse(body) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  } catch (cause) {
    const { message } = (cause as Error).cause instanceof Error ? ((cause as Error).cause as Error) : (cause as Error);
    throw new Error(`stage "${stage}" does not respond at ${url} (${message}): ${startAdvice(stage)}`, {
      cause,
    });
  }
}

function startAdvice(stage: string): string {
  return `start (or restart) it with "pnpm offline${stage === "dev" ? "" : ` --stage ${stage}`}"`;
}
