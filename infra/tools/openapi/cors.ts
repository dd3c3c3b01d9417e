import type { DocumentedOperation } from "@backend/platform/api/document";

import type { ResolvedGraph } from "@backend/sst-graph/resolve";

/**
 * Throws an Error if pages of an origin that CORS allows could not call an operation: the browser
 * would refuse the method or a header, and nothing would be logged. An API without CORS has no such
 * pages.
 */
export function requireCors({ resources }: ResolvedGraph, operations: DocumentedOperation[]): void {
  for (const { type, inputs } of resources) {
    if (type !== "aws:apigatewayv2/api:Api" || inputs.corsConfiguration === undefined) continue;
    const cors = inputs.corsConfiguration as { allowMethods?: string[]; allowHeaders?: string[] } | null;
    if (cors === null) continue;
    for (const { key, headers } of operations) {
      const [method = ""] = key.split(" ");
      requireIn(key, "method", method, cors.allowMethods ?? [], "allowMethods");
      for (const name of Object.keys(headers)) requireIn(key, "header", name, cors.allowHeaders ?? [], "allowHeaders");
    }
  }
}

function requireIn(key: string, kind: string, name: string, allowed: string[], option: string): void {
  if (allowed.some((one) => one === "*" || one.toLowerCase() === name.toLowerCase())) return;
  throw new Error(`operation "${key}": CORS does not allow the ${kind} ${name}: add it to ${option} of the API`);
}
