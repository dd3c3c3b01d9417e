import { OPERATIONS } from "@backend/core/operations";
import { PERMISSIONS, type Permission } from "@backend/core/permissions";
import { TENANT_GROUP, TENANT_SCOPE } from "@backend/platform/access/authorize";
import { EDGE_HEADERS } from "@backend/platform/access/edge";
import { REQUEST_METRICS } from "@backend/platform/lambda/metrics";
import type { Promises } from "@backend/sst-policy/promises";

import { metricNamespace } from "../components/prefix";
import { APPEND_ONLY_TABLES, PUBLIC_ROUTES, REQUIRED_TAGS } from "../promises";
import { STAGE_NAMES, stagePolicy } from "../stage";
import { WAIVERS } from "../waivers";
import { HINTS } from "./hints";

/** What `pnpm policy` and the policy pack expect of this app. */
export const PROMISES: Promises = {
  stages: STAGE_NAMES,
  publicRoutes: PUBLIC_ROUTES,
  operations: Object.fromEntries(Object.values(OPERATIONS).map(({ key, scope = "public" }) => [key, scope])),
  groups: [...Object.values<Permission>(PERMISSIONS).flatMap(({ group }) => group ?? []), TENANT_GROUP],
  exclusiveScopes: TENANT_SCOPE,
  origins(stage) {
    const { corsOrigins, callbackUrls, logoutUrls } = stagePolicy(stage);
    return [...corsOrigins, ...callbackUrls, ...logoutUrls].map((page) => new URL(page).origin);
  },
  edge: { secretHeader: EDGE_HEADERS.secret, addressHeader: EDGE_HEADERS.address, variable: "ORIGIN_SECRETS" },
  metrics: (stage) => ({ [metricNamespace(stage)]: REQUEST_METRICS }),
  appendOnlyTables: APPEND_ONLY_TABLES,
  tags: REQUIRED_TAGS,
  waivers: WAIVERS,
  hints: HINTS,
};
