import type { Resource, Value } from "@backend/sst-graph/graph";
import { isJsonText } from "@backend/sst-graph/reference";
import { isKnownAddress, isOwnHost } from "./addresses";
import { policyFaults } from "./content-security-policy";
import { behavioursOf, CDN, ofCdns } from "./edge";
import { addsStoredHeader } from "./edge-code";
import type { Finding, Rule } from "./rule";
import { entriesOf, expectThat, found, itemsOf, raw, rawList, targetOf, type View, written } from "./view";

const HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy";
const FUNCTION = "aws:cloudfront/function:Function";
const OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2";
const ENTRY = "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey";
const CSP = "content-security-policy";
const YEAR = 365 * 24 * 60 * 60;
const REFERRER_POLICIES = ["no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"];

export const SITE_RULES: Rule[] = [
  {
    id: "response-headers-own",
    severity: "medium",
    title: "A site has a response headers policy of this deployment; an API has that or none",
    reason:
      "Without one a page may be framed and its types guessed; one of AWS's own lets every page read the answers.",
    fix: "Set responseHeadersPolicyId of each cache behavior to a policy of this deployment.",
    check: ofCdns((view, cdn) =>
      behavioursOf(cdn).flatMap((path) => {
        const place = `${path}.responseHeadersPolicyId`;
        const policy = raw(cdn, place);
        if (policy === undefined && !servesSite(view, cdn, path)) return [];
        return targetOf(view, policy)?.resource.type === HEADERS
          ? []
          : [found(cdn, place, "expected a response headers policy of this deployment")];
      }),
    ),
  },
  {
    id: "response-headers-strict",
    severity: "medium",
    title: "A response headers policy is strict, and holds against what files say",
    reason: "Frames, guessed types, addresses in referrers and requests without TLS are how a page is attacked.",
    fix: "Set each header in securityHeadersConfig of the policy, with override.",
    check: (view) => view.all(HEADERS).flatMap((policy) => headerFindings(view, policy)),
  },
  {
    id: "console-policy-strict",
    severity: "high",
    title: "A page that signs people in runs its own scripts only, and sends what it knows to this deployment only",
    reason: "A script from elsewhere has the person's token; so has whoever the page may send requests to.",
    fix: "Allow only 'self' for scripts in contentSecurityPolicy, and only this deployment's addresses for connect-src.",
    check: (view) => [...fixedPolicies(view), ...storedPolicies(view)],
  },
  {
    id: "site-data-own",
    severity: "high",
    title: "Data that a deployment writes beside a site names this deployment's addresses, and is no code",
    reason: "A page that reads another API or issuer sends people's tokens there.",
    fix: "Take each address from the outputs of the resource that has it.",
    check: (view) => [
      ...view.all(OBJECT).flatMap((object) => objectFindings(view, object)),
      ...view.all("pulumi-nodejs:dynamic:Resource").flatMap((step) => routingFindings(view, step)),
    ],
  },
];

/** True if requests of a cache behaviour get files: a function of SST's finds them, or the origin is a bucket. */
function servesSite(view: View, cdn: Resource, path: string): boolean {
  const id = raw(cdn, `${path}.targetOriginId`);
  const at = rawList(cdn, "origins").findIndex((_one, index) => raw(cdn, `origins.${index}.originId`) === id);
  const host = raw(cdn, `origins.${at}.domainName`);
  return written(host) === "placeholder.sst.dev" || targetOf(view, host)?.resource.type.startsWith("aws:s3/") === true;
}

function headerFindings(view: View, policy: Resource): Finding[] {
  const header = (name: string, test: (value: Value | undefined) => boolean, message: string) =>
    expectThat(view, policy, `securityHeadersConfig.${name}`, test, message);
  const overrides = [
    "contentTypeOptions",
    "frameOptions",
    "referrerPolicy",
    "strictTransportSecurity",
    "contentSecurityPolicy",
  ];
  const origins = itemsOf(raw(policy, "corsConfig.accessControlAllowOrigins.items"));
  return [
    ...overrides.flatMap((name) =>
      raw(policy, `securityHeadersConfig.${name}`) === undefined
        ? [found(policy, `securityHeadersConfig.${name}`, "expected the header")]
        : header(`${name}.override`, (value) => value === true, "expected it to hold against what files say"),
    ),
    ...header("contentSecurityPolicy.contentSecurityPolicy", (value) => value !== undefined, "expected a policy"),
    ...header("frameOptions.frameOption", (value) => value === "DENY" || value === "SAMEORIGIN", "expected DENY"),
    ...header(
      "referrerPolicy.referrerPolicy",
      (value) => REFERRER_POLICIES.includes(String(value)),
      `expected ${REFERRER_POLICIES.join(", ")}`,
    ),
    ...header(
      "strictTransportSecurity.accessControlMaxAgeSec",
      (seconds) => Number(seconds) >= YEAR,
      "expected a year at least",
    ),
    ...origins
      .filter((origin) => !isKnownAddress(view, written(origin) ?? ""))
      .map((origin) =>
        found(policy, "corsConfig.accessControlAllowOrigins", `"${written(origin)}" may read the answers`),
      ),
  ];
}

/** The policy that an answer has before anything else adds one. */
function fixedPolicies(view: View): Finding[] {
  return view.all(HEADERS).flatMap((policy) => {
    const path = "securityHeadersConfig.contentSecurityPolicy.contentSecurityPolicy";
    const value = written(raw(policy, path));
    return value === undefined ? [] : policyFaults(view, value).map((fault) => found(policy, path, fault));
  });
}

/** The policy that a function takes from a key-value store: the store has it, and the function is asked. */
function storedPolicies(view: View): Finding[] {
  const readers = view
    .all(FUNCTION)
    .filter((reader) => isUsed(view, reader) && addsStoredHeader(String(raw(reader, "code")), CSP));
  const entries = view.all(ENTRY).filter((entry) => raw(entry, "key") === CSP);
  return [
    ...entries.flatMap((entry) => {
      const store = targetOf(view, raw(entry, "keyValueStoreArn"))?.resource;
      const read = readers.some(
        (reader) =>
          rawList(reader, "keyValueStoreAssociations").some((one) => targetOf(view, one)?.resource === store) &&
          answersAll(view, reader),
      );
      return [
        ...policyFaults(view, written(raw(entry, "value")) ?? "").map((fault) => found(entry, "value", fault)),
        ...(read ? [] : [found(entry, "key", "no function adds the policy to every answer")]),
      ];
    }),
    ...readers
      .filter(
        (reader) =>
          !entries.some((entry) =>
            storeOf(view, reader).includes(targetOf(view, raw(entry, "keyValueStoreArn"))?.resource),
          ),
      )
      .map((reader) => found(reader, "keyValueStoreAssociations", "reads a policy that nothing writes")),
  ];
}

/** True if a distribution runs the function for answers. */
function isUsed(view: View, reader: Resource): boolean {
  return view.all(CDN).some((cdn) => behavioursOf(cdn).some((path) => answersBy(view, cdn, path, reader)));
}

const storeOf = (view: View, reader: Resource) =>
  rawList(reader, "keyValueStoreAssociations").map((one) => targetOf(view, one)?.resource);

/** True if a distribution runs the function for the answers of each of its cache behaviours. */
function answersAll(view: View, reader: Resource): boolean {
  return view.all(CDN).some((cdn) => behavioursOf(cdn).every((path) => answersBy(view, cdn, path, reader)));
}

function answersBy(view: View, cdn: Resource, path: string, reader: Resource): boolean {
  return rawList(cdn, `${path}.functionAssociations`).some(
    (_one, at) =>
      raw(cdn, `${path}.functionAssociations.${at}.eventType`) === "viewer-response" &&
      targetOf(view, raw(cdn, `${path}.functionAssociations.${at}.functionArn`))?.resource === reader,
  );
}

function objectFindings(view: View, object: Resource): Finding[] {
  const content = raw(object, "content") ?? raw(object, "contentBase64");
  if (content === undefined) return [];
  const json = jsonOf(content);
  if (json === undefined) return [found(object, "content", "expected JSON: code of a site comes from its build")];
  return addressesIn(json)
    .filter((address) => !isKnownAddress(view, address))
    .map((address) => found(object, "content", `names "${address}", which is not this deployment's`));
}

function jsonOf(content: Value): Value | undefined {
  if (typeof content === "object" && content !== null && !Array.isArray(content) && isJsonText(content))
    return content.json;
  try {
    return typeof content === "string" ? (JSON.parse(content) as Value) : undefined;
  } catch {
    return undefined;
  }
}

/** Texts that are an address: of any scheme. A reference alone is one if it turns out to be. */
function addressesIn(value: Value): string[] {
  const text = written(value);
  if (text !== undefined) return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? [text] : [];
  return Array.isArray(value) ? value.flatMap(addressesIn) : entriesOf(value).flatMap(([, item]) => addressesIn(item));
}

/** Where SST's function looks for a site's files and servers: `metadata` of its key-value store. */
function routingFindings(view: View, step: Resource): Finding[] {
  return entriesOf(raw(step, "entries")).flatMap(([key, value]) =>
    hostsIn(jsonOf(value) ?? null)
      .filter((host) => !isOwnHost(view, host))
      .map((host) => found(step, `entries.${key}`, `names the host "${host}", which is not this deployment's`)),
  );
}

function hostsIn(value: Value): string[] {
  if (Array.isArray(value)) return value.flatMap(hostsIn);
  return entriesOf(value).flatMap(([key, item]) => {
    const text = written(item);
    return ["domain", "host"].includes(key) && text !== undefined ? [text] : hostsIn(item);
  });
}
