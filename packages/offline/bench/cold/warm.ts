// RecordEvents without the table: what an invocation costs beside it.
import { idFactory } from "@secure-backend/core/audit/id";
import type { AuditStore } from "@secure-backend/core/audit/store";

import { recordEvents } from "../../../functions/src/record-events";

const store: AuditStore = {
  put: () => Promise.resolve(true),
  get: () => Promise.resolve(undefined),
  claim: () => Promise.resolve(undefined),
  renew: () => Promise.resolve(true),
  page: () => Promise.resolve({ events: [] }),
};

export const handler = recordEvents({ store, newId: idFactory(), now: Date.now, retentionDays: 30 });
