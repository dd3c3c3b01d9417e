import { describe, expect, it, onTestFinished, vi } from "vitest";
import { APP } from "./app";
import { refuseSharedStage, stagePolicy, tagsOf } from "./stage";

describe("the table of stages", () => {
  it.each(["ada", "pr-17", "constructor", "toString", "__proto__"])(
    "gives dev's row to the personal stage %s",
    (stage) => {
      expect(stagePolicy(stage)).toBe(stagePolicy("dev"));
    },
  );

  // Security Hub, CloudWatch.16: log groups should be retained for at least one year.
  it("keeps prod's access log for a year, and protects it", () => {
    expect(stagePolicy("prod")).toMatchObject({
      accessLogRetention: "1 year",
      protect: true,
      removal: "retain",
      keepEvidence: true,
    });
  });

  it.each(["dev", "test", "prod"])("limits %s by rate and burst both", (stage) => {
    const { rateLimit, burstLimit } = stagePolicy(stage).throttle;
    expect(rateLimit).toBeGreaterThan(0);
    expect(burstLimit).toBeGreaterThanOrEqual(rateLimit);
  });

  // Security Hub: DynamoDB.2 asks for point-in-time recovery, Cognito.5 for a second factor.
  it("can bring prod's table back, and demands a second factor there", () => {
    expect(stagePolicy("prod")).toMatchObject({ pointInTimeRecovery: true, mfa: "on" });
  });

  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-CallbackURLs
  it.each(["dev", "test", "prod"])("sends people of %s back to pages of allowed origins alone", (stage) => {
    const { callbackUrls, logoutUrls, corsOrigins } = stagePolicy(stage);
    for (const url of [...callbackUrls, ...logoutUrls].map((text) => new URL(text))) {
      expect(url.protocol === "https:" || url.hostname === "localhost").toBe(true);
      expect(url.hash).toBe("");
      expect(corsOrigins).toContain(url.origin);
    }
    expect(logoutUrls.length === 0).toBe(callbackUrls.length === 0);
  });

  it.each(["dev", "test", "prod"])("names the tenants of %s by ids that a group may carry", (stage) => {
    const { tenants, machines } = stagePolicy(stage);
    for (const tenant of [...tenants, ...Object.values(machines).map((machine) => machine.tenant)])
      expect(tenant).toMatch(/^[a-z0-9-]{1,40}$/);
  });
});

describe("samples", () => {
  it.each(["test", "prod"])("are not in %s: no tenant, no machine client, no origin of a developer", (stage) => {
    const { tenants, machines, corsOrigins, callbackUrls, logoutUrls } = stagePolicy(stage);
    expect({ tenants, machines, corsOrigins, callbackUrls, logoutUrls }).toEqual({
      tenants: [],
      machines: {},
      corsOrigins: [],
      callbackUrls: [],
      logoutUrls: [],
    });
  });

  it("are in dev and in personal stages", () => {
    expect(stagePolicy("dev").tenants).toEqual(["acme"]);
    expect(stagePolicy("ada").machines).toEqual({ Machine: { tenant: "acme", scopes: expect.any(Array) } });
  });
});

describe("sst dev", () => {
  it.each(["dev", "test", "prod"])("is refused on the shared stage %s", (stage) => {
    expect(() => refuseSharedStage(stage)).toThrow(`sst dev cannot run on the shared stage "${stage}"`);
  });

  it("is refused by sst.config.ts before any resource is made", async () => {
    vi.stubGlobal("$config", (config: unknown) => config);
    vi.stubGlobal("$app", { name: APP.name, stage: "dev" });
    vi.stubGlobal("$dev", true);
    onTestFinished(() => void vi.unstubAllGlobals());
    const { default: config } = await import("../sst.config");
    await expect((config as unknown as { run(): Promise<unknown> }).run()).rejects.toThrow("sst dev cannot run on");
  });

  it.each(["ada", "pr-17", "constructor", "__proto__"])("runs on the personal stage %s", (stage) => {
    expect(() => refuseSharedStage(stage)).not.toThrow();
  });
});

it("every resource is tagged with app, stage, owner, cost center and repository", () => {
  expect(Object.keys(tagsOf("dev"))).toEqual(["app", "stage", "owner", "cost-center", "repository"]);
});
