import { contract } from "@backend/platform/api/contract";

/** Defines the operations of the sample noun: the generated noun imports core's own. */
export const operation = contract({
  // #region permissions
  "notes/write": { description: "Create, replace and delete notes", group: "notes", perTenant: true },
  "notes/read": { description: "Read notes", perTenant: true },
  // #endregion permissions
});
