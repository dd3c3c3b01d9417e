// RecordEvents without the table: what an invocation costs beside it.

import type { AuditStore } from "@backend/core/audit/store";
import { idFactory } from "@backend/platform/id";
import { recordEvents } from "../../../functions/src/record-events";

const store: AuditStore = {
  put: () => Promise.resolve(true),
  get: () => Promise.resolve(undefined),
  claim: () => Promise.resolve(undefined),
  renew: () => Promise.resolve(true),
  page: () => Promise.resolve({ events: [] }),
};

export const handler = recordEvents({ store, newId: idFactory(), now: Date.now, retentionDays: 30 });
