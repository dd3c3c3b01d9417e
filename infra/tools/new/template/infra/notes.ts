import { secureTable } from "../../../../components/secure-table";

/**
 * The table of notes. A note expires if it has `expiresAt`, in epoch seconds.
 * Index keys must begin with the tenant, too.
 */
export function notesTable() {
  return secureTable("Notes", {
    fields: { pk: "string", sk: "string" },
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    ttl: "expiresAt",
  });
}
