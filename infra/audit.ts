import { LISTED } from "@backend/core/audit/listed";

import { secureTable } from "./components/secure-table";
import { stagePolicy } from "./stage";

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

/** Days after which an audit event is deleted. PCI DSS 4.0, 10.5.1, asks for records of a year. */
export function auditRetentionDays(stage: string): number {
  return stagePolicy(stage).keepEvidence ? 7 * 365 : 30;
}
