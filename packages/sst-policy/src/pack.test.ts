import type { Graph, Value } from "@backend/sst-graph/graph";
import { isObject, isReference, isSecret } from "@backend/sst-graph/reference";
import { resolve } from "@backend/sst-graph/resolve";
import { APP, recordedGraph } from "@backend/testing/recorded";
import { PROMISES } from "@backend/testing/recorded-promises";
import { describe, expect, it } from "vitest";
import { policies } from "./pack";
import type { PulumiResource } from "./pulumi";

const promises = PROMISES;
const prod = recordedGraph("prod");

/** The declared inputs by URN, and the stack that the engine shows at the end. */
interface Shown {
  inputs: Map<string, object>;
  stack: PulumiResource[];
}

/**
 * Returns a deployed stack as the engine shows it, with all values known.
 *
 * @param ids by output name, instead of the generated ones
 */
function deployed(graph: Graph, ids: Record<string, string> = {}): Shown {
  const { resources } = resolve(graph, ids);
  const inputs = new Map(resources.map((one) => [one.urn, { ...one.inputs, __defaults: ["name"] }]));
  const stack = resources.map(({ urn, type, name, parent, inputs, outputs }) => ({
    ...{ urn, type, name, props: { ...inputs, ...outputs } },
    ...(parent !== undefined && { parent: { urn: parent } }),
    dependencies: dependenciesOf(graph, urn),
    propertyDependencies: propertyDependenciesOf(graph, urn),
  }));
  const tags = { urn: "urn:pulumi:prod::app::pulumi:providers:aws::default", name: "default" };
  const provider = { ...tags, type: "pulumi:providers:aws", dependencies: [] };
  return { inputs, stack: [...stack, { ...provider, props: { defaultTags: JSON.stringify({ tags: graph.tags }) } }] };
}

/** The engine also lists the resources that properties refer to as dependencies. */
function dependenciesOf(graph: Graph, urn: string): { urn: string }[] {
  const { inputs = {}, dependsOn = [] } = graph.resources.find((one) => one.urn === urn) ?? {};
  return [...dependsOn.map((one) => ({ urn: one })), ...referredBy(inputs)];
}

/** https://www.pulumi.com/docs/reference/pkg/nodejs/pulumi/policy/interfaces/PolicyResource.html */
function propertyDependenciesOf(graph: Graph, urn: string): Record<string, { urn: string }[]> {
  const { inputs = {} } = graph.resources.find((one) => one.urn === urn) ?? {};
  return Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, referredBy(value)]));
}

const referredBy = (value: Value) =>
  [...JSON.stringify(value).matchAll(/(urn:pulumi:[^"#}]+)#/g)].map(([, urn = ""]) => ({ urn }));

/**
 * IDs such as AWS generates:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
const MADE = [
  ...["aws:apigatewayv2/integration:Integration", "aws:apigatewayv2/route:Route"],
  ...["aws:apigatewayv2/authorizer:Authorizer", "aws:cognito/userPoolClient:UserPoolClient"],
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
];

/** Returns IDs with characters of one alphabet only. */
function idsOf(graph: Graph, alphabet: string): Record<string, string> {
  const made = graph.resources.filter(({ type }) => MADE.includes(type));
  return Object.fromEntries(made.map(({ urn }, at) => [`${urn}#id`, wordOf(at, alphabet)]));
}

function wordOf(number: number, alphabet: string): string {
  const digits = Array.from({ length: 7 }, (_one, place) => Math.floor(number / alphabet.length ** place));
  return digits.map((digit) => alphabet[digit % alphabet.length]).join("");
}

/**
 * Returns the stack of a first `sst diff`. Reading a value that AWS will generate throws, as in
 * `@pulumi/policy`.
 */
function planned(graph: Graph): Shown {
  const inputs = new Map(graph.resources.map(({ urn, inputs }) => [urn, shown(inputs) as object]));
  const stack = graph.resources.map(({ urn, type, name }) => ({
    ...{ urn, type, name, props: inputs.get(urn) ?? {} },
    dependencies: dependenciesOf(graph, urn),
  }));
  return { inputs, stack };
}

function shown(value: Value): unknown {
  if (value === null || typeof value !== "object") return value;
  if ("json" in value) return JSON.stringify(value.json);
  return new Proxy(value, {
    get: (holder, key) => {
      const item = (holder as Record<string | symbol, Value>)[key];
      if (typeof key === "string" && isLater(item))
        throw new Error(`string value at .${key} can't be known during preview`);
      return typeof key === "string" && Object.hasOwn(holder, key) ? shown(item as Value) : item;
    },
  });
}

function isLater(value: Value | undefined): boolean {
  if (typeof value === "string") return value.includes("${urn:");
  if (value === undefined || value === null || !isObject(value)) return false;
  const text = JSON.stringify(value);
  return (
    isReference(value) || isSecret(value) || ("json" in value && (text.includes('"ref":') || text.includes("${urn:")))
  );
}

function run({ inputs, stack }: Shown) {
  const reports = { mandatory: [] as string[], advisory: [] as string[] };
  for (const { enforcementLevel, validateResource, validateStack } of policies(promises, "2026-11-24")) {
    for (const [urn, props] of inputs) validateResource?.({ urn, props });
    validateStack?.({ resources: stack }, (message, urn = "stage") =>
      reports[enforcementLevel].push(`${/^\[([\w-]+),/.exec(message)?.[1]} ${urn.split("::").at(-1)}`),
    );
  }
  return reports;
}

/** Returns prod with changed inputs of one resource. */
function changed(name: string, change: Record<string, Value>): Graph {
  const resources = prod.resources.map((one) =>
    one.name === name ? { ...one, inputs: { ...one.inputs, ...change } } : one,
  );
  return { ...prod, resources };
}

const OPEN = { authorizationType: "NONE", authorizationScopes: [] };
const rulesOf = (lines: string[]) => new Set(lines.map((line) => line.split(" ")[0]));

describe("the rules as a Pulumi policy pack", () => {
  it("find nothing in a deployed prod, as in its graph, except undetermined retention", () => {
    const { mandatory, advisory } = run(deployed(prod));
    expect(mandatory).toEqual([]);
    expect(rulesOf(advisory)).toEqual(new Set(["table-kept", "access-log-kept", "user-pool-kept", "stage-protected"]));
  });

  it.each([
    ["letters", "abcdefghijklmnopqrstuvwxyz"],
    ["digits", "0123456789"],
    ["both, where the first is a word of a path", "events0"],
  ])("recognise generated IDs of %s", (_title, alphabet) => {
    expect(run(deployed(prod, idsOf(prod, alphabet))).mandatory).toEqual([]);
  });

  // Older engines show only the dependencies of the whole resource.
  it("recognise IDs without the dependencies of single properties", () => {
    const { inputs, stack } = deployed(prod, idsOf(prod, "abcdefghijklmnopqrstuvwxyz"));
    const older = stack.map(({ propertyDependencies, ...resource }) => resource);
    expect(run({ inputs, stack: older }).mandatory).toEqual([]);
  });

  // AWS's own example key: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
  it.each(["ref", "secret", "json", "asset", "unknown"])("read a variable called %s as a variable", (name) => {
    const { inputs, stack } = deployed(prod);
    const environment = { variables: { [name]: "AKIAIOSFODNN7EXAMPLE" } };
    for (const [urn, props] of inputs)
      if (urn.endsWith("::CompactTrafficFunction")) inputs.set(urn, { ...props, environment });
    expect(run({ inputs, stack }).mandatory).toContain("no-secret-value CompactTrafficFunction");
  });

  it("apply the promises to a renamed app", () => {
    const acme = JSON.parse(JSON.stringify(prod).replaceAll(APP.name, "another-app")) as Graph;
    expect(run(deployed(acme)).mandatory).toEqual([]);
  });

  it.each<[string, string, Record<string, Value>]>([
    ["route-has-authorizer", "SecureBackendAPIRouteGetEventsRoute", OPEN],
    ["access-log-retention", "SecureBackendAPIAccessLog", { retentionInDays: 30 }],
    ["sign-up-closed", "UsersUserPool", { adminCreateUserConfig: { allowAdminCreateUserOnly: false } }],
    [
      "permission-exact",
      "SecureBackendAPIRouteGetEventsPermissions",
      { sourceArn: "arn:aws:execute-api:eu-west-1:0:x/*" },
    ],
    ["lambda-own-role", "ReadEventsFunction", { role: "arn:aws:iam::000000000000:role/anyone" }],
  ])("stop the update of a deployed prod that breaks %s", (rule, name, change) => {
    expect(run(deployed(changed(name, change))).mandatory).toContain(`${rule} ${name}`);
  });

  it("report values that AWS has not generated yet as undetermined, and do not stop a first deployment", () => {
    const { mandatory, advisory } = run(planned(prod));
    expect(mandatory).toEqual([]);
    expect(advisory).toEqual(
      expect.arrayContaining(["policy-readable stage", "required-tags stage", "access-log-retention stage"]),
    );
  });

  it("stop a first deployment because of values that are known before it", () => {
    const name = "SecureBackendAPIRouteGetEventsRoute";
    expect(run(planned(changed(name, OPEN))).mandatory).toContain(`route-has-authorizer ${name}`);
  });
});
