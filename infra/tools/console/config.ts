import type { ResolvedGraph } from "@backend/sst-graph/resolve";

import { TEST_IDENTITIES } from "./identities";

/** The console's configuration, as packages/console/src/data/config.ts reads it. */
export function configOf({ app, outputs, stage, region }: ResolvedGraph, apiUrl: string) {
  const { issuer, webClientId, machineClientId, accessLogGroup } = outputs as Record<string, unknown>;
  return {
    app,
    apiUrl,
    issuer: typeof webClientId === "string" ? issuer : undefined,
    clientId: webClientId,
    stage,
    region,
    accessLogGroup: accessLogGroup ?? "(none)",
    offline: true,
    testIdentities: [
      ...TEST_IDENTITIES.map((identity) => ({ ...identity, client: "web" })),
      ...(typeof machineClientId === "string" ? [{ label: "Machine client", client: "machine" }] : []),
    ],
  };
}

/**
 * Where the console's pages may send requests: to the API, to the issuer and below them, as on AWS.
 */
export function connectSources({ outputs }: ResolvedGraph, apiUrl: string): string[] {
  const { issuer } = outputs;
  return [apiUrl, ...(typeof issuer === "string" ? [issuer] : [])].map((address) => `${address}/`);
}
