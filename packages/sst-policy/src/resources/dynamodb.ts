import type { Description } from "./description";

export const DYNAMODB: Record<`aws:dynamodb/${string}`, Description> = {
  "aws:dynamodb/table:Table": {
    judged: `name billingMode hashKey rangeKey attributes globalSecondaryIndexes localSecondaryIndexes
      ttl pointInTimeRecovery deletionProtectionEnabled serverSideEncryption streamEnabled
      streamViewType`,
  },
  "aws:dynamodb/resourcePolicy:ResourcePolicy": { judged: "*" },
};
