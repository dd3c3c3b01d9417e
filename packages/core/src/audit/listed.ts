/** The fields of an event in a list. The table's indexes project them. */
export const LISTED = ["id", "action", "actor", "targets", "outcome", "occurredAt", "recordedAt", "requestId"] as const;
