import { LISTED } from "@secure-backend/core/audit/event";

import { stagePolicy } from "./stage";

/**
 * The audit trail's table, `SecureBackendAudit-<stage>`, on demand.
 *
 * It is encrypted with a key of DynamoDB's own, always. A key in KMS would show each use of it in CloudTrail, at the price of a right to
 * decrypt for every function, and of evidence that is gone with the key.
 */
export function auditTable(): sst.aws.Dynamo {
  const { keepEvidence, pointInTimeRecovery } = stagePolicy($app.stage);
  return new sst.aws.Dynamo("Audit", {
    fields: { pk: "string", sk: "string", actorKey: "string", actionKey: "string" },
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    globalIndexes: {
      byActor: { hashKey: "actorKey", rangeKey: "sk", projection: LISTED },
      byAction: { hashKey: "actionKey", rangeKey: "sk", projection: LISTED },
    },
    ttl: "expiresAt",
    deletionProtection: keepEvidence,
    transform: {
      table: (table, options) => {
        table.name = `SecureBackendAudit-${$app.stage}`;
        table.pointInTimeRecovery = { enabled: pointInTimeRecovery };
        options.retainOnDelete = keepEvidence;
      },
    },
  });
}

/** ARNs of the audit table's two indexes: a right to the table is none to them. */
export function auditIndexes({ arn }: sst.aws.Dynamo) {
  return [$interpolate`${arn}/index/byActor`, $interpolate`${arn}/index/byAction`];
}
