import type { PermissionName } from "@backend/core/permissions";
import type { Quotas } from "@backend/platform/quota/quotas";

import { APP } from "./app";

/**
 * What differs between stages, in one table. `dev`, `test` and `prod` have a row each. Any other
 * stage is a personal one, for `sst dev` and experiments, and uses the row of `dev`.
 */
export interface StagePolicy {
  region: string;
  /** `retain` keeps tables and buckets when the stage is removed. */
  removal: "remove" | "retain";
  /** `sst remove` refuses to take the stage down. */
  protect: boolean;
  /** Keeps log groups, tables and user pools that hold evidence when the stage is removed. */
  keepEvidence: boolean;
  accessLogRetention: Retention;
  functionLogRetention: Retention;
  /**
   * CloudFront and WAF in front of the API, and no way around them. docs/operating.md says how to
   * set and replace the secret between them.
   */
  edge?: EdgePolicy;
  /**
   * A name such as `api.example.com`, in a Route 53 zone of the same account. The deployment
   * creates the certificate and the records, and turns off the API's AWS address. With an edge, the
   * API itself gets the prefix `origin.`.
   */
  domain?: string;
  /**
   * Requests per second and burst size, for each route. Always set both: API Gateway takes a
   * missing one for 0, and returns 429 to every request.
   */
  throttle: { rateLimit: number; burstLimit: number };
  /**
   * Requests and recorded units of one tenant, machine client or person. Beyond them the API
   * returns
   * 429. Each limit costs one DynamoDB write for each request: docs/operating.md.
   */
  quotas?: Quotas;
  /** Whether the console is deployed. Its origin may call the API, and people sign in to it. */
  console: boolean;
  /** Other origins that may call the API from a browser, such as `https://app.example.com`. */
  corsOrigins: string[];
  /** Other addresses to which the sign-in page may return people, signed in or out. */
  callbackUrls: string[];
  logoutUrls: string[];
  /** Whether a second factor (an authenticator app) is required or optional. */
  mfa: "on" | "optional";
  /** Tenants that come with the stage. Operators add others with `pnpm ops tenants add`. */
  tenants: string[];
  /** Programs with a client id and secret of their own, by the name of their client. */
  machines: Record<string, Machine>;
  /** Thresholds and recipients of alarms. docs/operating.md says what to do about each alarm. */
  alarms: AlarmPolicy;
  /** Tables can be restored to any second of the last 35 days. */
  pointInTimeRecovery: boolean;
}

export interface Machine {
  /** The only tenant whose data the program writes and reads. */
  tenant: string;
  scopes: PermissionName[];
}

export interface EdgePolicy {
  /** Requests from one address in five minutes. Further ones are blocked until the rate drops. */
  requestsPerAddress: number;
}

export interface AlarmPolicy {
  /** Email addresses. SNS asks each to confirm the subscription first. */
  recipients: string[];
  /**
   * Posts alarms to the webhook in the secret `AlarmWebhookUrl` too: Slack's, or one that accepts
   * `{"text": "..."}`.
   */
  webhook?: boolean;
  /** Percentage of the requests of five minutes that may return 5xx. */
  serverErrorPercent: number;
  /** Milliseconds that 99 % of requests must not exceed. */
  latencyP99: number;
  /**
   * Rejected requests allowed in five minutes, by the alarm. API Gateway throttles requests and
   * checks tokens and scopes; functions deny requests by group, tenant and edge.
   */
  refusals: Record<"ThrottledRequests" | "UnauthorizedRequests" | "DeniedRequests", number>;
  /**
   * Executions that all functions of the account may run and reserve at once, in a region. Set it
   * in one stage of an account, to 80 % of the account's quota.
   */
  accountConcurrency?: number;
  /** Whether an hour without a request raises an alarm. */
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
    refusals: { ThrottledRequests: 100, UnauthorizedRequests: 100, DeniedRequests: 50 },
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
    // A tenth of the throttle, so that one tenant leaves room for the others. WAF limits people by
    // address.
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
      refusals: { ThrottledRequests: 100, UnauthorizedRequests: 100, DeniedRequests: 50 },
      // A new account's quota may be smaller:
      // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
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
 * Throws an Error if `sst dev` runs on a stage of the table. It would replace the stage's functions
 * by stubs that call one developer's machine, let the whole account assume their roles, and remove
 * the stage's console.
 */
export function refuseSharedStage(stage: string): void {
  if (!Object.hasOwn(STAGES, stage)) return;
  throw new Error(
    `sst dev cannot run on the shared stage "${stage}": it would replace its functions by stubs that call this ` +
      "machine, and remove its console. Use a stage of your own: sst dev --stage YOUR-NAME",
  );
}

/** Returns the tags of every resource: what it belongs to, who owns it, and who pays for it. */
export function tagsOf(stage: string): Record<string, string> {
  const { name: app, owner, costCenter, repository } = APP;
  return { app, stage, owner, "cost-center": costCenter, repository };
}
