import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";

import type { Graph, Resource } from "@backend/sst-graph/graph";
import { resolve } from "@backend/sst-graph/resolve";

import { clientSecrets } from "../src/cognito/client-secret";
import { poolFolder } from "../src/cognito/places";
import { type UserPool, userPoolsOf } from "../src/cognito/pool";
import { openUserPools, type UserPools } from "../src/cognito/service";
import { guardLoopback } from "../src/kit/loopback";

export const PAGE = "http://localhost:5173";
export const CALLBACK = `${PAGE}/callback`;

export const TENANTS = { pattern: /^tenant:[a-z0-9-]{1,40}$/, label: "Tenant", prefix: "tenant:", example: "acme" };
const ADA = { label: "Operator", user: "ada", groups: ["operators"] };

const urn = (type: string, name: string) => `urn:pulumi:dev::fixture::${type}::${name}`;
const POOL = urn("aws:cognito/userPool:UserPool", "Users");

/**
 * Returns a pool with two groups and three clients: a page's, a machine's, and a server's with a
 * secret and without refresh tokens.
 */
export function userPoolGraph(changes: Record<string, Resource["inputs"]> = {}): Graph {
  const inPool = (type: string, name: string, inputs: Resource["inputs"]): Resource => ({
    urn: urn(type, name),
    type,
    name,
    inputs: { userPoolId: { ref: `${POOL}#id` }, ...inputs, ...changes[name] },
  });
  const client = (name: string, inputs: Resource["inputs"]) =>
    inPool("aws:cognito/userPoolClient:UserPoolClient", name, inputs);
  return {
    version: 1,
    app: "fixture",
    stage: "dev",
    region: "eu-west-1",
    removal: "remove",
    protect: false,
    tags: {},
    outputs: {},
    functions: [],
    resources: [
      { urn: POOL, type: "aws:cognito/userPool:UserPool", name: "Users", inputs: changes.Users ?? {} },
      inPool("aws:cognito/userGroup:UserGroup", "Writers", { name: "writers" }),
      inPool("aws:cognito/userGroup:UserGroup", "Operators", { name: "operators" }),
      client("WebClient", {
        allowedOauthFlows: ["code"],
        allowedOauthScopes: ["openid", "audit/read", "audit/write"],
        callbackUrls: [CALLBACK, "com.example.app://signed-in"],
        logoutUrls: [`${PAGE}/signed-out`],
        accessTokenValidity: 15,
        idTokenValidity: 10,
        tokenValidityUnits: { accessToken: "minutes", idToken: "minutes" },
        explicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH"],
      }),
      client("FixtureMachine", {
        generateSecret: true,
        allowedOauthFlows: ["client_credentials"],
        allowedOauthScopes: ["audit/read", "audit/write"],
      }),
      client("Server", {
        generateSecret: true,
        allowedOauthFlows: ["code"],
        allowedOauthScopes: ["audit/read"],
        callbackUrls: [CALLBACK],
        explicitAuthFlows: ["ALLOW_USER_SRP_AUTH"],
      }),
    ],
  };
}

export interface TestPool {
  pools: UserPools;
  declared: UserPool[];
  issuer: string;
  endpointUrl: string;
  /** Project folder with the graph of stage "dev". The pool's files are in `kept`. */
  project: string;
  kept: string;
  ids: { web: string; machine: string; server: string };
  secretOf(clientId: string): string;
  /** The pool's clock, in epoch milliseconds. */
  clock: { now: number };
  /** Drops everything in memory, as a restart does. */
  restart(): void;
  close(): Promise<void>;
}

/** Serves the pool behind a guard, as the AWS endpoint does. */
export async function serveUserPool(graph: Graph = userPoolGraph()): Promise<TestPool> {
  const project = mkdtempSync(path.join(os.tmpdir(), "project-"));
  mkdirSync(path.join(project, "infra/graph"), { recursive: true });
  writeFileSync(path.join(project, "infra/graph/dev.json"), JSON.stringify(graph));
  const folder = path.join(project, ".offline/dev");
  const clock = { now: Date.now() };
  const { isSignInNavigation } = await import("../src/cognito/navigation");

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const own = `http://${request.headers.host}`;
    const refusal = isSignInNavigation(request) ? undefined : guardLoopback([own, ...pools.origins])(request);
    if (refusal !== undefined) response.writeHead(403).end(refusal);
    else if (pools.serves(new URL(own + request.url).pathname)) void pools.handle(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const userPools = userPoolsOf(resolve(graph), { runtimeGroups: TENANTS, testIdentities: [ADA] });
  const open = () => openUserPools(userPools, folder, endpointUrl, () => clock.now);
  let pools = open();
  const [pool] = userPools;
  if (pool === undefined) throw new Error("expected a user pool in the graph");
  const kept = poolFolder(folder, pool.id);
  const idOf = (name: string) => pool.clients.find((client) => client.name === name)?.id ?? "";

  return {
    pools,
    declared: userPools,
    issuer: `${endpointUrl}/${pool.id}`,
    endpointUrl,
    project,
    kept,
    ids: { web: idOf("WebClient"), machine: idOf("FixtureMachine"), server: idOf("Server") },
    secretOf: (clientId) => clientSecrets(kept, clientId)[0]?.value ?? "",
    clock,
    restart: () => {
      pools = open();
    },
    async close() {
      await new Promise<void>((closed) => server.close(() => closed()).closeAllConnections());
      rmSync(project, { recursive: true, force: true });
    },
  };
}

export type Fields = [string, string][];

/** Posts the fields of a form as a browser does. */
export async function post(url: string, fields: Record<string, string> | Fields, headers = {}): Promise<Response> {
  return await fetch(url, { method: "POST", body: new URLSearchParams(fields), headers, redirect: "manual" });
}

/** Returns the claims of a token without verifying it. */
export function claimsOf(token: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(token?.split(".")[1] ?? "", "base64url").toString());
}

// The verifier and its challenge of https://www.rfc-editor.org/rfc/rfc7636#appendix-B
export const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/**
 * Returns the URL of a sign-in by the page's client. `changes` replace parameters; undefined
 * removes one.
 */
export function authorizeUrl({ issuer, ids }: TestPool, changes: Record<string, string | undefined> = {}): string {
  const parameters = {
    response_type: "code",
    client_id: ids.web,
    redirect_uri: CALLBACK,
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
    ...changes,
  };
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return `${issuer}/oauth2/authorize?${new URLSearchParams(given)}`;
}

/** Returns the value of the hidden field in the page at this URL. */
export async function formToken(url: string): Promise<string> {
  const html = await (await fetch(url)).text();
  const [, token] = /name="_csrf" value="([^"]+)"/.exec(html) ?? [];
  if (token === undefined) throw new Error(`expected a form, found ${html}`);
  return token;
}

/** Signs in on the page. Returns the URL to which the browser is redirected. */
export async function signIn(pool: TestPool, url: string, fields: Fields = []): Promise<URL> {
  const typed: Fields = fields.length > 0 ? fields : [["username", "ada"]];
  const response = await post(`${pool.issuer}/login`, [["_csrf", await formToken(url)], ...typed]);
  return new URL(response.headers.get("location") ?? "");
}
