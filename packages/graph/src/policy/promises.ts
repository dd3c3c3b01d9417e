/**
 * What this deployment is meant to be, as far as it cannot be read off the deployment itself. It is written down a
 * second time on purpose: a change has to be made in two places, so that it is meant.
 */
export interface Promises {
  app: string;
  /** By stage, what differs. */
  stages: Record<string, StagePromises>;
  /** The stage that every other one is like: somebody's own, for experiments. */
  otherStages: string;
  /** Names of tags that every resource carries. */
  tags: string[];
  /** Route key -> function, and the scope that a token must grant; `public` for those that anyone may call. */
  routes: Record<string, { function: string; scope: string }>;
  /** Function -> what its role allows: `<action> on <table, queue or log group>[<what of it>]`. */
  grants: Record<string, string[]>;
  /** Function -> what invokes it besides the API. */
  triggers: Record<string, "log subscription" | "schedule" | "user pool">;
  /** Groups of people that come with every stage. */
  groups: string[];
  /** Name of the table to which events are only ever added, without the stage. */
  appendOnlyTable?: string;
  /** Minutes for which tokens hold, at most. */
  tokens: { person: { access: number; id: number; refresh: number }; machine: { access: number } };
  /** Who may say who a person is: `COGNITO` is the user pool itself. */
  identityProviders: string[];
  /** Other AWS accounts that anything may be shared with, and ARNs of layers that functions may run. */
  accounts: string[];
  layers: string[];
  /** Functions that have an address of their own, beside the API. */
  functionUrls: string[];
  /** Addresses that messages of a topic are posted to. */
  webhooks: string[];
  /** Resource -> the command that it runs on the machine that deploys. */
  commands: Record<string, string>;
  /** Managed rules of AWS's that may count instead of block, by group. */
  countedRules: Record<string, string[]>;
  /** Claims of a token that are written to the access log. */
  loggedClaims: string[];
}

export interface StagePromises {
  /** Whether evidence is kept here, and people are real. */
  strict: boolean;
  /** Requests a second and burst. */
  throttle: { rate: number; burst: number };
  /** Origins of pages that call the API and sign people in, besides those of the deployment itself. */
  origins: string[];
}

const shared: StagePromises = { strict: false, throttle: { rate: 100, burst: 200 }, origins: [] };

export const PROMISES: Promises = {
  app: "secure-backend",
  stages: {
    dev: { ...shared, origins: ["http://localhost:5173"] },
    test: shared,
    prod: { strict: true, throttle: { rate: 1000, burst: 2000 }, origins: [] },
  },
  otherStages: "dev",
  tags: ["app", "stage", "owner", "cost-center", "repository"],
  routes: {
    "ANY /SecureBackendFunction": { function: "SecureBackendFunction", scope: "public" },
    "GET /openapi.json": { function: "SecureBackendFunction", scope: "public" },
    "POST /events": { function: "RecordEvents", scope: "audit/write" },
    "GET /events": { function: "ReadEvents", scope: "audit/read" },
    "GET /events/{id}": { function: "ReadEvents", scope: "audit/read" },
    "GET /traffic": { function: "ReadTraffic", scope: "traffic/read" },
    "GET /access-log": { function: "ReadAccessLog", scope: "traffic/read" },
    "GET /function-log": { function: "ReadFunctionLog", scope: "traffic/read" },
  },
  grants: {
    SecureBackendFunction: [],
    RecordEvents: ["dynamodb:GetItem on Audit", "dynamodb:PutItem on Audit"],
    ReadEvents: [
      "dynamodb:GetItem on Audit",
      "dynamodb:Query on Audit",
      "dynamodb:Query on Audit/index/byAction",
      "dynamodb:Query on Audit/index/byActor",
    ],
    ReadTraffic: ["dynamodb:Query on Traffic"],
    ReadAccessLog: ["logs:FilterLogEvents on SecureBackendAPIAccessLog:*"],
    ReadFunctionLog: [
      "logs:FilterLogEvents on ReadAccessLogLogGroup:*",
      "logs:FilterLogEvents on ReadEventsLogGroup:*",
      "logs:FilterLogEvents on ReadTrafficLogGroup:*",
      "logs:FilterLogEvents on RecordEventsLogGroup:*",
      "logs:FilterLogEvents on SecureBackendFunctionLogGroup:*",
    ],
    RollUpTraffic: ["dynamodb:PutItem on Traffic", "sqs:SendMessage on TrafficDeadLetters"],
    CompactTraffic: ["dynamodb:PutItem on Traffic", "dynamodb:Query on Traffic"],
  },
  triggers: { RollUpTraffic: "log subscription", CompactTraffic: "schedule" },
  groups: ["operators", "writers"],
  appendOnlyTable: "SecureBackendAudit",
  tokens: { person: { access: 15, id: 15, refresh: 12 * 60 }, machine: { access: 60 } },
  identityProviders: ["COGNITO"],
  accounts: [],
  layers: [],
  functionUrls: [],
  webhooks: [],
  commands: { ConsoleBuilder: "npx vite build" },
  // They would refuse honest bodies of an API, which quote whatever happened, and programs that do not name themselves.
  countedRules: {
    AWSManagedRulesCommonRuleSet: [
      ...["SizeRestrictions_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY"],
      ...["CrossSiteScripting_BODY", "NoUserAgent_HEADER"],
    ],
    AWSManagedRulesKnownBadInputsRuleSet: ["JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY"],
    AWSManagedRulesSQLiRuleSet: ["SQLi_BODY", "SQLiExtendedPatterns_BODY"],
  },
  loggedClaims: ["sub", "client_id"],
};

/** The stage whose promises and waivers hold for a stage: itself, or the one that stages of a person's own are like. */
export function promisedStage({ stages, otherStages }: Promises, stage: string): string {
  return Object.hasOwn(stages, stage) ? stage : otherStages;
}
