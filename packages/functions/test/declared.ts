import path from "node:path";
import { fileURLToPath } from "node:url";

import type { ServedHandler } from "@backend/platform/lambda/serve";
import { loadGraph } from "@backend/sst-graph/load";
import { type ResolvedResource, resolve } from "@backend/sst-graph/resolve";
import { vi } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));

/** The committed graph of stage `dev`. */
const graph = resolve(loadGraph(path.join(REPOSITORY, "infra/graph/dev.json")));
const declared = (type: string) => graph.resources.filter((resource) => resource.type === `aws:${type}`);

/** A function of the API. */
interface ApiFunction {
  routeKeys: string[];
  variables: Record<string, string>;
  /** Path in the repository without `.ts`, and its export. */
  module: string;
  exported: string;
  /** True if its role grants access to a table or another service. */
  usesServices: boolean;
}

/** The functions that have a route. */
const API_FUNCTIONS: ApiFunction[] = declared("lambda/function:Function").flatMap((lambda) => {
  const routeKeys = routeKeysOf(lambda);
  const [module = "", exported = ""] = sourceOf(lambda).split(".");
  const { variables: all = {} } = lambda.inputs.environment as { variables?: Record<string, string> };
  // Without a namespace, no metrics fill the output of the tests.
  const { METRICS_NAMESPACE: _namespace, ...variables } = all;
  return routeKeys.length === 0 ? [] : [{ routeKeys, variables, module, exported, usesServices: usesServices(lambda) }];
});

/** Inputs of the DynamoDB tables. */
export const TABLES = declared("dynamodb/table:Table").map(({ inputs }) => inputs);

/**
 * Imports the handlers of the API's functions, each with only its function's variables. Afterwards
 * the variables of all functions are set. Remove them with `vi.unstubAllEnvs`.
 *
 * @param more additional variables for all functions
 */
export async function importHandlers(more: Record<string, string>): Promise<Map<ApiFunction, ServedHandler>> {
  vi.resetModules(); // the modules read their variables once
  const handlers = new Map<ApiFunction, ServedHandler>();
  for (const one of API_FUNCTIONS) {
    vi.unstubAllEnvs();
    stub({ ...one.variables, ...more });
    const exports: Record<string, ServedHandler> = await import(
      /* @vite-ignore */ path.join(REPOSITORY, `${one.module}.ts`)
    );
    const handler = exports[one.exported];
    if (handler === undefined) throw new Error(`${one.module}.ts: expected an export "${one.exported}"`);
    handlers.set(one, handler);
  }
  stub(Object.assign({}, ...API_FUNCTIONS.map(({ variables }) => variables), more));
  return handlers;
}

/** Returns the function whose route serves an operation. `ANY /path` serves all methods. */
export function handlerOf(handlers: Map<ApiFunction, ServedHandler>, key: string): [ApiFunction, ServedHandler] {
  const routes = [key, key.replace(/^\w+/, "ANY")];
  const found = [...handlers].find(([{ routeKeys }]) => routeKeys.some((one) => routes.includes(one)));
  if (found === undefined) throw new Error(`${key}: expected a function with this route in infra/graph/dev.json`);
  return found;
}

function stub(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

function sourceOf({ urn }: ResolvedResource): string {
  const build = graph.functions.find((one) => one.urn === urn);
  if (build === undefined) throw new Error(`the graph has no build of ${urn}`);
  return build.handler;
}

/** The inline policies of a role come from `uses`. Logging is in a managed policy. */
function usesServices({ inputs: { role } }: ResolvedResource): boolean {
  const inputs = declared("iam/role:Role").find(({ outputs }) => outputs.arn === role)?.inputs;
  const policies = (inputs?.inlinePolicies ?? []) as { policy: string }[];
  return policies
    .flatMap(({ policy }) => (JSON.parse(policy) as { Statement: { Effect: string }[] }).Statement)
    .some(({ Effect }) => Effect === "Allow");
}

function routeKeysOf(lambda: ResolvedResource): string[] {
  const integrations = declared("apigatewayv2/integration:Integration")
    .filter(({ inputs }) => inputs.integrationUri === lambda.outputs.arn)
    .map(({ outputs }) => `integrations/${outputs.id}`);
  return declared("apigatewayv2/route:Route")
    .filter(({ inputs }) => integrations.includes(String(inputs.target)))
    .map(({ inputs }) => String(inputs.routeKey));
}
