import type { Waiver } from "@backend/sst-policy/waivers";

/** Accepted findings of the policy, each with a reason and an expiry date. */
export const WAIVERS: Waiver[] = [
  {
    rule: "log-group-year",
    resource: "*LogGroup",
    stages: ["prod"],
    reason:
      "Function logs serve to find faults, which needs 90 days at most. They can hold personal data, so " +
      "they are not kept longer. The access log, which is evidence, is kept for longer.",
    expires: "2027-11-30",
  },
  {
    rule: "user-pool-threat-protection",
    resource: "UsersUserPool",
    stages: ["prod"],
    reason:
      "Threat protection needs Cognito's Plus plan, which is paid for each active user. Without it: sign-up " +
      "is closed, a second factor is required, and no client accepts passwords.",
    expires: "2027-11-30",
  },
  {
    rule: "table-backed-up",
    resource: "*Table",
    stages: ["prod"],
    reason:
      "Point-in-time recovery covers 35 days. Deletion protection and retention cover a removal by mistake. " +
      "Add a copy in another account when the data is worth its price.",
    expires: "2027-11-30",
  },
  {
    rule: "topic-has-subscriber",
    resource: "Alarms",
    stages: ["prod"],
    reason:
      "Only the owner of a stage knows whom to notify. Before the first deployment, add your addresses to " +
      "alarms.recipients in infra/stage.ts and delete this waiver.",
    expires: "2027-05-31",
  },
  {
    rule: "lambda-dead-letters",
    resource: "CompactTrafficFunction",
    reason:
      "Its event is empty, so there is nothing to keep. The next hour's run compacts every bucket that this " +
      "run did not.",
    expires: "2027-11-30",
  },
  {
    rule: "cdn-tls",
    resource: "*CdnDistribution",
    reason:
      "CloudFront's own host names accept TLS 1.0, and that cannot be changed. Set a domain in the stage's row " +
      "and delete this waiver.",
    expires: "2027-05-31",
  },
  {
    rule: "cdn-logging",
    resource: "EdgeCdnDistribution",
    stages: ["prod"],
    reason:
      "WAF logs every request with address, path, headers and decision, before CloudFront responds. The " +
      "access log has the API's responses.",
    expires: "2027-11-30",
  },
  ...["cdn-logging", "cdn-firewall"].map((rule) => ({
    rule,
    resource: "ConsoleCdnDistribution",
    reason:
      "It serves only the console's static files, which hold no data. Requests to the API go through the " +
      "API's own edge and log.",
    expires: "2027-11-30",
  })),
];
