import type { ResolvedGraph, ResolvedResource } from "@backend/sst-graph/resolve";

import type { Policies } from "../iam/policy";
import { rolePolicies } from "../iam/role";
import { objectOf } from "../kit/json";
import { type BundleRequest, checkBundleOptions, exportOf } from "./bundle";
import type { FunctionConfig } from "./function-config";

/** A function as the graph declares it. */
export interface FunctionDeclaration {
  build: BundleRequest;
  /** Without the endpoint and the keys, which differ at each start. */
  config: Omit<FunctionConfig, "aws">;
  roleName: string;
  /** Policies of the role. */
  policies: Policies;
  /** ARN of the queue for events that failed three times. */
  deadLetterArn: string | undefined;
}

/**
 * Reads the functions of a graph. Throws an Error that names a function that cannot be built, or a
 * policy that cannot be evaluated.
 */
export function readFunctions(graph: ResolvedGraph): FunctionDeclaration[] {
  const { resources, functions, region } = graph;
  const roles = new Map(
    resources.filter(({ type }) => type === "aws:iam/role:Role").map((role) => [role.outputs.arn, role]),
  );
  return functions.map((build) => {
    const resource = resources.find(({ urn }) => urn === build.urn);
    if (resource === undefined) throw new Error(`function "${build.name}": the graph has no resource ${build.urn}`);
    checkBundleOptions(build);
    const role = roles.get(String(resource.inputs.role));
    const { targetArn } = objectOf(resource.inputs.deadLetterConfig);
    return {
      build,
      config: configOf(resource, build.handler, region),
      roleName: String(role?.inputs.name),
      policies: role === undefined ? [] : rolePolicies(role, resources),
      deadLetterArn: typeof targetArn === "string" ? targetArn : undefined,
    };
  });
}

function configOf({ inputs, outputs }: ResolvedResource, handler: string, region: string): Omit<FunctionConfig, "aws"> {
  const logging = objectOf(inputs.loggingConfig);
  const variables = objectOf(objectOf(inputs.environment).variables);
  const name = String(inputs.name);
  return {
    name,
    arn: outputs.arn ?? "",
    exportName: exportOf(handler),
    timeoutMs: Number(inputs.timeout ?? 3) * 1000, // AWS's default: 3 seconds
    memorySizeMb: Number(inputs.memorySize ?? 128),
    // -1 is Pulumi's way to say none: https://www.pulumi.com/registry/packages/aws/api-docs/lambda/function/
    ...(Number(inputs.reservedConcurrentExecutions ?? -1) >= 0 && {
      reservedConcurrency: Number(inputs.reservedConcurrentExecutions),
    }),
    logFormat: logging.logFormat === "JSON" ? "JSON" : "Text",
    // Only JSON logs have a level; the default is INFO:
    // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
    ...(logging.logFormat === "JSON" && { logLevel: String(logging.applicationLogLevel ?? "INFO") }),
    logGroup: String(logging.logGroup ?? `/aws/lambda/${name}`),
    runtime: String(inputs.runtime ?? ""),
    region,
    variables: Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, String(value)])),
  };
}
