import type { ResolvedGraph } from "@secure-backend/graph/resolve";

import type { IncomingRequest } from "../gateway/exchange";

/**
 * An API with a domain of its own and no other address: a path there has no stage, and the mapping puts it in front.
 *
 * @returns the request as the API sees it; `undefined` for an API without such a mapping
 */
export function mappingOf({ resources }: ResolvedGraph): ((request: IncomingRequest) => IncomingRequest) | undefined {
  const mapping = resources.find(({ type }) => type === "aws:apigatewayv2/apiMapping:ApiMapping");
  const { stage } = mapping?.inputs ?? {};
  if (typeof stage !== "string") return undefined;
  return (request) => ({ ...request, path: `/${stage}${request.path}` });
}
