// RecordEvents without the table, to measure the rest of an invocation.

import { idFactory } from "@backend/platform/id";
import { recordEvents } from "../../../../functions/src/audit/record-events";

const store: Parameters<typeof recordEvents>[0]["store"] = {
  put: () => Promise.resolve(true),
  get: () => Promise.resolve(undefined),
  claim: () => Promise.resolve(undefined),
  renew: () => Promise.resolve(true),
  page: () => Promise.resolve({ events: [] }),
};

export const handler = recordEvents({ store, newId: idFactory(), now: Date.now, retentionDays: 30 });
