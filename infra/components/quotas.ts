import { checkQuotas } from "@backend/platform/quota/quotas";

import { stagePolicy } from "../stage";
import type { Grant } from "./grant";
import { once } from "./once";
import { secureTable } from "./secure-table";

interface StageQuotas {
  /** As JSON. */
  limits: string;
  /** Lets a function count in the table of counters. */
  grant: Grant;
}

/**
 * Returns the quotas of the stage's callers with the table that counts them. Undefined for a stage
 * without quotas.
 */
export const stageQuotas = once((): StageQuotas | undefined => {
  const { quotas } = stagePolicy($app.stage);
  if (quotas === undefined) return undefined;
  const table = secureTable("Quotas", {
    fields: { pk: "string" },
    primaryIndex: { hashKey: "pk" },
    ttl: "expiresAt",
  });
  return { limits: JSON.stringify(checkQuotas(quotas)), grant: table.grant("QUOTAS_TABLE", ["UpdateItem"]) };
});
