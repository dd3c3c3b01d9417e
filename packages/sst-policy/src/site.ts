import type { Resource, Value } from "@backend/sst-graph/graph";
import { isJsonText } from "@backend/sst-graph/reference";
import { isKnownAddress, isOwnHost } from "./addresses";
import { findPolicyFaults } from "./content-security-policy";
import { behavioursOf, CDN, checkCdns } from "./edge";
import { addsStoredHeader } from "./edge-code";
import type { Finding, Rule } from "./rule";
import { entriesOf, expectThat, flag, inputListOf, inputOf, itemsOf, targetOf, textOf, type View } from "./view";

const HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy";
const FUNCTION = "aws:cloudfront/function:Function";
const OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2";
const ENTRY = "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey";
const CSP = "content-security-policy";
const YEAR_SECONDS = 365 * 24 * 60 * 60;
const REFERRER_POLICIES = ["no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"];

export const SITE_RULES: Rule[] = [
  {
    id: "response-headers-own",
    severity: "medium",
    title: "A site has a response headers policy of this deployment; an API has one of this deployment or none",
    reason:
      "Without a policy, other sites can frame a page, and browsers guess content types. Some of AWS's own " +
      "policies let every page read the responses.",
    fix: "Set responseHeadersPolicyId of each cache behavior to a policy of this deployment.",
    check: checkCdns((view, cdn) =>
      behavioursOf(cdn).flatMap((path) => {
        const property = `${path}.responseHeadersPolicyId`;
        const policy = inputOf(cdn, property);
        if (policy === undefined && !servesSite(view, cdn, path)) return [];
        return targetOf(view, policy)?.resource.type === HEADERS
          ? []
          : [flag(cdn, property, "expected a response headers policy of this deployment")];
      }),
    ),
  },
  {
    id: "response-headers-strict",
    severity: "medium",
    title: "A response headers policy is strict, and overrides the headers of the files",
    reason:
      "Pages are attacked through frames, guessed content types, addresses in referrers and requests without TLS.",
    fix: "In the policy's securityHeadersConfig, set each header with override.",
    check: (view) => view.all(HEADERS).flatMap((policy) => headerFindings(view, policy)),
  },
  {
    id: "console-policy-strict",
    severity: "high",
    title: "A page that signs users in runs only its own scripts, and sends data only to this deployment",
    reason: "A script from elsewhere can read the user's token. So can any server to which the page may send requests.",
    fix:
      "In contentSecurityPolicy, allow only 'self' for scripts, and only this deployment's addresses for " +
      "connect-src.",
    check: (view) => [...fixedPolicies(view), ...storedPolicies(view)],
  },
  {
    id: "site-data-own",
    severity: "high",
    title: "Data that a deployment writes next to a site contains only this deployment's addresses, and no code",
    reason: "A page that reads another API or issuer from it sends users' tokens there.",
    fix: "Take each address from the outputs of its resource.",
    check: (view) => [
      ...view.all(OBJECT).flatMap((object) => objectFindings(view, object)),
      ...view.all("pulumi-nodejs:dynamic:Resource").flatMap((step) => routingFindings(view, step)),
    ],
  },
];

/** True if a cache behaviour serves files: SST's function finds them, or the origin is a bucket. */
function servesSite(view: View, cdn: Resource, path: string): boolean {
  const id = inputOf(cdn, `${path}.targetOriginId`);
  const at = inputListOf(cdn, "origins").findIndex((_one, index) => inputOf(cdn, `origins.${index}.originId`) === id);
  const host = inputOf(cdn, `origins.${at}.domainName`);
  return textOf(host) === "placeholder.sst.dev" || targetOf(view, host)?.resource.type.startsWith("aws:s3/") === true;
}

function headerFindings(view: View, policy: Resource): Finding[] {
  const expectHeader = (name: string, test: (value: Value | undefined) => boolean, message: string) =>
    expectThat(view, policy, `securityHeadersConfig.${name}`, test, message);
  const overrides = [
    "contentTypeOptions",
    "frameOptions",
    "referrerPolicy",
    "strictTransportSecurity",
    "contentSecurityPolicy",
  ];
  const origins = itemsOf(inputOf(policy, "corsConfig.accessControlAllowOrigins.items"));
  return [
    ...overrides.flatMap((name) =>
      inputOf(policy, `securityHeadersConfig.${name}`) === undefined
        ? [flag(policy, `securityHeadersConfig.${name}`, "expected the header")]
        : expectHeader(`${name}.override`, (value) => value === true, "expected true"),
    ),
    ...expectHeader("contentSecurityPolicy.contentSecurityPolicy", (value) => value !== undefined, "expected a policy"),
    ...expectHeader(
      "frameOptions.frameOption",
      (value) => value === "DENY" || value === "SAMEORIGIN",
      "expected DENY or SAMEORIGIN",
    ),
    ...expectHeader(
      "referrerPolicy.referrerPolicy",
      (value) => REFERRER_POLICIES.includes(String(value)),
      `expected ${REFERRER_POLICIES.join(", ")}`,
    ),
    ...expectHeader(
      "strictTransportSecurity.accessControlMaxAgeSec",
      (seconds) => Number(seconds) >= YEAR_SECONDS,
      `expected at least ${YEAR_SECONDS}, a year`,
    ),
    ...origins
      .filter((origin) => !isKnownAddress(view, textOf(origin) ?? ""))
      .map((origin) =>
        flag(policy, "corsConfig.accessControlAllowOrigins", `"${textOf(origin)}" may read the responses`),
      ),
  ];
}

/** Checks policies that are stated in a response headers policy. */
function fixedPolicies(view: View): Finding[] {
  return view.all(HEADERS).flatMap((policy) => {
    const path = "securityHeadersConfig.contentSecurityPolicy.contentSecurityPolicy";
    const value = textOf(inputOf(policy, path));
    return value === undefined ? [] : findPolicyFaults(view, value).map((fault) => flag(policy, path, fault));
  });
}

/** Checks policies in a key-value store: a function must add them to every response. */
function storedPolicies(view: View): Finding[] {
  const readers = view
    .all(FUNCTION)
    .filter((reader) => isUsed(view, reader) && addsStoredHeader(String(inputOf(reader, "code")), CSP));
  const entries = view.all(ENTRY).filter((entry) => inputOf(entry, "key") === CSP);
  return [
    ...entries.flatMap((entry) => {
      const store = targetOf(view, inputOf(entry, "keyValueStoreArn"))?.resource;
      const isAdded = readers.some(
        (reader) =>
          inputListOf(reader, "keyValueStoreAssociations").some((one) => targetOf(view, one)?.resource === store) &&
          runsForAll(view, reader),
      );
      return [
        ...findPolicyFaults(view, textOf(inputOf(entry, "value")) ?? "").map((fault) => flag(entry, "value", fault)),
        ...(isAdded ? [] : [flag(entry, "key", "no function adds the policy to every response")]),
      ];
    }),
    ...readers
      .filter(
        (reader) =>
          !entries.some((entry) =>
            storeOf(view, reader).includes(targetOf(view, inputOf(entry, "keyValueStoreArn"))?.resource),
          ),
      )
      .map((reader) => flag(reader, "keyValueStoreAssociations", "reads a policy that nothing writes")),
  ];
}

/** True if a distribution runs the function for responses. */
function isUsed(view: View, reader: Resource): boolean {
  return view.all(CDN).some((cdn) => behavioursOf(cdn).some((path) => runsFor(view, cdn, path, reader)));
}

const storeOf = (view: View, reader: Resource) =>
  inputListOf(reader, "keyValueStoreAssociations").map((one) => targetOf(view, one)?.resource);

/** True if a distribution runs the function for the responses of all its cache behaviours. */
function runsForAll(view: View, reader: Resource): boolean {
  return view.all(CDN).some((cdn) => behavioursOf(cdn).every((path) => runsFor(view, cdn, path, reader)));
}

function runsFor(view: View, cdn: Resource, path: string, reader: Resource): boolean {
  return inputListOf(cdn, `${path}.functionAssociations`).some(
    (_one, at) =>
      inputOf(cdn, `${path}.functionAssociations.${at}.eventType`) === "viewer-response" &&
      targetOf(view, inputOf(cdn, `${path}.functionAssociations.${at}.functionArn`))?.resource === reader,
  );
}

function objectFindings(view: View, object: Resource): Finding[] {
  const content = inputOf(object, "content") ?? inputOf(object, "contentBase64");
  if (content === undefined) return [];
  const json = parseJson(content);
  if (json === undefined) return [flag(object, "content", "expected JSON: code of a site comes from its build")];
  return addressesIn(json)
    .filter((address) => !isKnownAddress(view, address))
    .map((address) => flag(object, "content", `contains "${address}", which is not part of this deployment`));
}

function parseJson(content: Value): Value | undefined {
  if (typeof content === "object" && content !== null && !Array.isArray(content) && isJsonText(content))
    return content.json;
  try {
    return typeof content === "string" ? (JSON.parse(content) as Value) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the texts that are an address, of any scheme. */
function addressesIn(value: Value): string[] {
  const text = textOf(value);
  if (text !== undefined) return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? [text] : [];
  return Array.isArray(value) ? value.flatMap(addressesIn) : entriesOf(value).flatMap(([, item]) => addressesIn(item));
}

/**
 * Checks the hosts at which SST's function finds a site's files and servers, in its key-value
 * store.
 */
function routingFindings(view: View, step: Resource): Finding[] {
  return entriesOf(inputOf(step, "entries")).flatMap(([key, value]) =>
    hostsIn(parseJson(value) ?? null)
      .filter((host) => !isOwnHost(view, host))
      .map((host) => flag(step, `entries.${key}`, `contains the host "${host}", which is not part of this deployment`)),
  );
}

function hostsIn(value: Value): string[] {
  if (Array.isArray(value)) return value.flatMap(hostsIn);
  return entriesOf(value).flatMap(([key, item]) => {
    const text = textOf(item);
    return ["domain", "host"].includes(key) && text !== undefined ? [text] : hostsIn(item);
  });
}
