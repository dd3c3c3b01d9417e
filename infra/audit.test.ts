import { expect, it } from "vitest";
import { auditRetentionDays } from "./audit";

// PCI DSS 4.0, 10.5.1: a year of audit trail at least.
it("keeps prod's audit events for a year at least, and elsewhere no longer than there", () => {
  const prod = auditRetentionDays("prod");
  expect(prod).toBeGreaterThanOrEqual(365);
  for (const stage of ["dev", "test"]) expect(auditRetentionDays(stage)).toBeLessThanOrEqual(prod);
});
