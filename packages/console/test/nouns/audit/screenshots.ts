import type { NounScreenshots } from "../../screenshot";
import { record } from "./record";

type AuditEvent = [action: string, actor: string, target: string, outcome: string];

const EVENTS: AuditEvent[] = [
  ["user.invited", "user:grace", "user:linus", "success"],
  ["invoice.created", "service:billing", "invoice:2026-0043", "success"],
  ["invoice.approved", "user:grace", "invoice:2026-0043", "success"],
  ["invoice.paid", "service:billing", "invoice:2026-0043", "failure"],
  ["invoice.paid", "service:billing", "invoice:2026-0043", "success"],
  ["report.exported", "user:ada", "report:2026-q3", "success"],
  ["user.role-changed", "user:linus", "user:grace", "denied"],
  ["invoice.deleted", "user:linus", "invoice:2026-0042", "denied"],
  ["api-key.rotated", "service:deploy", "api-key:billing", "success"],
];

export const AUDIT: NounScreenshots = {
  pages: [["audit-trail", "/audit", (page) => page.locator("tbody tr").first().waitFor()]],
  async prepare(world) {
    for (const event of EVENTS) await record(world, eventOf(event));
  },
};

function eventOf([action, actor, target, outcome]: AuditEvent): object {
  const occurredAt = new Date(Date.now() - 60_000).toISOString();
  return { action, actor: referenceOf(actor), targets: [referenceOf(target)], outcome, occurredAt };
}

function referenceOf(text: string) {
  const [type, id] = text.split(":");
  return { type, id };
}
