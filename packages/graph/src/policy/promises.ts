/** What docs/ promises of this repository's own API, written down a second time on purpose: a change of it has to be meant. */
export interface Promises {
  app: string;
  /** Names of tags that every resource carries. */
  tags: string[];
  /** Route key -> function, and the scope that a token must grant; `public` for those that anyone may call. */
  routes: Record<string, { function: string; scope: string }>;
  /** Function -> what its role allows: `<actions> on <table, queue or log group>[<what of it>]`. */
  grants: Record<string, string[]>;
  /** Function -> what invokes it besides the API. */
  triggers: Record<string, "log subscription" | "schedule">;
  /** Groups of people that come with every stage. */
  groups: string[];
  /** Requests a second and burst, by stage. */
  throttle: Record<string, { rate: number; burst: number }>;
  /** Name of the table to which events are only ever added, without the stage. */
  appendOnlyTable: string;
}

export const PROMISES: Promises = {
  app: "secure-backend",
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
  throttle: {
    dev: { rate: 100, burst: 200 },
    test: { rate: 100, burst: 200 },
    prod: { rate: 1000, burst: 2000 },
  },
  appendOnlyTable: "SecureBackendAudit",
};
