import type { ResolvedGraph } from "@secure-backend/graph/resolve";

/** What the console is told of where it is served: packages/console/src/data/config.ts. */
export function configOf({ outputs, stage, region }: ResolvedGraph, apiUrl: string) {
  const { issuer, webClientId, accessLogGroup } = outputs as Record<string, unknown>;
  return {
    apiUrl,
    issuer: typeof webClientId === "string" ? issuer : undefined,
    clientId: webClientId,
    stage,
    region,
    accessLogGroup: accessLogGroup ?? "(none)",
    offline: true,
  };
}

/** Where the console's pages may send requests: the API and the issuer, and what is below them, as on AWS. */
export function connectSources({ outputs }: ResolvedGraph, apiUrl: string): string[] {
  const { issuer } = outputs;
  return [apiUrl, ...(typeof issuer === "string" ? [issuer] : [])].map((place) => `${place}/`);
}
