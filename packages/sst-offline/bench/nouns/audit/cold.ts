import type { ColdNoun } from "../../cold/case";
import { request } from "../../cold/case";

const FUNCTIONS = "packages/functions/src/audit";
const claims = { token_use: "access", client_id: "m", sub: "m", scope: "audit/write audit/read tenant/acme" };
const guarded = { authorizer: { jwt: { claims, scopes: ["audit/write", "audit/read"] } } };
const auditEvent = {
  action: "invoice.paid",
  actor: { type: "user", id: "ada" },
  targets: [{ type: "invoice", id: "2026-0042" }],
  outcome: "success",
  occurredAt: new Date().toISOString(),
  metadata: { amount: "12.50" },
};
const recording = request("POST /events", guarded, { body: JSON.stringify(auditEvent) });
const reading = request("GET /events", guarded, { query: "action=invoice.paid" }); // one query, of an index

export const COLD: ColdNoun = {
  cases: [
    {
      name: "RecordEvents",
      handler: `${FUNCTIONS}/record-events.handler`,
      event: recording,
      status: 201,
      against: "typical stack, put",
    },
    {
      name: "ReadEvents",
      handler: `${FUNCTIONS}/read-events.handler`,
      event: reading,
      status: 200,
      against: "typical stack, query",
    },
  ],
  environment: { AUDIT_TABLE: "audit", AUDIT_RETENTION_DAYS: "30" },
  warm: {
    name: "RecordEvents, warm, without the table",
    handler: "packages/sst-offline/bench/nouns/audit/warm.handler",
    event: recording,
    status: 201,
  },
};
