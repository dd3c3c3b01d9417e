import { contentSecurityPolicy } from "@backend/platform/console/content-security-policy";

import { stagePolicy } from "../stage";
import { NO_ERROR_IS_CACHED } from "./edge";
import { physicalName } from "./physical-name";

/** The console's site, made before the API, whose CORS and sign-in name its origin. */
export interface ConsoleSite {
  /** `https://<id>.cloudfront.net` */
  origin: $util.Input<string>;
  /** Tells the site of the API, made after it. */
  publish(backend: Backend): void;
}

interface Backend {
  /** Of the API, with the stage. */
  url: $util.Output<string>;
  issuer: $util.Output<string>;
  /** Of the sign-in page, whose token endpoint the console calls. */
  authUrl: $util.Output<string>;
  webClientId: $util.Output<string> | undefined;
  accessLogGroup: $util.Output<string>;
}

const FOLDER = "packages/console";
/** Where Vite's dev server is in `sst dev`: packages/console/vite.config.ts. */
const DEV_ORIGIN = "http://localhost:5173";
const TWO_YEARS = 2 * 365 * 24 * 60 * 60;

export function consoleSite(): ConsoleSite | undefined {
  if (!stagePolicy($app.stage).console) return undefined;
  return $dev ? developedSite() : deployedSite();
}

/**
 * In `sst dev` a site has no bucket: Vite's dev server answers for the file of the configuration.
 */
function developedSite(): ConsoleSite {
  return {
    origin: DEV_ORIGIN,
    publish(backend) {
      new sst.x.DevCommand("Console", {
        dev: { command: "npx vite", directory: FOLDER, title: "Console" },
        environment: { CONSOLE_CONFIG: configOf(backend) },
      });
    },
  };
}

function deployedSite(): ConsoleSite {
  const { accountId } = aws.getCallerIdentityOutput();
  const headers = new aws.cloudfront.KeyValueStore("ConsoleHeaders", {
    name: physicalName("Console"),
    comment: "Headers of the console that name the API",
  });
  const policy = fixedHeaders();
  const responses = new aws.cloudfront.Function("ConsoleResponses", {
    name: physicalName("Console"),
    runtime: "cloudfront-js-2.0",
    keyValueStoreAssociations: [headers.arn],
    code: NAME_THE_API,
  });
  const site = new sst.aws.StaticSite("Console", {
    path: FOLDER,
    build: { command: "npx vite build", output: "dist" },
    vite: { types: "node_modules/.cache/sst-env.d.ts" }, // not among the sources, which nothing else writes to
    assets: { routes: ["runtime"] },
    transform: {
      assets: (assets) => {
        assets.cors = false;
        // SST's own policy would let the distributions of every account read the bucket.
        delete assets.access;
        assets.policy = [readBy($interpolate`arn:aws:cloudfront::${accountId}:distribution/*`)];
      },
      cdn: (cdn) => {
        cdn.defaultCacheBehavior = $output(cdn.defaultCacheBehavior).apply((behavior) => ({
          ...behavior,
          allowedMethods: ["GET", "HEAD"],
          responseHeadersPolicyId: policy.id,
          functionAssociations: [
            ...(behavior.functionAssociations ?? []),
            { eventType: "viewer-response", functionArn: responses.arn },
          ],
        }));
        cdn.customErrorResponses = NO_ERROR_IS_CACHED;
      },
    },
  });
  return {
    origin: site.url,
    publish(backend) {
      const { url, issuer, authUrl } = backend;
      new aws.cloudfront.KeyvaluestoreKey("ConsoleContentSecurityPolicy", {
        keyValueStoreArn: headers.arn,
        key: "content-security-policy",
        value: $resolve([url, issuer, authUrl]).apply((places) =>
          contentSecurityPolicy(places.map((place) => `${place}/`)),
        ),
      });
      new aws.s3.BucketObjectv2("ConsoleConfig", {
        bucket: site.nodes.assets?.name ?? "",
        key: "runtime/config.json",
        content: configOf(backend),
        contentType: "application/json",
        cacheControl: "no-store",
      });
    },
  };
}

/**
 * The API comes after the distribution, so that the distribution's own policy cannot name it. This
 * function reads that header from a store, which is written last. It runs after the policy below
 * has been applied, and not for errors. (SST's `edge.viewerResponse` would do the same, but would
 * not make the function depend on the store.)
 * @see https://aws.amazon.com/blogs/networking-and-content-delivery/amazon-cloudfront-introduces-response-headers-policies/
 */
const NAME_THE_API = `
import cf from "cloudfront";
async function handler(event) {
  try {
    const value = await cf.kvs().get("content-security-policy");
    event.response.headers["content-security-policy"] = { value };
  } catch (error) {
    console.log("no content-security-policy: " + error);
  }
  return event.response;
}`;

/**
 * The headers that do not depend on the API. Without the store's, the page may do nothing at all.
 */
function fixedHeaders(): aws.cloudfront.ResponseHeadersPolicy {
  const override = true;
  return new aws.cloudfront.ResponseHeadersPolicy("ConsolePolicy", {
    name: physicalName("Console"),
    comment: "Strict headers for the console",
    securityHeadersConfig: {
      contentSecurityPolicy: { contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'", override },
      contentTypeOptions: { override },
      frameOptions: { frameOption: "DENY", override },
      referrerPolicy: { referrerPolicy: "no-referrer", override },
      strictTransportSecurity: { accessControlMaxAgeSec: TWO_YEARS, override },
    },
    customHeadersConfig: {
      items: [
        { header: "cross-origin-opener-policy", value: "same-origin", override },
        { header: "cross-origin-resource-policy", value: "same-origin", override },
      ],
    },
  });
}

function readBy(distributions: $util.Output<string>) {
  return {
    actions: ["s3:GetObject"],
    principals: [{ type: "service" as const, identifiers: ["cloudfront.amazonaws.com"] }],
    conditions: [{ test: "ArnLike", variable: "aws:SourceArn", values: [distributions] }],
    paths: ["*"],
  };
}

/** What packages/console/src/data/config.ts reads at start. */
function configOf({ url, issuer, webClientId, accessLogGroup }: Backend): $util.Output<string> {
  const { region } = aws.getRegionOutput();
  return $jsonStringify({
    app: $app.name,
    apiUrl: url,
    issuer,
    clientId: webClientId,
    stage: $app.stage,
    region,
    accessLogGroup,
    offline: false,
  });
}
