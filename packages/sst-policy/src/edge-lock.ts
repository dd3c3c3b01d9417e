import type { Resource, Value } from "@backend/sst-graph/graph";
import { splitPieces } from "@backend/sst-graph/reference";
import { behavioursOf, CDN, checkCdns } from "./edge";
import { findRequestFault } from "./edge-code";
import type { EdgeLock } from "./promises";
import type { Finding, Rule } from "./rule";
import { expectThat, flag, inputListOf, inputOf, targetOf, textOf, type View } from "./view";

const APIS = ["aws:apigatewayv2/api:Api", "aws:apigatewayv2/domainName:DomainName"];
/**
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
 */
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";

export const EDGE_LOCK_RULES: Rule[] = [
  {
    id: "edge-locked",
    severity: "high",
    title:
      "An edge sends the API a secret and the viewer's real address, and the function of every route knows " +
      "the secret",
    reason: "WAF cannot protect an HTTP API directly. Callers who find the API's own address would bypass the edge.",
    fix: "Send the secret in a header of the origin, and pass it to the function in an environment variable.",
    check: (view) => [...view.all(CDN).flatMap((cdn) => lockFindings(view, cdn)), ...lockedFor(view)],
  },
  {
    id: "edge-headers",
    severity: "high",
    title: "An edge adds only its secret header to requests for the API",
    reason:
      "CloudFront replaces the caller's headers with those of the origin. A token or address there would " +
      "apply to every caller.",
    fix: "Remove all other headers from the origin's customHeaders.",
    check: checkCdns((view, cdn) =>
      apiOrigins(view, cdn).flatMap((at) =>
        (inputListOf(cdn, `origins.${at}.customHeaders`) as Record<string, Value>[])
          .filter(({ name }) => String(name).toLowerCase() !== view.promises.edge?.secretHeader)
          .map(({ name }) => flag(cdn, `origins.${at}.customHeaders`, `adds the header "${textOf(name)}"`)),
      ),
    ),
  },
  {
    id: "edge-caches-nothing",
    severity: "high",
    title: "An edge in front of the API caches nothing, on any path",
    reason: "The cache key does not include Authorization, so one caller would get another caller's response.",
    fix: "Set the route's cachePolicy to Managed-CachingDisabled.",
    check: checkCdns((view, cdn) =>
      apiBehaviours(view, cdn).flatMap((path) =>
        expectThat(
          view,
          cdn,
          `${path}.cachePolicyId`,
          (id) => id === CACHING_DISABLED,
          "expected Managed-CachingDisabled",
        ),
      ),
    ),
  },
];

/** Returns the indexes of the origins that are an API. */
function apiOrigins(view: View, cdn: Resource): number[] {
  const domains = view
    .all("aws:apigatewayv2/domainName:DomainName")
    .map((domain) => textOf(inputOf(domain, "domainName")));
  const hosts = inputListOf(cdn, "origins").map(
    (_origin, at) => textOf(inputOf(cdn, `origins.${at}.domainName`)) ?? "",
  );
  return hosts.flatMap((host, at) => {
    const [first] = splitPieces(host);
    const owner =
      first !== undefined && "ref" in first ? view.get(first.ref.slice(0, first.ref.lastIndexOf("#"))) : undefined;
    const isApi = APIS.includes(owner?.type ?? "") || /\.execute-api\.[a-z0-9-]+\.amazonaws\.com$/.test(host);
    return isApi || domains.includes(host) ? [at] : [];
  });
}

/** Returns the paths of the cache behaviours whose requests reach an API. */
function apiBehaviours(view: View, cdn: Resource): string[] {
  const ids = apiOrigins(view, cdn).map((at) => inputOf(cdn, `origins.${at}.originId`));
  return behavioursOf(cdn).filter((path) => ids.includes(inputOf(cdn, `${path}.targetOriginId`)));
}

function lockFindings(view: View, cdn: Resource): Finding[] {
  const lock = view.promises.edge;
  if (lock === undefined) {
    const message = "expected `edge` in the project's promises, with the header and variable of the secret";
    return apiOrigins(view, cdn).map((at) => flag(cdn, `origins.${at}.customHeaders`, message));
  }
  const integrations = view.all("aws:apigatewayv2/integration:Integration");
  const secrets = apiOrigins(view, cdn).flatMap((at) => {
    const headers = inputListOf(cdn, `origins.${at}.customHeaders`) as Record<string, Value>[];
    const secret = headers.filter(({ name }) => name === lock.secretHeader).map(({ value }) => textOf(value))[0];
    if (secret === undefined)
      return [flag(cdn, `origins.${at}.customHeaders`, `expected ${lock.secretHeader} with a secret`)];
    return integrations.flatMap((integration) => {
      const lambda = targetOf(view, inputOf(integration, "integrationUri"))?.resource;
      const path = `environment.variables.${lock.variable}`;
      const accepted = lambda && (textOf(inputOf(lambda, path)) ?? "");
      return lambda === undefined || accepted?.split(" ").includes(secret)
        ? []
        : [flag(lambda, path, "expected the secret that the edge sends")];
    });
  });
  return [...secrets, ...apiBehaviours(view, cdn).flatMap((path) => addressFindings(view, cdn, path, lock))];
}

/** Runs the first viewer-request function, because its text does not show what it does. */
function addressFindings(view: View, cdn: Resource, path: string, lock: EdgeLock): Finding[] {
  const property = `${path}.functionAssociations`;
  const associations = inputListOf(cdn, property) as Record<string, Value>[];
  const onRequest = associations.filter(({ eventType }) => eventType === "viewer-request");
  const code = onRequest.map(({ functionArn }) => targetOf(view, functionArn)?.resource.inputs.code)[0];
  const fault =
    typeof code === "string" ? findRequestFault(code, lock) : `expected a function that sets ${lock.addressHeader}`;
  return fault === undefined ? [] : [flag(cdn, property, fault)];
}

/** Functions that ask for a secret which no edge sends answer nobody. */
function lockedFor(view: View): Finding[] {
  const lock = view.promises.edge;
  if (lock === undefined || view.all(CDN).some((cdn) => apiOrigins(view, cdn).length > 0)) return [];
  const path = `environment.variables.${lock.variable}`;
  const locked = view
    .all("aws:lambda/function:Function")
    .filter((lambda) => ![undefined, "none"].includes(textOf(inputOf(lambda, path))));
  return locked.map((lambda) => flag(lambda, path, "expected an edge in front of the API that sends the secret"));
}
