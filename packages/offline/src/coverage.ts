import type { Plain } from "@secure-backend/graph/graph";
import type { ResolvedGraph, ResolvedResource } from "@secure-backend/graph/resolve";

/** Something that a graph declares and that is not simulated here. */
export interface Gap {
  what: string;
  why: string;
}

type Why = (value: Plain, resource: ResolvedResource) => Gap | undefined;

interface Coverage {
  /** Inputs that are served, or that say nothing about how the deployed resource behaves. */
  served: string[];
  /** Inputs that are not simulated, and what that means. */
  gaps?: Record<string, Why>;
}

const gap =
  (what: string, why: string): Why =>
  () => ({ what, why });

const IAM = gap("IAM", "roles, policies and permissions are not evaluated: a function may call whatever it can reach");

const COVERAGE: Record<string, Coverage | Why> = {
  "aws:apigatewayv2/api:Api": {
    served: ["name", "description", "protocolType"],
    gaps: { corsConfiguration: cors },
  },
  "aws:apigatewayv2/stage:Stage": {
    served: ["accessLogSettings", "apiId", "autoDeploy", "description", "name"],
    gaps: { defaultRouteSettings: throttle },
  },
  "aws:apigatewayv2/route:Route": { served: ["apiId", "authorizationType", "routeKey", "target"] },
  "aws:apigatewayv2/integration:Integration": {
    served: ["apiId", "integrationType", "integrationUri", "payloadFormatVersion", "timeoutMilliseconds"],
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    served: ["name"],
    gaps: { retentionInDays: gap("log retention", "nothing deletes old log events: remove the folder .offline") },
  },
  "aws:iam/role:Role": IAM,
  "aws:lambda/permission:Permission": IAM,
  "aws:lambda/function:Function": {
    // Code comes from the sources here, not from a bucket.
    served: [
      ...["description", "environment", "handler", "loggingConfig", "memorySize", "name", "packageType", "publish"],
      ...["role", "s3Bucket", "s3Key", "timeout"],
    ],
    gaps: { architectures: architecture, ephemeralStorage: storage, runtime },
  },
  // The upload of code: bundles are made here from the sources.
  "aws:s3/bucketObjectv2:BucketObjectv2": { served: ["bucket", "key", "source"] },
  // The key of SST's encrypted links: no function links anything.
  "random:index/randomBytes:RandomBytes": { served: ["length"] },
};

/** What the graph declares and offline does not simulate. Nothing that is not known here is left out. */
export function gapsOf(graph: ResolvedGraph): Gap[] {
  const gaps = graph.resources.filter(({ type }) => !type.startsWith("sst:")).flatMap(gapsIn);
  const distinct = new Map(gaps.map((found) => [`${found.what}\n${found.why}`, found]));
  return [...distinct.values()].sort((a, b) => a.what.localeCompare(b.what));
}

function gapsIn(resource: ResolvedResource): Gap[] {
  const coverage = Object.hasOwn(COVERAGE, resource.type) ? COVERAGE[resource.type] : undefined;
  if (coverage === undefined)
    return [{ what: resource.name, why: `resources of type ${resource.type} are not simulated` }];
  if (typeof coverage === "function") return present(coverage(null, resource));
  return Object.entries(resource.inputs)
    .filter(([key]) => !coverage.served.includes(key))
    .flatMap(([key, value]) => {
      const why = coverage.gaps?.[key];
      if (why !== undefined) return present(why(value, resource));
      return [{ what: `${resource.name}.${key}`, why: `this input of ${resource.type} is not simulated` }];
    });
}

function present(found: Gap | undefined): Gap[] {
  return found === undefined ? [] : [found];
}

function cors(value: Plain): Gap | undefined {
  if (Object.keys(objectOf(value)).length === 0) return undefined;
  const { allowOrigins } = objectOf(value);
  const origins = Array.isArray(allowOrigins) ? allowOrigins.join(", ") : "the origins given";
  return { what: "CORS", why: `${origins} may not call from a browser: no CORS header is set, no preflight answered` };
}

function throttle(value: Plain): Gap | undefined {
  const { throttlingRateLimit: rate, throttlingBurstLimit: burst, ...others } = objectOf(value);
  const unknown = Object.keys(others).map((key) => `; ${key} is not simulated`);
  return {
    what: "throttling",
    why: `${rate} requests/s with a burst of ${burst}: nothing is answered 429${unknown.join("")}`,
  };
}

function architecture(value: Plain): Gap | undefined {
  const [wanted] = Array.isArray(value) ? value : [];
  const here = process.arch === "x64" ? "x86_64" : process.arch;
  if (wanted === here) return undefined;
  return { what: "architecture", why: `functions are declared for ${wanted} and run on ${here}` };
}

function runtime(value: Plain): Gap | undefined {
  const wanted = /^nodejs(\d+)/.exec(String(value))?.[1];
  const here = process.versions.node.split(".", 1)[0];
  if (wanted === here) return undefined;
  return { what: "runtime", why: `functions are declared for ${value} and run on Node.js ${process.versions.node}` };
}

function storage(value: Plain): Gap | undefined {
  return {
    what: "ephemeral storage",
    why: `/tmp is this machine's, not ${objectOf(value).size} MB of each environment`,
  };
}

function objectOf(value: Plain): Record<string, Plain> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
