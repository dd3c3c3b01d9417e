import { inTime } from "./in-time";
import { ApiError } from "./problem";

/** The deployment graph, as `pnpm offline` serves it. */
export interface Graph {
  app: string;
  stage: string;
  region: string;
  resources: Resource[];
  /** Features that don't run locally. */
  gaps: Gap[];
  /** Findings of `pnpm policy`. */
  policy: Finding[];
  /** Findings that a waiver accepts until a date. */
  waived: (Finding & { reason: string; expires: string })[];
}

export interface Resource {
  urn: string;
  /** Pulumi's type token, such as `aws:apigatewayv2/api:Api`. */
  type: string;
  name: string;
  /** URN of the component that created it. */
  parent: string | null;
  simulated: boolean;
  gaps: Gap[];
  /** True if it stays in AWS when the stage is removed. */
  kept: boolean;
  /** URNs of the resources that it depends on. */
  uses: string[];
  inputs: unknown;
}

interface Gap {
  what: string;
  why: string;
}

export interface Finding {
  rule: string;
  urn: string;
  /** Name of the resource. The same as `urn` if the finding is not about one resource. */
  resource: string;
  message: string;
}

/** Throws an ApiError, or the abort. */
export async function loadGraph(signal: AbortSignal): Promise<Graph> {
  return await inTime(async (either) => {
    const response = await fetch("/_offline/graph", { signal: either });
    if (!response.ok) throw new ApiError("gateway", `Couldn't load the deployment graph (${response.status}).`);
    return (await response.json()) as Graph;
  }, signal);
}

/** Groups AWS resources by type. Keeps those whose name or type contains every word of `text`. */
export function groupsOf(resources: Resource[], text: string): [type: string, Resource[]][] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, Resource[]>();
  for (const resource of resources) {
    const { type, name } = resource;
    if (isComponent(type) || !words.every((word) => `${name} ${type}`.toLowerCase().includes(word))) continue;
    groups.set(type, [...(groups.get(type) ?? []), resource]);
  }
  return [...groups].sort(([a], [b]) => a.localeCompare(b));
}

/** True for the type of a component. Components exist in Pulumi only, not in AWS. */
export function isComponent(type: string): boolean {
  return /^(sst|pulumi):/.test(type);
}

/** AWS's names of services, by Pulumi's module. */
const SERVICES: Record<string, string> = {
  apigatewayv2: "API Gateway",
  cloudfront: "CloudFront",
  cloudwatch: "CloudWatch",
  cognito: "Cognito",
  dynamodb: "DynamoDB",
  iam: "IAM",
  lambda: "Lambda",
  s3: "S3",
  scheduler: "EventBridge Scheduler",
  sns: "SNS",
  sqs: "SQS",
  wafv2: "WAF",
};

/** `aws:apigatewayv2/api:Api` -> `API Gateway: API`. */
export function titleOf(type: string): string {
  const [, module = "", name] = /^aws:([\w-]+)\/[\w-]+:(\w+)$/.exec(type) ?? [];
  if (name === undefined) return type;
  const [first = "", ...rest] = name.replace(/v\d$/i, "").split(/(?=[A-Z])/);
  const words = [first, ...rest.map((word) => word.toLowerCase())].join(" ").replace(/\bapi\b/i, "API");
  return `${SERVICES[module] ?? module}: ${words}`;
}

/** `urn:pulumi:dev::app::a$b:c::Name` -> `Name`. */
export function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}

/** Returns the inputs as JSON, with each URN shortened to the resource's name. */
export function inputsOf({ inputs }: Resource): string {
  return JSON.stringify(inputs, null, 2).replaceAll(/urn:pulumi:[^"#}\s]*::([^"#}\s]+)/g, "$1");
}
