import type { Resource, Value } from "@backend/sst-graph/graph";
import { splitPieces } from "@backend/sst-graph/reference";
import { behavioursOf, CDN, ofCdns } from "./edge";
import { requestFault } from "./edge-code";
import type { EdgeLock } from "./promises";
import type { Finding, Rule } from "./rule";
import { expectThat, found, raw, rawList, targetOf, type View, written } from "./view";

const APIS = ["aws:apigatewayv2/api:Api", "aws:apigatewayv2/domainName:DomainName"];
/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";

export const EDGE_LOCK_RULES: Rule[] = [
  {
    id: "edge-locked",
    severity: "high",
    title:
      "An edge in front of the API sends a secret and the viewer's true address, and every function of a route knows the secret",
    reason: "WAF cannot stand in front of an HTTP API: who finds the API's own address would go around it.",
    fix: "Send the secret in a header of the origin, and pass it to the function in a variable.",
    check: (view) => [...view.all(CDN).flatMap((cdn) => lockFindings(view, cdn)), ...lockedFor(view)],
  },
  {
    id: "edge-headers",
    severity: "high",
    title: "An edge adds its secret to requests for the API, and no other header",
    reason: "CloudFront puts an origin's headers over those of the caller: a token or an address there is everybody's.",
    fix: "Remove every other header from customHeaders of the origin.",
    check: ofCdns((view, cdn) =>
      apiOrigins(view, cdn).flatMap((at) =>
        (rawList(cdn, `origins.${at}.customHeaders`) as Record<string, Value>[])
          .filter(({ name }) => String(name).toLowerCase() !== view.promises.edge?.secretHeader)
          .map(({ name }) => found(cdn, `origins.${at}.customHeaders`, `adds the header "${written(name)}"`)),
      ),
    ),
  },
  {
    id: "edge-caches-nothing",
    severity: "high",
    title: "An edge in front of the API caches nothing, whatever the path",
    reason: "Its key has no Authorization: one caller's answer would be another's.",
    fix: "Set the route's cachePolicy to Managed-CachingDisabled.",
    check: ofCdns((view, cdn) =>
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

/** Positions of the origins that are an API. */
function apiOrigins(view: View, cdn: Resource): number[] {
  const domains = view
    .all("aws:apigatewayv2/domainName:DomainName")
    .map((domain) => written(raw(domain, "domainName")));
  const hosts = rawList(cdn, "origins").map((_origin, at) => written(raw(cdn, `origins.${at}.domainName`)) ?? "");
  return hosts.flatMap((host, at) => {
    const [first] = splitPieces(host);
    const owner =
      first !== undefined && "ref" in first ? view.get(first.ref.slice(0, first.ref.lastIndexOf("#"))) : undefined;
    const isApi = APIS.includes(owner?.type ?? "") || /\.execute-api\.[a-z0-9-]+\.amazonaws\.com$/.test(host);
    return isApi || domains.includes(host) ? [at] : [];
  });
}

/** Cache behaviours whose requests reach an API. */
function apiBehaviours(view: View, cdn: Resource): string[] {
  const ids = apiOrigins(view, cdn).map((at) => raw(cdn, `origins.${at}.originId`));
  return behavioursOf(cdn).filter((path) => ids.includes(raw(cdn, `${path}.targetOriginId`)));
}

function lockFindings(view: View, cdn: Resource): Finding[] {
  const lock = view.promises.edge;
  if (lock === undefined) {
    const message = "expected the project's promises to name the header and the variable of the edge's secret";
    return apiOrigins(view, cdn).map((at) => found(cdn, `origins.${at}.customHeaders`, message));
  }
  const integrations = view.all("aws:apigatewayv2/integration:Integration");
  const secrets = apiOrigins(view, cdn).flatMap((at) => {
    const headers = rawList(cdn, `origins.${at}.customHeaders`) as Record<string, Value>[];
    const secret = headers.filter(({ name }) => name === lock.secretHeader).map(({ value }) => written(value))[0];
    if (secret === undefined)
      return [found(cdn, `origins.${at}.customHeaders`, `expected ${lock.secretHeader} with a secret`)];
    return integrations.flatMap((integration) => {
      const lambda = targetOf(view, raw(integration, "integrationUri"))?.resource;
      const path = `environment.variables.${lock.variable}`;
      const known = lambda && (written(raw(lambda, path)) ?? "");
      return lambda === undefined || known?.split(" ").includes(secret)
        ? []
        : [found(lambda, path, "expected the secret that the edge sends")];
    });
  });
  return [...secrets, ...apiBehaviours(view, cdn).flatMap((path) => addressFindings(view, cdn, path, lock))];
}

/** The function that answers a viewer's request first is run: what it does cannot be read off its text. */
function addressFindings(view: View, cdn: Resource, path: string, lock: EdgeLock): Finding[] {
  const place = `${path}.functionAssociations`;
  const associations = rawList(cdn, place) as Record<string, Value>[];
  const onRequest = associations.filter(({ eventType }) => eventType === "viewer-request");
  const code = onRequest.map(({ functionArn }) => targetOf(view, functionArn)?.resource.inputs.code)[0];
  const fault =
    typeof code === "string" ? requestFault(code, lock) : `expected a function that sets ${lock.addressHeader}`;
  return fault === undefined ? [] : [found(cdn, place, fault)];
}

/** Functions that ask for a secret which no edge sends answer nobody. */
function lockedFor(view: View): Finding[] {
  const lock = view.promises.edge;
  if (lock === undefined || view.all(CDN).some((cdn) => apiOrigins(view, cdn).length > 0)) return [];
  const path = `environment.variables.${lock.variable}`;
  const asking = view
    .all("aws:lambda/function:Function")
    .filter((lambda) => ![undefined, "none"].includes(written(raw(lambda, path))));
  return asking.map((lambda) => found(lambda, path, "expected an edge in front of the API that sends it"));
}
