import path from "node:path";
import { OPERATIONS } from "@backend/core/operations";
import type { OperationExample } from "@backend/platform/api/document";
import { loadGraph } from "@backend/sst-graph/load";

import { REPOSITORY } from "@backend/sst-graph/repository";

/**
 * The examples of the documentation, of the operations that ask for this scope or of all others:
 * none is left out by both.
 */
export function examplesOf({ scope, asked }: { scope: string; asked: boolean }): [string, string, OperationExample][] {
  const { resources } = loadGraph(path.join(REPOSITORY, "infra/graph/dev.json"));
  const routes = resources.filter(({ type }) => type === "aws:apigatewayv2/route:Route");
  const guarded = routes.filter(({ inputs }) => (inputs.authorizationScopes as string[] | undefined)?.includes(scope));
  const keys = new Set(guarded.map(({ inputs }) => inputs.routeKey));
  return Object.entries(OPERATIONS)
    .filter(([key]) => keys.has(key) === asked)
    .flatMap(([key, { examples }]) =>
      Object.entries(examples).map(([name, example]): [string, string, OperationExample] => [key, name, example]),
    );
}
