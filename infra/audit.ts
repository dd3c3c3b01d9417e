import { LISTED } from "@backend/core/audit/listed";

import { secureTable } from "./components/secure-table";

/** The audit trail's table. Its indexes hold what a list of events shows. */
export function auditTable() {
  return secureTable("Audit", {
    fields: { pk: "string", sk: "string", actorKey: "string", actionKey: "string" },
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    globalIndexes: {
      byActor: { hashKey: "actorKey", rangeKey: "sk", projection: [...LISTED] },
      byAction: { hashKey: "actionKey", rangeKey: "sk", projection: [...LISTED] },
    },
    ttl: "expiresAt",
  });
}
