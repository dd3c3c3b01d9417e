import { stagePolicy } from "./stage";

/** What a list shows of an event: attributes that the indexes hold beside the keys. */
const LISTED = ["id", "action", "actor", "targets", "outcome", "occurredAt", "recordedAt", "requestId"];

/** The audit trail: a partition a tenant and day, events in the order of their ids. */
export function auditTable(): sst.aws.Dynamo {
  const { encryption, keepEvidence, pointInTimeRecovery } = stagePolicy($app.stage);
  return new sst.aws.Dynamo("SecureBackendAudit", {
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
        // DynamoDB encrypts always. With the key that AWS manages in the account, CloudTrail shows who used it.
        if (encryption === "aws-managed") table.serverSideEncryption = { enabled: true };
        options.retainOnDelete = keepEvidence;
      },
    },
  });
}
