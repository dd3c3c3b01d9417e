import { TENANT_GROUP } from "@backend/platform/access/authorize";
import type { OfflineApp } from "@backend/sst-offline/app";

/**
 * What this app hands to `pnpm offline`: its console, and the groups of tenants that operators
 * make.
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
  runtimeGroups: { pattern: TENANT_GROUP, label: "Tenant", example: "tenant:acme" },
};
