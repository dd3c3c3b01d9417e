import { TENANT_GROUP, TENANT_SCOPE } from "@backend/platform/access/authorize";
import { EDGE_HEADERS } from "@backend/platform/access/edge";

import { HINTS } from "../../../infra/tools/hints";
import recorded from "../recorded/promises.json" with { type: "json" };

/** The promises for the recorded graphs. */
export const PROMISES = {
  operations: recorded.operations as Record<string, string>,
  waivers: recorded.waivers,
  stages: ["dev", "test", "prod"],
  publicRoutes: ["ANY /SecureBackendFunction", "GET /openapi.json"],
  groups: ["writers", "operators", TENANT_GROUP],
  exclusiveScopes: TENANT_SCOPE,
  origins: (stage: string) => (stage === "test" || stage === "prod" ? [] : ["http://localhost:5173"]),
  edge: { secretHeader: EDGE_HEADERS.secret, addressHeader: EDGE_HEADERS.address, variable: "ORIGIN_SECRETS" },
  metrics: () => ({ "Shop/prod": { Denied: [["Operation"], []] } }),
  appendOnlyTables: ["Audit"],
  tags: ["app", "stage", "owner", "cost-center", "repository"],
  hints: HINTS,
};
