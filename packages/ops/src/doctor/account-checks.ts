import { REFUSED_CREDENTIALS } from "../explained";
import { type Check, finding, ok } from "./check";

/** What the account must have before anything is deployed. */
export const ACCOUNT_CHECKS: Check[] = [
  {
    name: "credentials",
    async run({ account }) {
      try {
        const { account: number, arn } = await account.identity();
        return [ok(`account ${number} as ${arn}`)];
      } catch (error) {
        if (!(error instanceof Error) || !isAboutCredentials(error.name)) throw error;
        return [
          finding(`none that AWS accepts: ${error.message}`, "log in (aws sso login, or AWS_PROFILE), then try again"),
        ];
      }
    },
  },
  {
    name: "session token",
    async run({ account, env }) {
      const token = await account.sessionToken();
      const fix = "set AWS_STS_REGIONAL_ENDPOINTS=regional and log in again";
      if (token === undefined) return [ok("the credentials have none, and need none")];
      if (env.AWS_STS_REGIONAL_ENDPOINTS === "legacy")
        return [finding("AWS_STS_REGIONAL_ENDPOINTS is legacy: CloudFront's key-value stores refuse such tokens", fix)];
      if (!token.startsWith(VERSION_1)) return [ok("CloudFront's key-value stores accept it, by its form")];
      const detail =
        "it has the form of the global STS endpoint's tokens, which CloudFront's key-value stores refuse unless the " +
        "account makes them version 2";
      return [{ verdict: "unchecked", detail, fix }];
    },
  },
  {
    name: "region",
    async run({ account, declared }) {
      const region = await account.region();
      if (region === declared.region) return [ok(region)];
      const detail = `looking at ${region}, but stage ${declared.stage} is deployed to ${declared.region}`;
      return [finding(detail, `leave --region away, or give --region ${declared.region}`)];
    },
  },
  {
    name: "API Gateway throttle",
    async run({ account, declared: { throttle, stage } }) {
      const { rateLimit, burstLimit } = await account.apiThrottle();
      if (rateLimit === undefined || burstLimit === undefined) {
        return [{ verdict: "unchecked", detail: "AWS names no limit of the account" }];
      }
      const limits = `the account's limit is ${rateLimit} requests/s, burst ${burstLimit}`;
      if (throttle === undefined || (throttle.rateLimit <= rateLimit && throttle.burstLimit <= burstLimit))
        return [ok(limits)];
      const declares = `${throttle.rateLimit}, burst ${throttle.burstLimit}`;
      const detail = `${limits}: less than stage ${stage} declares (${declares})`;
      return [finding(detail, "ask for more in Service Quotas (API Gateway, throttle rate), or lower infra/stage.ts")];
    },
  },
  {
    name: "Lambda concurrency",
    async run({ account, declared: { functions } }) {
      const { account: limit, unreserved } = await account.lambdaConcurrency();
      if (limit === undefined) return [{ verdict: "unchecked", detail: "AWS names no limit of the account" }];
      const detail = `${limit} concurrent executions in this account and region, ${unreserved ?? limit} unreserved`;
      const reserved = functions.reduce((sum, { reservedConcurrency = 0 }) => sum + reservedConcurrency, 0);
      if (reserved > 0 && reserved > limit - UNRESERVED) {
        const what = `${detail}: the stage reserves ${reserved}, and Lambda keeps ${UNRESERVED} for other functions`;
        return [finding(what, "lower reservedConcurrency, or ask for more in Service Quotas (Lambda)")];
      }
      if ((unreserved ?? limit) >= CONCURRENCY) return [ok(detail)];
      return [
        finding(
          `${detail}: more callers at once get 503`,
          "ask for 1,000 in Service Quotas (Lambda, concurrent executions)",
        ),
      ];
    },
  },
  {
    name: "log resource policies",
    async run({ account }) {
      const policies = await account.logPolicies();
      const large = policies.filter(({ document }) => document.length > POLICY_SIZE * NEARLY);
      const findings = large.map(({ name, document }) =>
        finding(
          `policy ${name} has ${document.length} of ${POLICY_SIZE} characters: a delivery that adds to it will fail`,
          "delete statements of log groups that are gone, or use names below /aws/vendedlogs/",
        ),
      );
      if (policies.length >= POLICY_COUNT) {
        const detail = `${policies.length} of ${POLICY_COUNT} policies: a delivery that needs a new one will fail`;
        findings.push(
          finding(
            detail,
            "merge policies, or delete those of services that no longer write (aws logs delete-resource-policy)",
          ),
        );
      }
      const largest = Math.max(0, ...policies.map(({ document }) => document.length));
      if (findings.length > 0) return findings;
      return [ok(`${policies.length} of ${POLICY_COUNT}, the largest ${largest} of ${POLICY_SIZE} characters`)];
    },
  },
];

const isAboutCredentials = (name: string) =>
  /^(CredentialsProviderError|TokenProviderError)$/.test(name) || REFUSED_CREDENTIALS.test(name);

/**
 * The usual beginning of a version 1 session token, which SigV4A does not support. AWS documents
 * that restriction, and no form of a token: so this is a hint, not a finding.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-function-restrictions.html
 */
const VERSION_1 = "FwoGZXIvYXdz";

/**
 * The default is 1,000; accounts that are new have 10:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const CONCURRENCY = 100;

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
const UNRESERVED = 100;

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
const POLICY_SIZE = 5120;
const POLICY_COUNT = 10;
/** The delivery of one log group adds about 300 characters. */
const NEARLY = 0.9;
