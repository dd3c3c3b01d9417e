/** What a list shows of an event: also what the indexes of the table hold beside their keys. */
export const LISTED = ["id", "action", "actor", "targets", "outcome", "occurredAt", "recordedAt", "requestId"] as const;
