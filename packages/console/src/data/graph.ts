import { inTime } from "./in-time";
import { ApiError } from "./problem";

/** What a deployment would create, as offline serves it. */
export interface Graph {
  app: string;
  stage: string;
  region: string;
  resources: Resource[];
  /** What is not simulated here. */
  gaps: Gap[];
  /** What `pnpm policy` finds. */
  policy: Finding[];
  /** What it found and somebody has accepted until a day. */
  waived: (Finding & { reason: string; expires: string })[];
}

export interface Resource {
  urn: string;
  /** Pulumi's token, such as `aws:apigatewayv2/api:Api`. */
  type: string;
  name: string;
  /** URN of the component that made it. */
  parent: string | null;
  simulated: boolean;
  gaps: Gap[];
  /** It stays in AWS when the stage is removed. */
  kept: boolean;
  /** URNs of the resources that it needs. */
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
  /** Name of what it was found in; the same as `urn` where that is no resource. */
  resource: string;
  message: string;
}

/** Throws an ApiError, or the abort. */
export async function loadGraph(signal: AbortSignal): Promise<Graph> {
  return await inTime(async (either) => {
    const response = await fetch("/_offline/graph", { signal: either });
    if (!response.ok) throw new ApiError("gateway", `The graph was answered with ${response.status}.`);
    return (await response.json()) as Graph;
  }, signal);
}

/** Resources of AWS by type, whose name or type has each of these words. Components only group them. */
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

/** They group what they make, and are nothing in AWS. */
export function isComponent(type: string): boolean {
  return /^(sst|pulumi):/.test(type);
}

/** `aws:apigatewayv2/api:Api` -> `apigatewayv2 Api`. */
export function serviceOf(type: string): string {
  const [, service = type, name = ""] = /^[\w-]+:([\w-]+)\/[\w-]+:(\w+)$/.exec(type) ?? [];
  return `${service} ${name}`.trim();
}

/** `urn:pulumi:dev::app::a$b:c::Name` -> `Name`. */
export function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}

/** Inputs with the names of resources in place of their URNs, which are long. */
export function inputsOf({ inputs }: Resource): string {
  return JSON.stringify(inputs, null, 2).replaceAll(/urn:pulumi:[^"#}\s]*::([^"#}\s]+)/g, "$1");
}
