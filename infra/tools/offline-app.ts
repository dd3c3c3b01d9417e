import { TENANT_GROUP } from "@backend/platform/access/authorize";
import type { OfflineApp } from "@backend/sst-offline/app";

import { TEST_IDENTITIES } from "./console/identities";

/**
 * What this app hands to `pnpm offline`: its console, the groups of tenants that operators make,
 * and people to sign in as.
 */
export const OFFLINE_APP: OfflineApp = {
  site: {
    label: "Console",
    output: "consoleUrl",
    port: 5173, // where `sst dev` has Vite's server
    async start(context) {
      const { startConsole } = await import("./console/server");
      return await startConsole(context);
    },
  },
  runtimeGroups: { pattern: TENANT_GROUP, label: "Tenant", prefix: "tenant:", example: "acme" },
  testIdentities: TEST_IDENTITIES,
};
