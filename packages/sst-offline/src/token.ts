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

/** Milliseconds for an answer of the running backend, which may have to make its keys first. */
const ANSWER_LIMIT_MS = 30_000;

const COMMAND = {
  name: "pnpm offline token",
  about: 'Prints an access token for the backend that "pnpm offline" serves.',
  usage: [
    '[--client NAME] [--scope "SCOPE ..."] [--stage NAME] [--project DIR]',
    '--user NAME [--group NAME]... [--scope "SCOPE ..."] [--stage NAME] [--project DIR]',
  ],
  details: "The token is a machine's, or with --user a person's.",
  options: {
    client: {
      type: "string",
      value: "NAME",
      about: "a client of the user pool, such as machine or web (default: the one that can have such a token)",
    },
    scope: {
      type: "string",
      value: "TEXT",
      about: "scopes, separated by spaces (default: all that the client may have)",
    },
    user: { type: "string", value: "NAME", about: "a person of this name, by the client that people sign in with" },
    group: {
      type: "string",
      multiple: true,
      value: "NAME",
      about: "a group of the person, such as operators; may be repeated",
    },
    stage: { type: "string", default: "dev", value: "NAME", about: "stage that is served (default: dev)" },
    project: {
      type: "string",
      default: REPOSITORY,
      value: "DIR",
      about: "folder of the sst.config.ts (default: this repository)",
    },
  },
} as const satisfies Command;

interface Environment extends CommandStreams {
  /** The user's working folder: a package manager runs its scripts elsewhere. */
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
 * Signs a token itself, with the key of the running backend: an endpoint that did so on request could
 * be reached by others, too. Throws a UsageError for wrong usage, an Error where no backend runs.
 */
async function signToken(
  values: CommandValues<typeof COMMAND>,
  cwd: string,
  { runtimeGroups }: OfflineApp,
): Promise<string> {
  const { client: name, scope, user, group = [], stage, project } = values;
  if (user === undefined && group.length > 0) throw new UsageError(`--group ${group[0]}: expected --user NAME with it`);
  const folder = path.resolve(cwd, project);
  const pools = userPoolsOf(resolve(openStageGraph(folder, stage).load()), runtimeGroups);
  const { client, pool } = pickClient(pools, user === undefined ? "client_credentials" : "code", name);
  const scopes = usage("--scope", () => grantedScopes(scope, client.scopes));
  const stageFolder = path.join(folder, ".offline", stage);
  const users = createUserStore(pool, poolFolder(stageFolder, pool.id), Date.now);
  const person = user === undefined ? undefined : usage("--user, --group", () => findPerson(pool, users, user, group));

  const issuer = issuerOf(readEndpointUrl(stageFolder, stage), pool.id);
  const served = await fetchKeyIds(issuer, stage);
  const tokens = createTokens(issuer, poolFolder(stageFolder, pool.id), Date.now);
  if (!served.includes((await tokens.keys()).accessToken.kid))
    throw new Error(`${issuer} signs with another key than the one in ${stageFolder}: ${startIt(stage)}`);
  if (person === undefined) return tokens.machineToken(client, scopes);
  return tokens.accessToken(client, newSignIn(person, scopes, Date.now()));
}

function usage<T>(options: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof OAuthError || error instanceof PersonError)
      throw new UsageError(`${options}: ${error.message}`);
    throw error;
  }
}

/** The address of the AWS endpoint, from the file that a backend writes when it starts. */
function readEndpointUrl(stageFolder: string, stage: string): string {
  const file = path.join(stageFolder, "outputs.json");
  const outputs = readStateFile(file, isOutputs, startIt(stage));
  if (outputs !== undefined) return outputs.awsEndpointUrl;
  throw new Error(
    `${file} is missing: no backend of stage "${stage}" runs, or this folder was deleted under it; ${startIt(stage)}`,
  );
}

function isOutputs(value: unknown): value is { awsEndpointUrl: string } {
  return isRecord(value) && typeof value.awsEndpointUrl === "string" && URL.canParse(value.awsEndpointUrl);
}

/** Ids of the keys that the issuer uses; it makes them now if it has none yet. */
async function fetchKeyIds(issuer: string, stage: string): Promise<string[]> {
  const url = `${issuer}/.well-known/jwks.json`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    const body = await response.text();
    if (!response.ok) throw new Error(body);
    return (JSON.parse(body) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  } catch (cause) {
    const { message } = (cause as Error).cause instanceof Error ? ((cause as Error).cause as Error) : (cause as Error);
    throw new Error(`the backend of stage "${stage}" does not answer at ${url} (${message}): ${startIt(stage)}`, {
      cause,
    });
  }
}

function startIt(stage: string): string {
  return `start (or restart) it with "pnpm offline${stage === "dev" ? "" : ` --stage ${stage}`}"`;
}
