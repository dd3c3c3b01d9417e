import { EDGE_HEADERS } from "@secure-backend/core/access/edge";

import { BODY_INSPECTION_LIMIT, countFalsePositives } from "./firewall";
import { readOriginSecret, readPreviousSecret } from "./origin-secret";
import { stagePolicy } from "./stage";

/** Where a stage is reached, and what keeps others away from where it is not. */
export interface Front {
  /** For the API: its own domain, and whether the one that AWS gave it is off. */
  domain: string | undefined;
  /** Below which the routes are: `/`, or the stage where no domain stands for it. */
  basePath: string;
  /** Variables of each function that a route has. */
  environment: { ORIGIN_SECRETS?: $util.Output<string> };
  /** Puts the edge in front of the API, where the stage has one. Returns the address for callers. */
  publish(apiUrl: $util.Output<string>, functions: sst.aws.Function[]): $util.Output<string>;
}

/**
 * A stage with an edge is reached through CloudFront with WAF alone: CloudFront sends a secret that
 * the functions ask for. With a
 * domain in the stage's table, the edge has that name and the API `origin.` before it; without an edge, the API has it.
 */
export function frontOf(stage: string): Front {
  const { edge, domain } = stagePolicy(stage);
  const basePath = domain === undefined ? `/${stage}` : "/";
  const suffix = domain === undefined ? basePath : "";
  if (edge === undefined) {
    return { domain, basePath, environment: {}, publish: (apiUrl) => $interpolate`${apiUrl}${suffix}` };
  }
  const current = new sst.Secret("OriginSecret");
  const previous = new sst.Secret("PreviousOriginSecret", " "); // set only while the other is being replaced
  const secret = current.value.apply((value) => readOriginSecret("OriginSecret", value));
  const secrets = $resolve([secret, previous.value]).apply(([first, second = ""]) =>
    [first, readPreviousSecret("PreviousOriginSecret", second)].filter(Boolean).join(" "),
  );
  return {
    domain: domain === undefined ? undefined : `origin.${domain}`,
    basePath,
    environment: { ORIGIN_SECRETS: secrets },
    publish: (apiUrl, functions) => $interpolate`${router(apiUrl, secret, functions).url}${suffix}`,
  };
}

/** AWS's managed policy that caches nothing: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html: each is kept for ten seconds unless told otherwise. */
const ERRORS = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
/** For a distribution: one caller's 403 must not be another's. */
export const NO_ERROR_IS_CACHED = ERRORS.map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 }));

function router(
  apiUrl: $util.Output<string>,
  secret: $util.Output<string>,
  functions: sst.aws.Function[],
): sst.aws.Router {
  const { edge, domain, accessLogRetention, keepEvidence } = stagePolicy($app.stage);
  const name = `SecureBackendEdge-${$app.stage}`;
  return new sst.aws.Router("Edge", {
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
        // No function may meet a secret that it does not know yet. A component would not hand this on to its children.
        cdn.transform = {
          distribution: (_distribution, options) => {
            options.dependsOn = functions.map(({ nodes }) => nodes.function);
          },
        };
      },
    },
  });
}
