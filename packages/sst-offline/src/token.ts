import path from "node:path";

import { parseCommandLine, UsageError } from "@backend/sst-graph/command-line";
import { resolve } from "@backend/sst-graph/resolve";
import { openStageGraph } from "@backend/sst-graph/stage-graph";

import type { OfflineApp } from "./app";
import { grantedScopes, OAuthError } from "./cognito/http";
import { PersonError, personOf } from "./cognito/person";
import { pickClient } from "./cognito/pick-client";
import { issuerOf, poolFolder } from "./cognito/places";
import { userPoolsOf } from "./cognito/pool";
import { createTokens, newSignIn } from "./cognito/tokens";
import { isRecord } from "./kit/json";
import { readStateFile } from "./kit/state-file";

/** Milliseconds for an answer of the running backend, which may have to make its keys first. */
const ANSWER_LIMIT_MS = 30_000;

const TOKEN_HELP = `Usage: pnpm offline token [--client NAME] [--scope "SCOPE ..."] [--user NAME [--group NAME] ...]
                          [--stage NAME] [--project DIR]

Prints an access token for the backend that "pnpm offline" serves, and nothing else: a machine's token, or with --user a
person's.

  --client NAME   a client of the user pool, such as machine or web (default: the one that can have such a token)
  --scope TEXT    scopes, separated by spaces (default: all that the client may have)
  --user NAME     a person of this name, by the client that people sign in with
  --group NAME    a group of the person, such as operators; may be repeated
  --stage NAME    stage that is served (default: dev)
  --project DIR   folder of the sst.config.ts (default: this repository)
  --help          show this text
`;

/**
 * Runs `pnpm offline token`. It signs the token itself, with the key of the running backend: an
 * endpoint that did so on request could be reached by others, too.
 *
 * @param cwd where the person stands
 * @param repository the project if none is named
 * @returns the text to print
 * @throws UsageError for wrong usage, an Error where no backend runs
 */
export async function token(
  argv: string[],
  cwd: string,
  repository: string,
  { runtimeGroups }: OfflineApp = {},
): Promise<string> {
  const { values } = parseCommandLine(argv, OPTIONS, TOKEN_HELP);
  const { client: name, scope, user, group = [], stage, project, help } = values;
  if (help) return TOKEN_HELP;
  if (user === undefined && group.length > 0) throw new UsageError(`--group ${group[0]}: expected --user NAME with it`);
  const folder = path.resolve(cwd, project ?? repository);
  const pools = userPoolsOf(resolve(openStageGraph(folder, stage).load()), runtimeGroups);
  const { client, pool } = pickClient(pools, user === undefined ? "client_credentials" : "code", name);
  const scopes = usage("--scope", () => grantedScopes(scope, client.scopes));
  const person = user === undefined ? undefined : usage("--user, --group", () => personOf(pool, user, group));

  const stageFolder = path.join(folder, ".offline", stage);
  const issuer = issuerOf(readEndpointUrl(stageFolder, stage), pool.id);
  const served = await fetchKeyIds(issuer, stage);
  const tokens = createTokens(issuer, poolFolder(stageFolder, pool.id), Date.now);
  if (!served.includes((await tokens.keys()).accessToken.kid))
    throw new Error(`${issuer} signs with another key than the one in ${stageFolder}: ${startIt(stage)}`);
  if (person === undefined) return `${await tokens.machineToken(client, scopes)}\n`;
  return `${await tokens.accessToken(client, newSignIn(person, scopes, Date.now()))}\n`;
}

const OPTIONS = {
  client: { type: "string" },
  scope: { type: "string" },
  user: { type: "string" },
  group: { type: "string", multiple: true },
  stage: { type: "string", default: "dev" },
  project: { type: "string" },
} as const;

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
