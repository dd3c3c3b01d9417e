import type { Waiver } from "@backend/sst-policy/waivers";

/** Findings of the policy that are accepted, each for a reason and until a day. */
export const WAIVERS: Waiver[] = [
  {
    rule: "log-group-year",
    resource: "*LogGroup",
    stages: ["prod"],
    reason:
      "Functions' logs are for finding faults, and hold more about people than faults need after 90 days. What is evidence is kept for longer: the access log, and records of who did what.",
    expires: "2027-11-30",
  },
  {
    rule: "user-pool-threat-protection",
    resource: "UsersUserPool",
    stages: ["prod"],
    reason:
      "It is part of Cognito's Plus plan, paid for each active user. Until there are people in prod: sign-up is closed, a second factor is demanded, and no client takes passwords.",
    expires: "2027-11-30",
  },
  {
    rule: "table-backed-up",
    resource: "*Table",
    stages: ["prod"],
    reason:
      "Point-in-time recovery covers 35 days, deletion protection and retention a mistaken removal. A copy in another account is worth its price from the day on which somebody's records depend on it.",
    expires: "2027-11-30",
  },
  {
    rule: "topic-has-subscriber",
    resource: "Alarms",
    stages: ["prod"],
    reason:
      "Who is told is for those who run it to say: an address in this repository would be somebody else's. They put theirs under alarms.recipients in infra/stage.ts before the first deployment, and this waiver out.",
    expires: "2027-05-31",
  },
  {
    rule: "lambda-dead-letters",
    resource: "CompactTrafficFunction",
    reason:
      "Its event is empty, so there is nothing to keep: the next hour's run compacts every bucket that the one before did not.",
    expires: "2027-11-30",
  },
  {
    rule: "cdn-tls",
    resource: "*CdnDistribution",
    reason:
      "CloudFront lets nobody choose for its own names: they take TLS 1.0 from whoever offers no better. The first domain in the stage's table ends it, and this waiver.",
    expires: "2027-05-31",
  },
  {
    rule: "cdn-logging",
    resource: "EdgeCdnDistribution",
    stages: ["prod"],
    reason:
      "WAF, which sees every request before CloudFront answers it, logs each with address, path, headers and what was decided; the access log has what the API answered.",
    expires: "2027-11-30",
  },
  ...["cdn-logging", "cdn-firewall"].map((rule) => ({
    rule,
    resource: "ConsoleCdnDistribution",
    reason:
      "It serves the console's files, which are the same for everybody and know nothing: whatever is asked of the API goes through the API's own edge and log.",
    expires: "2027-11-30",
  })),
];
