import path from "node:path";
import { fileURLToPath } from "node:url";
import { synthesisedRepository } from "@backend/testing/synthesised";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ResolvedGraph, resolve } from "../packages/sst-graph/src/resolve";
import { openSynthesiser, type Synthesiser } from "../packages/sst-graph/src/synth/synth";
import { APP } from "./app";
import { withPrefix } from "./components/prefix";

// Expected values of `sst dev` are those of sst 4.17.1:
// https://github.com/anomalyco/sst/blob/dev/platform/src/components/aws/function.ts (stub, role,
// environment), https://github.com/anomalyco/sst/blob/dev/cmd/sst/mosaic.go (commands of the
// panes).

const repository = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");
const DEV_ORIGIN = "http://localhost:5173"; // Vite's default: https://vite.dev/config/server-options#server-port

let synthesiser: Synthesiser;
let live: ResolvedGraph;
let deployed: ResolvedGraph;
beforeAll(async () => {
  synthesiser = await openSynthesiser(repository, path.join(repository, ".sst/platform"));
  live = resolve(await synthesisedRepository(synthesiser, "ada", { dev: true }));
  deployed = resolve(await synthesisedRepository(synthesiser, "ada"));
});
afterAll(() => synthesiser.close());

const inputsOf = ({ resources }: ResolvedGraph, type: string) =>
  resources.filter((resource) => resource.type === type).map(({ inputs }) => inputs);
const lambdasOf = (graph: ResolvedGraph) =>
  new Map(inputsOf(graph, "aws:lambda/function:Function").map((lambda) => [String(lambda.name), lambda]));
const variablesOf = (graph: ResolvedGraph) =>
  [...lambdasOf(graph)].map(([name, { environment }]): [string, Record<string, string>] => {
    const { variables } = environment as { variables: Record<string, string> };
    return [name, variables];
  });
/** Roles of functions, by name; the schedules' roles are not among them. */
const functionRolesOf = (graph: ResolvedGraph) =>
  graph.resources.filter(({ type, urn }) => type === "aws:iam/role:Role" && urn.includes("sst:aws:Function$"));

describe("the functions", () => {
  it("are SST's live stubs, and run from the same sources on the developer's machine", () => {
    expect(live.functions).toEqual(deployed.functions);
    expect([...lambdasOf(live).keys()]).toEqual([...lambdasOf(deployed).keys()]);
    expect(live.functions).toHaveLength(lambdasOf(live).size);
    for (const [name, lambda] of lambdasOf(live))
      expect(lambda, name).toMatchObject({
        handler: "bootstrap",
        runtime: "provided.al2023",
        architectures: ["x86_64"],
        s3Key: expect.stringMatching(/^assets\/dev-bridge-code-\w+\.zip$/),
      });
  });

  it("get the variables of a deployment, and those by which the stub finds the machine", () => {
    const added = new Set<string>();
    const deployedVariables = new Map(variablesOf(deployed));
    for (const [name, variables] of variablesOf(live)) {
      const { SST_REGION, SST_STAGE, SST_APP, SST_FUNCTION_ID, SST_ASSET_BUCKET, ...rest } = variables;
      const { SST_APPSYNC_HTTP, SST_APPSYNC_REALTIME, ...others } = rest;
      expect(others, name).toEqual(deployedVariables.get(name));
      expect({ SST_REGION, SST_STAGE, SST_APP }, name).toEqual({
        SST_REGION: APP.region,
        SST_STAGE: "ada",
        SST_APP: APP.name,
      });
      expect(SST_APPSYNC_HTTP, name).toContain(".appsync-api.");
      expect(SST_APPSYNC_REALTIME, name).toContain(".appsync-realtime-api.");
      expect(SST_ASSET_BUCKET, name).toContain("sst-asset-");
      added.add(`${withPrefix(SST_FUNCTION_ID ?? "")}-ada`);
    }
    expect([...added].sort()).toEqual([...lambdasOf(live).keys()].sort());
    // The comparison above includes what the code needs to find its tables and logs.
    expect(deployedVariables.get(`${APP.prefix}ReadFunctionLog-ada`)?.FUNCTION_LOG_GROUPS).toContain(
      `/aws/lambda/${APP.prefix}ReadTraffic-ada`,
    );
    expect(deployedVariables.get(`${APP.prefix}ReadTraffic-ada`)?.TRAFFIC_TABLE).toBeTruthy();
  });

  it("hold no secret: nothing is linked, and a personal stage has no edge", () => {
    expect(new Map(variablesOf(live)).get(`${APP.prefix}ReadTraffic-ada`)?.ORIGIN_SECRETS).toBe("none");
    expect(JSON.stringify(variablesOf(live))).not.toContain("secret(");
    for (const [name, variables] of variablesOf(live))
      expect(Object.keys(variables), name).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(SST_KEY|SST_KEY_FILE)$/)]),
      );
    expect(live.resources.filter(({ type }) => type === "sst:sst:Secret")).toEqual([]);
  });
});

describe("the functions' roles", () => {
  const lambda = { Service: "lambda.amazonaws.com" };
  const account = { AWS: "arn:aws:iam::000000000000:root" };

  it("trust the account as well in sst dev, and Lambda alone in a deployment", () => {
    expect(functionRolesOf(live)).toHaveLength(lambdasOf(live).size);
    expect(principalsOf(live)).toEqual(functionRolesOf(live).map(() => [lambda, account]));
    expect(principalsOf(deployed)).toEqual(functionRolesOf(deployed).map(() => [lambda]));
  });

  it("cannot write to a foreign log group, and may do no more than in a deployment but reach the machine", () => {
    const deployedPolicies = new Map(policiesOf(deployed));
    for (const [name, policies] of policiesOf(live)) {
      const { inline = [], "own-log-group-only": deny, ...others } = policies;
      expect(others, name).toEqual({});
      expect(deny, name).toEqual(deployedPolicies.get(name)?.["own-log-group-only"]);
      expect(deny, name).toContainEqual(
        expect.objectContaining({ Effect: "Deny", Action: ["logs:CreateLogStream", "logs:PutLogEvents"] }),
      );
      const bucket = "arn:aws:s3:::sst-asset-000000000000";
      expect(inline, name).toEqual([
        ...(deployedPolicies.get(name)?.inline ?? []),
        { Effect: "Allow", Action: ["appsync:*"], Resource: ["*"] },
        { Effect: "Allow", Action: ["s3:*"], Resource: [bucket, `${bucket}/*`] },
      ]);
    }
  });

  function principalsOf(graph: ResolvedGraph) {
    return functionRolesOf(graph).map(({ inputs }) => {
      const { Statement } = JSON.parse(String(inputs.assumeRolePolicy));
      return Statement.flatMap(({ Principal }: { Principal: Record<string, string | string[]> }) =>
        Object.entries(Principal).map(([kind, value]) => ({ [kind]: [value].flat().join() })),
      );
    });
  }

  function policiesOf(graph: ResolvedGraph) {
    return functionRolesOf(graph).map(({ name, inputs }): [string, Record<string, unknown[]>] => {
      const policies = inputs.inlinePolicies as { name: string; policy: string }[];
      return [name, Object.fromEntries(policies.map(({ name, policy }) => [name, JSON.parse(policy).Statement]))];
    });
  }
});

describe("the API", () => {
  it.each(["authorizer:Authorizer", "route:Route", "integration:Integration", "stage:Stage"])(
    "has the %s resources of a deployment: no route becomes public, and none is missing",
    (type) => {
      const resources = inputsOf(live, `aws:apigatewayv2/${type}`);
      expect(resources).not.toEqual([]);
      expect(resources).toEqual(inputsOf(deployed, `aws:apigatewayv2/${type}`));
    },
  );

  it("lets the console on the developer's machine call it, and no other origin", () => {
    expect(inputsOf(live, "aws:apigatewayv2/api:Api")).toEqual([
      expect.objectContaining({ corsConfiguration: expect.objectContaining({ allowOrigins: [DEV_ORIGIN] }) }),
    ]);
  });

  it("sends people who signed in back to that console, and nowhere else", () => {
    const clients = inputsOf(live, "aws:cognito/userPoolClient:UserPoolClient");
    const signIns = clients.filter(({ callbackUrls }) => callbackUrls !== undefined);
    expect(signIns.map(({ callbackUrls, logoutUrls }) => ({ callbackUrls, logoutUrls }))).toEqual([
      { callbackUrls: [`${DEV_ORIGIN}/callback`], logoutUrls: [`${DEV_ORIGIN}/`] },
    ]);
  });
});

describe("the console", () => {
  it("has no bucket and no distribution: a deployment would", () => {
    const ofSite = ({ resources }: ResolvedGraph) =>
      resources.filter(({ type }) => /^(aws:cloudfront\/|aws:s3\/bucket:|sst:aws:StaticSite)/.test(type));
    expect(ofSite(live)).toEqual([]);
    expect(ofSite(deployed)).not.toEqual([]);
  });

  it("is started by Vite with the addresses of the API and the sign-in", () => {
    const { url, issuer, webClientId, accessLogGroup, consoleUrl } = live.outputs;
    expect(Object.keys(live.devCommands ?? {})).toEqual(["Console"]);
    const command = live.devCommands?.Console as { environment: Record<string, string> };
    expect(command).toMatchObject({ command: "npx vite", directory: "packages/console", autostart: true });
    expect(JSON.parse(command.environment.CONSOLE_CONFIG ?? "")).toEqual({
      app: APP.name,
      apiUrl: url,
      issuer,
      clientId: webClientId,
      stage: "ada",
      region: APP.region,
      accessLogGroup,
      offline: false,
    });
    expect(url).toMatch(new RegExp(`^https://\\w+\\.execute-api\\.${APP.region}\\.amazonaws\\.com/ada$`));
    expect(issuer).toMatch(new RegExp(`^https://cognito-idp\\.${APP.region}\\.amazonaws\\.com/${APP.region}_\\w+$`));
    expect(webClientId).toMatch(/^\w+$/);
    expect(consoleUrl).toBe(DEV_ORIGIN);
  });
});

it("everything else is as in a deployment", () => {
  const others = ({ resources }: ResolvedGraph) =>
    resources
      .filter(({ urn, type }) => !DIFFERENT.has(type) && !urn.includes("StaticSite") && !urn.includes("::Console"))
      .map(({ urn, inputs }) => ({ urn, inputs }));
  expect(others(live)).toEqual(others(deployed));
  expect(others(live).length).toBeGreaterThan(50);
});

it("is refused on a shared stage", async () => {
  await expect(synthesiser.synth("prod", { dev: true })).rejects.toThrow(
    'sst dev cannot run on the shared stage "prod"',
  );
});

/** Types of which the tests above say how they differ, and the packages of code. */
const DIFFERENT = new Set([
  "aws:apigatewayv2/api:Api",
  "aws:cognito/userPoolClient:UserPoolClient",
  "aws:iam/role:Role",
  "aws:lambda/function:Function",
  "aws:s3/bucketObjectv2:BucketObjectv2",
]);
