import { expect, it } from "vitest";

import { pickClient } from "./pick-client";
import type { AppClient, UserPool } from "./pool";

const client = (name: string, ...flows: string[]): AppClient => ({
  id: `id-of-${name}`,
  name,
  clientName: name,
  hasSecret: false,
  flows,
  mayRefresh: true,
  scopes: [],
  callbackUrls: [],
  logoutUrls: [],
  lifetimes: { accessToken: 1, idToken: 1, refreshToken: 1 },
});
const pool = (...names: string[]): UserPool => ({
  id: "eu-west-1_AbCdEfGhI",
  name: "Users",
  tags: {},
  aliases: [],
  isCaseSensitive: false,
  clients: names.map((name) => client(name, "code")),
  groups: [],
  runtimeGroups: undefined,
  testIdentities: [],
});
const picked = (names: string[], wanted?: string) => pickClient([pool(...names)], "code", wanted).client.name;

it.each([
  [["SecureBackendMachine", "SecureBackendWeb"], "machine", "SecureBackendMachine"],
  [["SecureBackendMachine", "SecureBackendWeb"], "WEB", "SecureBackendWeb"],
  [["SecureBackendMachineClient", "SecureBackendWebClient"], "web", "SecureBackendWebClient"],
  [["Webhook", "SecureBackendWeb"], "web", "SecureBackendWeb"],
  [["WebAdmin", "Web"], "web", "Web"],
  [["WebAdmin", "WebClient"], "web", "WebClient"],
  [["WEBClient", "APIMachine"], "api", "APIMachine"],
  [["Web", "Machine"], "id-of-Machine", "Machine"],
  [["Web"], undefined, "Web"],
])("of %j, %s is %s", (names, wanted, expected) => {
  expect(picked(names, wanted)).toBe(expected);
});

it.each([
  [
    ["WebAdmin", "WebShop"],
    "web",
    "--client web: several clients have this name; expected one of WebAdmin (code), WebShop (code)",
  ],
  [["Web", "WEB"], "web", "--client web: several clients have this name"],
  [["WebShop"], "webs", "--client webs: no client has this name; expected one of WebShop (code)"],
  [["Web"], "", "--client : no client has this name"],
  [
    ["One", "Two"],
    undefined,
    "--client: the stage has several clients for this; expected one of One (code), Two (code)",
  ],
  [[], undefined, "the stage has no user pool with a client, so there is no token"],
])("of %j, %s is an error", (names, wanted, message) => {
  expect(() => picked(names, wanted)).toThrow(message);
});

it("searches every user pool, and returns the client's pool", () => {
  const other = { ...pool("Machine"), id: "eu-west-1_other" };
  expect(pickClient([pool("Web"), other], "code", "machine").pool.id).toBe("eu-west-1_other");
});

it("rejects a named client without the flow", () => {
  const pools = [{ ...pool(), clients: [client("Web", "code"), client("Bare")] }];
  expect(() => pickClient(pools, "client_credentials", "web")).toThrow("Web (code) is not a machine client");
  expect(() => pickClient(pools, "code", "bare")).toThrow("nobody signs in with Bare (no flow)");
});
