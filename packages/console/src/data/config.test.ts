import { fileURLToPath } from "node:url";

import { loadGraph } from "@backend/sst-graph/load";
import { resolve } from "@backend/sst-graph/resolve";
import { describe, expect, it } from "vitest";

import { configOf, loadConfig } from "./config";

const good = {
  app: "acme-api",
  apiUrl: "https://abc.execute-api.eu-west-1.amazonaws.com/dev/",
  issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc",
  clientId: "client",
  stage: "dev",
  region: "eu-west-1",
  accessLogGroup: "/aws/apigateway/SecureBackendAPI/dev",
  offline: false,
};

describe("configOf", () => {
  it("reads a configuration, and removes the trailing slash of the API's URL", () => {
    expect(configOf(JSON.stringify(good))).toEqual({ ...good, apiUrl: good.apiUrl.slice(0, -1), testIdentities: [] });
  });

  it("accepts a stage without browser sign-in", () => {
    const { issuer, clientId, ...rest } = good;
    expect(configOf(JSON.stringify({ ...rest, issuer: null })).clientId).toBeUndefined();
  });

  it.each(["dev", "test", "prod"])("accepts the configuration that the stage %s deploys", (stage) => {
    const file = fileURLToPath(new URL(`../../../../infra/graph/${stage}.json`, import.meta.url));
    const { outputs, resources } = resolve(loadGraph(file));
    const deployed = resources.find(({ inputs }) => inputs.key === "runtime/config.json");
    expect(configOf(String(deployed?.inputs.content))).toMatchObject({ stage, apiUrl: outputs.url, offline: false });
  });

  it.each<[string, string, string]>([
    ["an HTML page", "<!doctype html>", "isn't a JSON object"],
    ["a list", "[]", "isn't a JSON object"],
    ["no API", JSON.stringify({ ...good, apiUrl: undefined }), '"apiUrl" is missing'],
    [
      "an API that is a script",
      JSON.stringify({ ...good, apiUrl: "javascript:alert(1)" }),
      '"apiUrl" has an invalid value: "javascript:',
    ],
    ["a flag in quotes", JSON.stringify({ ...good, offline: "false" }), '"offline" has an invalid value: "false"'],
  ])("rejects %s", (_title, text, message) => {
    expect(() => configOf(text)).toThrow(message);
  });
});

describe("loadConfig", () => {
  it.each<[string, typeof fetch, string]>([
    ["a missing file", async () => new Response("", { status: 404 }), "returned 404"],
    ["no network", () => Promise.reject(new TypeError("Failed to fetch")), "Couldn't load"],
  ])("throws for %s", async (_title, get, message) => {
    await expect(loadConfig(get)).rejects.toThrow(message);
  });
});
