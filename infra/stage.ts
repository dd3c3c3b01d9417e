import type { PermissionName } from "@backend/core/permissions";
import type { Quotas } from "@backend/platform/quota/quotas";

import { APP } from "./app";

/**
 * Everything in which one stage differs from another, in one table. `dev`, `test` and `prod` have a row each; any other
 * stage is somebody's own, for `sst dev` and experiments, and gets `dev`'s.
 */
export interface StagePolicy {
  region: string;
  /** `retain` keeps tables and buckets when the stage is removed. */
  removal: "remove" | "retain";
  /** `sst remove` refuses to take the stage down. */
  protect: boolean;
  /** Log groups, tables and user pools with evidence in them outlive the stage. */
  keepEvidence: boolean;
  accessLogRetention: Retention;
  functionLogRetention: Retention;
  /**
   * CloudFront and WAF in front of the API, and no way around them: docs/operating.md says how its
   * secret is set and replaced.
   */
  edge?: EdgePolicy;
  /**
   * A name such as `api.example.com`, in a zone of Route 53 in the same account: certificate and
   * records are made, and the address that
   * AWS gives an API is switched off. With an edge, the API itself gets `origin.` before it.
   */
  domain?: string;
  /**
   * Requests a second and the size of the bucket, for each route: API Gateway takes both or answers
   * 429 to everything.
   */
  throttle: { rateLimit: number; burstLimit: number };
  /**
   * Requests and recorded units of one tenant, machine client or person; more are answered 429. Each
   * limit by minute and by day costs a write to DynamoDB for each request: docs/operating.md.
   */
  quotas?: Quotas;
  /** Whether the console is deployed. Its origin may call the API, and people sign in to it. */
  console: boolean;
  /** Origins of other front ends that may call the API from a browser, such as `https://app.example.com`. */
  corsOrigins: string[];
  /** Where else the sign-in page may send people back to, signed in or out. */
  callbackUrls: string[];
  logoutUrls: string[];
  /** Whether people must, or may, prove who they are by an authenticator app as well. */
  mfa: "on" | "optional";
  /** Tenants whose group of people, `tenant:<id>`, comes with the stage. Operators make all others. */
  tenants: string[];
  /** Programs that call the API with a client id and secret of their own, by the name of their client. */
  machines: Record<string, Machine>;
  /** When somebody is told. Each alarm is an item of the bill: docs/operating.md says what to do about each. */
  alarms: AlarmPolicy;
  /** Tables can be brought back as they were at any second of the last 35 days. */
  pointInTimeRecovery: boolean;
}

export interface Machine {
  /** The only tenant whose data the program writes and reads. */
  tenant: string;
  scopes: PermissionName[];
}

export interface EdgePolicy {
  /** So many requests of one address in five minutes pass; more are blocked until they are fewer. */
  requestsPerAddress: number;
}

export interface AlarmPolicy {
  /** Email addresses. Each has to confirm what SNS sends to it first. */
  recipients: string[];
  /** Alarms are posted to the webhook in the secret `AlarmWebhookUrl` as well: Slack's, or one that takes `{"text"}`. */
  webhook?: boolean;
  /** Percent of five minutes' requests that may be answered with 5xx. */
  serverErrorPercent: number;
  /** Milliseconds that one request in a hundred may take. */
  latencyP99: number;
  /** Requests in five minutes that may be refused, by the metric that counts them. */
  refusals: Record<"ThrottledRequests" | "UnauthorizedRequests", number>;
  /**
   * Executions that all functions of the account may run and reserve at once, in a region. Set it in
   * one stage of an account, to 80 % of the account's quota.
   */
  accountConcurrency?: number;
  /** Whether an hour without a request is a fault. */
  noTraffic: boolean;
}

type Retention = "1 week" | "1 month" | "3 months" | "1 year" | "2 years";

const dev: StagePolicy = {
  region: APP.region,
  removal: "remove",
  protect: false,
  keepEvidence: false,
  accessLogRetention: "1 month",
  functionLogRetention: "1 week",
  throttle: { rateLimit: 100, burstLimit: 200 },
  console: true,
  corsOrigins: ["http://localhost:5173"],
  callbackUrls: ["http://localhost:5173/callback"],
  logoutUrls: ["http://localhost:5173/"],
  mfa: "optional",
  tenants: ["acme"],
  machines: {
    Machine: {
      tenant: "acme",
      scopes: [
        "audit/write", // #line audit
        "audit/read", // #line audit
        // Others are added here.
      ],
    },
  },
  pointInTimeRecovery: false,
  alarms: {
    recipients: [],
    serverErrorPercent: 1,
    latencyP99: 5000,
    refusals: { ThrottledRequests: 100, UnauthorizedRequests: 100 },
    noTraffic: false,
  },
};

const STAGES: Record<string, StagePolicy> = {
  dev,
  test: {
    ...dev,
    functionLogRetention: "1 month",
    corsOrigins: [],
    callbackUrls: [],
    logoutUrls: [],
    tenants: [],
    machines: {},
  },
  prod: {
    region: APP.region,
    removal: "retain",
    protect: true,
    keepEvidence: true,
    // Security Hub's CloudWatch.16 asks for a year at least.
    accessLogRetention: "1 year",
    functionLogRetention: "3 months",
    edge: { requestsPerAddress: 2000 },
    throttle: { rateLimit: 1000, burstLimit: 2000 },
    // A tenth of the throttle, so that no tenant takes it from the others. WAF limits people by address.
    quotas: { tenant: { requestsPerMinute: 6000, unitsPerDay: 1_000_000 } },
    console: true,
    corsOrigins: [],
    callbackUrls: [],
    logoutUrls: [],
    mfa: "on",
    tenants: [],
    machines: {},
    pointInTimeRecovery: true,
    alarms: {
      recipients: [],
      serverErrorPercent: 1,
      latencyP99: 3000,
      refusals: { ThrottledRequests: 100, UnauthorizedRequests: 100 },
      // A new account's quota may be smaller: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
      accountConcurrency: 800,
      noTraffic: true,
    },
  },
};

/** Stages that have a row of their own. */
export const STAGE_NAMES: readonly string[] = Object.keys(STAGES);

export function stagePolicy(stage: string): StagePolicy {
  return (Object.hasOwn(STAGES, stage) ? STAGES[stage] : undefined) ?? dev;
}

/**
 * Throws an Error if `sst dev` runs on a stage of the table. It would replace the stage's functions by stubs that call
 * one developer's machine, trust the whole account in their roles, and remove the stage's console.
 */
export function refuseSharedStage(stage: string): void {
  if (!Object.hasOwn(STAGES, stage)) return;
  throw new Error(
    `sst dev cannot run on the shared stage "${stage}": it would replace its functions by stubs that call this ` +
      "machine, and remove its console. Use a stage of your own: sst dev --stage YOUR-NAME",
  );
}

/** Tags on every resource that can carry tags: what it costs, and whom to ask, can be told from any bill or list. */
export function tagsOf(stage: string): Record<string, string> {
  const { name: app, owner, costCenter, repository } = APP;
  return { app, stage, owner, "cost-center": costCenter, repository };
}
