import type { Plain } from "@backend/sst-graph/graph";

import { objectOf } from "../../kit/json";
import { type Coverage, type Gap, not } from "./reasons";

export const DYNAMODB: Record<`aws:dynamodb/${string}`, Coverage> = {
  "aws:dynamodb/table:Table": {
    attributes: true,
    billingMode: true,
    deletionProtectionEnabled: true, // offline has no DeleteTable
    globalSecondaryIndexes: true,
    hashKey: true,
    localSecondaryIndexes: true,
    name: true,
    pointInTimeRecovery: backups,
    rangeKey: true,
    serverSideEncryption: not("encryption at rest", "items are stored in files that are not encrypted"),
    streamEnabled: streams,
    streamViewType: true,
    ttl: not("expiry of items", "items are not deleted when they expire"),
  },
};

function backups(value: Plain): Gap | undefined {
  if (objectOf(value).enabled !== true) return undefined;
  return { what: "backups", why: "there is no point-in-time recovery; to keep a state, copy the folder .offline" };
}

function streams(value: Plain): Gap | undefined {
  return value === true ? { what: "streams", why: "changes to a table run no functions" } : undefined;
}
