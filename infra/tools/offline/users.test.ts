import { createHash, randomBytes } from "node:crypto";

import { main } from "@backend/ops/cli";
import type { Offline } from "@backend/sst-offline/offline";
import { repositoryCopy } from "@backend/testing/repository-copy";
import { serve } from "@backend/testing/serving";
import { afterAll, beforeAll, expect, it } from "vitest";

import { OFFLINE_APP } from "../offline-app";

const ADA = "ada@example.com";
const { folder, remove } = repositoryCopy();
let offline: Offline;

beforeAll(async () => {
  offline = await serve(folder, OFFLINE_APP);
});
afterAll(async () => {
  await offline.stop();
  remove();
});

/** Runs `pnpm ops ...` on the stage, and returns what is on standard output. */
async function ops(...argv: string[]): Promise<string> {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) });
  const code = await main([...argv, "--offline", "--project", folder], {
    stdout: output("stdout"),
    stderr: output("stderr"),
    stdin: (async function* () {})(),
    env: {},
    cwd: folder,
    signal: new AbortController().signal,
  });
  if (code !== 0) throw new Error(written.stderr);
  return written.stdout;
}

const outputs = () => offline.running().deployment.graph.outputs as Record<string, string>;

/** Signs in on the page as a browser does. Returns the access token, or what the page says. */
async function signIn(username: string): Promise<string> {
  const { issuer = "", webClientId: client_id = "" } = outputs();
  const redirect_uri = "http://localhost:5173/callback";
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    response_type: "code",
    client_id,
    redirect_uri,
    scope: "traffic/read",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const page = await (await fetch(`${issuer}/oauth2/authorize?${query}`)).text();
  const [, _csrf = ""] = /name="_csrf" value="([^"]+)"/.exec(page) ?? [];
  const form = new URLSearchParams({ _csrf, username });
  const answer = await fetch(`${issuer}/login`, { method: "POST", body: form, redirect: "manual" });
  const location = answer.headers.get("location");
  if (location === null) return /role="alert">([^<]*)/.exec(await answer.text())?.[1] ?? "";
  const code = new URL(location).searchParams.get("code") ?? "";
  const grant = { grant_type: "authorization_code", client_id, redirect_uri, code, code_verifier: verifier };
  const response = await fetch(`${issuer}/oauth2/token`, { method: "POST", body: new URLSearchParams(grant) });
  return ((await response.json()) as { access_token: string }).access_token;
}

async function traffic(token: string): Promise<number> {
  return (await fetch(`${offline.url()}/traffic`, { headers: { authorization: `Bearer ${token}` } })).status;
}

it("who is added may do what their groups say, until they are disabled", async () => {
  await ops("tenants", "add", "globex");
  expect(await ops("users", "add", ADA, "--tenant", "globex")).toContain("(needs the group operators)");
  expect(await traffic(await signIn(ADA))).toBe(403);

  await ops("users", "join", ADA, "--group", "operators");
  expect(await traffic(await signIn(ADA))).toBe(200);
  expect(JSON.parse(await ops("users", "show", ADA, "--json"))).toMatchObject({
    status: "CONFIRMED",
    groups: ["operators"],
    tenants: ["globex"],
  });

  await expect(ops("tenants", "remove", "globex")).rejects.toThrow("1 person and 0 machine clients");
  await ops("tenants", "remove", "globex", "--force");
  expect(JSON.parse(await ops("users", "show", ADA, "--json"))).toMatchObject({ tenants: [] });

  await ops("users", "disable", ADA);
  expect(await signIn(ADA)).toContain("is disabled");
  expect(await ops("users", "list")).toBe(`${ADA}  disabled\n`);
});

it("a machine client's secret is replaced without an outage", async () => {
  const [{ name = "", id = "" } = {}] = JSON.parse(await ops("clients", "list", "--json")) as Record<string, string>[];
  const works = async (client_secret: string) => {
    const form = new URLSearchParams({ grant_type: "client_credentials", client_id: id, client_secret });
    return (await fetch(`${outputs().issuer}/oauth2/token`, { method: "POST", body: form })).ok;
  };
  const before = (await ops("clients", "secret", name)).trim();
  const after = (await ops("clients", "rotate", name)).trim();
  expect([await works(before), await works(after)]).toEqual([true, true]);
  await ops("clients", "rotate", name, "--finish");
  expect([await works(before), await works(after)]).toEqual([false, true]);
});
