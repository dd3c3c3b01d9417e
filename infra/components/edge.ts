import { EDGE_HEADERS } from "@backend/platform/access/edge";

import { stagePolicy } from "../stage";
import { BODY_INSPECTION_LIMIT, countFalsePositives } from "./firewall";
import { originSecrets } from "./origin-secret";
import { physicalName } from "./physical-name";

/** Where an API is reached in a stage. */
interface Addresses {
  /**
   * The API's own domain, if the stage's row has one. With an edge, that is `origin.` before the
   * edge's name.
   */
  domain: string | undefined;
  /** Path below which the routes are: `/`, or the stage where no domain stands for it. */
  basePath: string;
}

export function addressesOf(stage: string, prefix: string): Addresses {
  const { edge } = stagePolicy(stage);
  const domain = domainOf(stage, prefix);
  if (domain === undefined) return { domain, basePath: `/${stage}` };
  return { domain: edge === undefined ? domain : `origin.${domain}`, basePath: "/" };
}

/** The domain of the stage's row is the first API's, which has no prefix. */
function domainOf(stage: string, prefix: string): string | undefined {
  return prefix === "" ? stagePolicy(stage).domain : undefined;
}

interface Origin {
  /** Of the API, without the stage. */
  apiUrl: $util.Output<string>;
  /** Those that routes lead to. */
  functions: sst.aws.Function[];
  /** Before the names of the edge's resources. */
  prefix: string;
}

/**
 * Puts CloudFront and WAF in front of an API where the stage's row says so. CloudFront adds a
 * secret that the functions ask for, so that there is no way around the firewall.
 *
 * @returns the address for callers, without the stage
 */
export function createEdge(origin: Origin): $util.Output<string> {
  const secrets = originSecrets();
  return secrets === undefined ? origin.apiUrl : createRouter(origin, secrets.sent).url;
}

/**
 * AWS's managed policy that caches nothing:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
 */
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";

/**
 * Error statuses that CloudFront caches for ten seconds by default:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
 */
const ERRORS = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
/** For a distribution: one caller's 403 must not be another's. */
export const NO_ERROR_IS_CACHED = ERRORS.map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 }));

function createRouter({ apiUrl, functions, prefix }: Origin, secret: $util.Output<string>): sst.aws.Router {
  const { edge, accessLogRetention, keepEvidence } = stagePolicy($app.stage);
  const domain = domainOf($app.stage, prefix);
  const name = physicalName(`${prefix}Edge`);
  return new sst.aws.Router(`${prefix}Edge`, {
    ...(domain !== undefined && { domain }),
    waf: { rateLimitPerIp: edge?.requestsPerAddress ?? 0, logging: { retention: accessLogRetention } },
    routes: {
      "/*": {
        url: apiUrl,
        cachePolicy: CACHING_DISABLED,
        edge: {
          viewerRequest: {
            injection: `event.request.headers["${EDGE_HEADERS.address}"] = { value: event.viewer.ip };`,
          },
        },
      },
    },
    transform: {
      waf: (acl) => {
        acl.name = name;
        acl.rules = $output(acl.rules).apply((rules) => countFalsePositives(rules ?? []));
        acl.associationConfig = {
          requestBodies: [{ cloudfront: { defaultSizeInspectionLimit: BODY_INSPECTION_LIMIT } }],
        };
      },
      wafLogGroup: (logGroup, options) => {
        logGroup.name = `aws-waf-logs-${name}`;
        logGroup.deletionProtectionEnabled = keepEvidence;
        options.retainOnDelete = keepEvidence;
      },
      cdn: (cdn) => {
        cdn.comment = name;
        cdn.origins = $output(cdn.origins).apply((origins) =>
          origins.map((origin) => ({
            ...origin,
            domainName: apiUrl.apply((url) => new URL(url).host), // as SST's, and known to depend on the API
            customHeaders: [{ name: EDGE_HEADERS.secret, value: secret }],
          })),
        );
        cdn.customErrorResponses = NO_ERROR_IS_CACHED;
        // Update every function before CloudFront sends a new secret. `dependsOn` on the component
        // would not reach its children.
        cdn.transform = {
          distribution: (_distribution, options) => {
            options.dependsOn = functions.map(({ nodes }) => nodes.function);
          },
        };
      },
    },
  });
}
